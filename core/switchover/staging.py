"""Writes a restore point out beside the live files, where it waits to be swapped in."""

from __future__ import annotations

from pathlib import Path

from core.backup.materialise import materialise_all
from core.backup.models import ListedPoint
from core.base.config.models import Settings
from core.base.operation import Context
from core.base.owner import lower_priority
from core.base.process import run_in_process
from core.promote.engine import Replacement, staging_folder


def main_names(listed: ListedPoint) -> list[str]:
    """Return the names of the files of a restore point; what lies beside them goes with them."""
    names = (file.name for file in listed.point.files)
    return [name for name in names if not name.endswith("-wal")]


def stage_point(
    context: Context,
    settings: Settings,
    listed: ListedPoint,
    promote_id: str,
    *,
    gently: bool = False,
) -> list[Replacement]:
    """Stage a restore point, every byte compared; return what it is to replace.

    *gently*: the trading program's reading and writing goes first.  Raises `OperationError`.
    """
    names = {file.name for file in listed.point.files}
    destinations: dict[str, Path] = {}
    alike: dict[str, Path] = {}
    replacements = []
    for base in main_names(listed):
        live = settings.file(base).path
        folder = staging_folder(live, promote_id)
        suffixes = tuple(suffix for suffix in ("", "-wal") if f"{base}{suffix}" in names)
        for suffix in suffixes:
            destinations[f"{base}{suffix}"] = folder / f"{live.name}{suffix}"
        if live.is_file():
            alike[base] = live
        replacements.append(Replacement(name=base, live=live, suffixes=suffixes))
    write = _materialise_gently if gently else materialise_all
    run_in_process(write, context, settings.store, listed, destinations, alike)
    return replacements


def _materialise_gently(
    context: Context,
    store_root: Path,
    listed: ListedPoint,
    destinations: dict[str, Path],
    alike: dict[str, Path],
) -> None:
    lower_priority()
    materialise_all(context, store_root, listed, destinations, alike)
