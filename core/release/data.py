"""The data's part of a deployment: a restore point staged beside what is live, and swapped in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.backup.materialise import materialise_all
from core.backup.store import Store
from core.base.cleanup import attempt
from core.base.config.models import Settings
from core.base.operation import Context
from core.base.process import run_in_process
from core.promote import (
    Fingerprint,
    Parked,
    Replacement,
    discard_staged,
    promote,
    staging_folder,
)


@dataclass(frozen=True)
class StagedData:
    """A restore point, written out beside the live files and compared byte by byte."""

    promote_id: str
    replacements: tuple[Replacement, ...]


def stage_data(context: Context, settings: Settings, point_id: str, promote_id: str) -> StagedData:
    """Stage a restore point; raises `OperationError` or `Cancelled` with nothing left behind.

    What is live and was not there at that moment is to go.
    """
    listed = Store(settings.store).get(point_id)
    names = {file.name for file in listed.point.files}
    destinations: dict[str, Path] = {}
    replacements = []
    try:
        for file in settings.files:
            suffixes = tuple(suffix for suffix in ("", "-wal") if f"{file.name}{suffix}" in names)
            if not suffixes:
                if file.path.is_file():
                    replacements.append(Replacement(name=file.name, live=file.path, suffixes=()))
                continue
            folder = staging_folder(file.path, promote_id)
            for suffix in suffixes:
                destinations[f"{file.name}{suffix}"] = folder / f"{file.path.name}{suffix}"
            replacements.append(Replacement(name=file.name, live=file.path, suffixes=suffixes))
        run_in_process(materialise_all, context, settings.store, listed, destinations)
    except BaseException:
        attempt(discard_data, settings, promote_id)
        raise
    return StagedData(promote_id, tuple(replacements))


def discard_data(settings: Settings, promote_id: str) -> None:
    """Remove what was staged and not swapped in."""
    discard_staged(settings, [file.path for file in settings.files], promote_id)


def swap_data(
    settings: Settings, staged: StagedData, expected: Fingerprint, *, goes_back: bool = False
) -> Parked:
    """Make the staged data live and return what it replaced; nobody may hold the files.

    *expected*: as the live files were when they were last seen.  *goes_back*: it was live before
    this deployment began.
    """
    return promote(settings, staged.promote_id, staged.replacements, expected, goes_back=goes_back)
