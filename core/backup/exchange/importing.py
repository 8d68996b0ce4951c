"""Takes ordinary database files in as restore points, after proving that they are sound.

Every file is copied into the console's own folder first, with its ``-wal`` or rollback journal,
so that SQLite may recover the copy and the source stays as it is.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import apsw

from core.backup.create import create_restore_point_from
from core.backup.exchange.sources import BESIDE, Source, SourceFile, find_sources, refused
from core.backup.models import Reason, RestorePoint
from core.base.cleanup import attempt
from core.base.config.models import GuardedFile, Settings
from core.base.databases import HEADER
from core.base.files import file_of, is_regular, open_regular
from core.base.folders import Use, scratch_folder
from core.base.model import Strict
from core.base.operation import Context, Kind, OperationError, Unit
from core.base.process import run_in_process
from core.base.sqlite import STEPS_BETWEEN_CHECKS, open_own
from core.base.text import translate

PIECE = 1024 * 1024


class Imported(Strict):
    """What was imported, oldest first."""

    points: tuple[RestorePoint, ...]
    left_out: tuple[str, ...]
    """Databases in the source that are not among the guarded ones."""


@dataclass(frozen=True)
class ImportRestorePoint:
    """Take a folder of exported files, or loose backups, in as restore points."""

    settings: Settings
    source: Path
    note: str = ""
    kind: Kind = Kind.BACKUP_IMPORT

    def run(self, context: Context) -> Imported:
        """Return the restore points made.

        Of several states every sound one is imported; then `OperationError` names those that
        were not.
        """
        found = find_sources(self.settings, self.source)
        points: list[RestorePoint] = []
        failures: list[OperationError] = []
        for source in found.sources:
            try:
                points.append(self._import(context, source))
            except OperationError as error:
                failures.append(error)
        if failures and len(found.sources) == 1:
            raise failures[0]
        if failures:
            raise OperationError(
                translate(
                    "snapshot",
                    "{failed} of {all} states were not imported: {why}",
                    failed=len(failures),
                    all=len(found.sources),
                    why=" ".join(str(error.happened) for error in failures),
                ),
                data_state=translate(
                    "snapshot",
                    "{count} restore points were made; the live data was not touched.",
                    count=len(points),
                ),
                to_do=translate("snapshot", "Look for another copy of these files."),
            )
        return Imported(points=tuple(points), left_out=found.left_out)

    def _import(self, context: Context, source: Source) -> RestorePoint:
        try:
            with scratch_folder(self.settings, Use.IMPORT, _size(source)) as folder:
                return self._import_by(context, source, folder)
        except (OSError, apsw.Error) as error:
            raise refused(
                translate("snapshot", "The files could not be copied: {why}", why=str(error))
            ) from error

    def _import_by(self, context: Context, source: Source, folder: Path) -> RestorePoint:
        _require_space(folder, source)
        files = run_in_process(_stage, context, self.settings, source, folder)
        return create_restore_point_from(
            context,
            self.settings,
            files,
            Reason.IMPORTED,
            self.note or source.note,
            source.moment,
        )


def _parts(file: SourceFile) -> list[tuple[str, Path]]:
    """Return the file and what belongs to it, each with the end of its name."""
    beside = [(suffix, Path(f"{file.path}{suffix}")) for suffix in BESIDE]
    return [("", file.path), *((suffix, path) for suffix, path in beside if is_regular(path))]


def _size(source: Source) -> int:
    return sum(path.stat().st_size for file in source.files for _, path in _parts(file))


def _require_space(folder: Path, source: Source) -> None:
    needed = _size(source)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise refused(
            translate(
                "snapshot",
                "Not enough free space: about {needed_bytes} are needed, "
                "{free_bytes} are free in {path}.",
                needed_bytes=needed,
                free_bytes=free,
                path=folder,
            )
        )


def _stage(context: Context, settings: Settings, source: Source, folder: Path) -> list[GuardedFile]:
    """Copy the files of *source* into *folder* and prove each; raises `OperationError`."""
    total = sum(path.stat().st_size for file in source.files for _, path in _parts(file))
    done = 0

    def progress(count: int) -> None:
        nonlocal done
        context.check()
        done += count
        context.progress(done, total, Unit.BYTES, translate("snapshot", "Copying files"))

    staged = []
    for file in source.files:
        guarded = settings.file(file.name)
        copy = folder / f"{file.name}.copy"
        for suffix, path in _parts(file):
            digest = _copy(path, Path(f"{copy}{suffix}"), progress)
            if not suffix and file.sha256 is not None and digest != file.sha256.lower():
                raise refused(
                    translate(
                        "snapshot", "The bytes of {path} do not match its manifest.", path=path
                    )
                )
        if guarded.kind == "database":
            _prove(context, file, copy)
        # A copy from a read-only medium must not come back read-only.
        copy.chmod(guarded.path.stat().st_mode & 0o777 if guarded.path.is_file() else 0o600)
        staged.append(GuardedFile(name=file.name, path=copy, kind=guarded.kind))
    return staged


def _copy(source: Path, destination: Path, progress: Callable[[int], None]) -> str:
    """Copy a file and return its SHA-256, hexadecimal."""
    hasher = hashlib.sha256()
    with file_of(open_regular(source), "rb") as incoming, destination.open("xb") as outgoing:
        os.chmod(destination, 0o600)  # noqa: PTH101 (of the file just made)
        while piece := incoming.read(PIECE):
            hasher.update(piece)
            outgoing.write(piece)
            progress(len(piece))
    return hasher.hexdigest()


def _prove(context: Context, file: SourceFile, copy: Path) -> None:
    """Let SQLite recover *copy* and check it; raises `OperationError`."""
    with copy.open("rb") as opened:
        if opened.read(len(HEADER)) != HEADER:
            raise refused(translate("snapshot", "{path} is no SQLite database.", path=file.path))
    context.progress(
        0, None, Unit.BYTES, translate("snapshot", "Checking {name}", name=file.path.name)
    )
    connection = open_own(copy)

    def ask() -> bool:
        context.check()
        return False

    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection.set_progress_handler(ask, STEPS_BETWEEN_CHECKS)
        (tables,) = connection.execute(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' "
            "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        ).fetchall()[0]
        lines = connection.execute("PRAGMA integrity_check(3)").fetchall()
    except (apsw.NotADBError, apsw.CorruptError, apsw.SQLError) as error:
        raise _unsound(file, str(error)) from error
    finally:
        attempt(connection.close)
    if tables == 0:
        raise refused(translate("snapshot", "{path} holds no table.", path=file.path))
    if lines != [("ok",)]:
        raise _unsound(file, str(lines[0][0]))


def _unsound(file: SourceFile, why: str) -> OperationError:
    return refused(translate("snapshot", "{path} is damaged: {why}", path=file.path, why=why))
