"""Keeps the last comparison, so that its rows can be looked at as they were compared.

In the console's own folder, readable by its owner only: where the rows that differ lie, and the
chunks of the live files that the restore point has not.
"""

from __future__ import annotations

import secrets
import shutil
import time
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from core.compare.database import TablePlan
from core.compare.sides import Captured
from core.config.models import Settings
from core.files import private_folder, write_durably

FOLDER = "compare"
PLAN = "plan.json"
# A comparison that is still without its plan after so many seconds was cut off.
ABANDONED_SECONDS = 24 * 3600


class Kept(BaseModel):
    """What is kept of a comparison."""

    model_config = ConfigDict(frozen=True)

    left: str
    right: str | None
    moment: datetime
    captured: dict[str, Captured]
    """The live files by name; empty when the right side is a restore point."""
    plans: dict[str, dict[str, TablePlan]]
    """By name of the database and folded name of the table; complete for each database."""


def new_folder(settings: Settings) -> Path:
    """Make a folder for a comparison."""
    return private_folder(settings.home / FOLDER / secrets.token_hex(8))


def keep(folder: Path, kept: Kept) -> None:
    """Complete the comparison in *folder* and let the others go."""
    write_durably(folder / PLAN, kept.model_dump_json().encode())
    for other in folder.parent.iterdir():
        if other != folder and ((other / PLAN).exists() or _age(other) > ABANDONED_SECONDS):
            # Windows removes no file that somebody reads; the next comparison tries again.
            shutil.rmtree(other, ignore_errors=True)


def _age(folder: Path) -> float:
    try:
        return time.time() - folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def find(
    settings: Settings, left: str, right: str | None, database: str
) -> tuple[Path, Kept] | None:
    """Return the kept comparison of two sides if it has *database*, and its folder."""
    for plan in (settings.home / FOLDER).glob(f"*/{PLAN}"):
        try:
            kept = Kept.model_validate_json(plan.read_bytes())
        except (OSError, ValidationError):
            continue  # removed meanwhile, or of another version: it is made anew
        if (kept.left, kept.right) == (left, right) and database in kept.plans:
            return plan.parent, kept
    return None
