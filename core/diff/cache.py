"""Keeps the last comparison, so that its rows can be looked at as they were compared.

In the console's own folder (or, where its disk has no room, among the system's temporary files, for
as long as its process lives), readable by its owner only: where the rows that differ lie, and the
chunks of the live files that the restore point has not.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from core.base.config.models import Settings
from core.base.files import write_durably
from core.base.model import Model
from core.base.owner import owner_of
from core.base.scratch import COMPARISONS, Use, new_scratch, scratch_folders
from core.diff.database import TablePlan
from core.diff.sides import SPARE_BYTES, Captured

PLAN = "plan.json"


class Kept(Model):
    """What is kept of a comparison."""

    left: str
    right: str | None
    moment: datetime
    captured: dict[str, Captured]
    """The live files by name; empty when the right side is a restore point."""
    plans: dict[str, dict[str, TablePlan]]
    """By name of the database and folded name of the table; complete for each database."""


def new_folder(settings: Settings) -> Path:
    """Make a folder for a comparison, where there is room if anywhere."""
    return new_scratch(settings, Use.COMPARE, SPARE_BYTES)


def keep(settings: Settings, folder: Path, kept: Kept) -> None:
    """Complete the comparison in *folder* and let the others go."""
    write_durably(folder / PLAN, kept.model_dump_json().encode())
    for other in scratch_folders(settings, Use.COMPARE):
        if other != folder and (is_kept(settings, other) or not _in_use(other)):
            # Windows removes no file that somebody reads; the next comparison tries again.
            shutil.rmtree(other, ignore_errors=True)


def is_kept(settings: Settings, folder: Path) -> bool:
    """Whether *folder* holds a complete comparison of this workspace, which outlives its maker."""
    return folder.parent == settings.home / COMPARISONS and (folder / PLAN).exists()


def _in_use(folder: Path) -> bool:
    owner = owner_of(folder.name)
    return owner is not None and owner.alive


def find(
    settings: Settings, left: str, right: str | None, database: str
) -> tuple[Path, Kept] | None:
    """Return the kept comparison of two sides if it has *database*, and its folder."""
    for plan in (one / PLAN for one in scratch_folders(settings, Use.COMPARE)):
        try:
            kept = Kept.model_validate_json(plan.read_bytes())
        except (OSError, ValidationError):
            continue  # removed meanwhile, or of another version: it is made anew
        if (kept.left, kept.right) == (left, right) and database in kept.plans:
            return plan.parent, kept
    return None
