"""Opens every file in its way and holds all of them as of one moment."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path
from typing import NamedTuple

import apsw

from core.backup.capture.settle import SettledCopy, settle
from core.backup.capture.sources import (
    CapturedFile,
    Damaged,
    FileAtRest,
    HeldCopy,
    Hot,
    LiveWal,
    Moved,
    Stamp,
)
from core.backup.capture.walindex import Overwritten, WalIndex
from core.base.config.models import GuardedFile
from core.base.databases import HEADER
from core.base.open_files import family, holders
from core.base.operation import Context, OperationError
from core.base.sqlite import leftover_journal
from core.base.text import translate

READS_RAW = os.name == "posix"
"""Whether frames of a WAL are read raw; on Windows SQLite copies what a transaction sees."""
# One try takes about 0.04 ms, so these are over before a person notices.
CUT_TRIES = 2_000
LOAD_TRIES = 50


class CapturedSet(NamedTuple):
    """The guarded files as of `moment`; ``missing`` names those that do not exist."""

    moment: datetime
    files: tuple[CapturedFile, ...]
    missing: tuple[str, ...]


class _Way(Enum):
    LIVE_WAL = auto()
    AT_REST = auto()
    SETTLE = auto()
    HELD_COPY = auto()
    AS_BYTES = auto()
    MISSING = auto()


def _header(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(100)


def _way(file: GuardedFile, *, hot: bool) -> _Way:
    if not file.path.is_file():
        return _Way.MISSING
    if not file.path.is_file():
        raise OSError(f"{file.path}: it is no regular file")
    return _way_of_database(file.path, hot=hot) if file.kind == "database" else _Way.AS_BYTES


def _way_of_database(path: Path, *, hot: bool) -> _Way:
    header = _header(path)
    if not header:
        # SQLite throws away the -wal of such a file as soon as it opens it, a reader's as well.
        return _Way.SETTLE if _has_wal(path) else _Way.AT_REST
    known = header.startswith(HEADER)
    wal_mode = known and header[18:20] == b"\2\2"
    # Of a database in rollback mode SQLite itself tells whether it is hot, and leaves no trace.
    if (hot or wal_mode or not known) and leftover_journal(path):
        return _Way.SETTLE
    if wal_mode:
        return _way_of_wal(path)
    return _Way.HELD_COPY if known else _Way.AS_BYTES


def _way_of_wal(path: Path) -> _Way:
    if Path(f"{path}-shm").exists() and Path(f"{path}-wal").exists():
        return _Way.LIVE_WAL if READS_RAW else _Way.HELD_COPY
    return _Way.SETTLE if _has_wal(path) else _Way.AT_REST


def _has_wal(path: Path) -> bool:
    wal = Stamp.of(Path(f"{path}-wal"))
    return wal is not None and wal.size > 0


@contextmanager
def capture(
    context: Context, files: Sequence[GuardedFile], *, scratch: Path
) -> Iterator[CapturedSet]:
    """Hold *files* still as of one moment and yield them for reading.

    Private copies, where a way needs one, are made in *scratch* and removed.  Raises
    `OperationError` when the files cannot be read or no common moment is found, and `Moved`
    at the end when a file thought to be at rest was written meanwhile: what was read is then
    worth nothing, and the caller begins again.
    """
    with ExitStack() as stack:
        frozen = _hold(context, files, scratch, stack)
        yield frozen
        for file in frozen.files:
            if isinstance(file, FileAtRest | LiveWal):
                file.prove()


def _hold(
    context: Context, files: Sequence[GuardedFile], scratch: Path, stack: ExitStack
) -> CapturedSet:
    damaged: set[str] = set()
    hot: set[str] = set()
    for _ in range(LOAD_TRIES):
        context.check()
        with ExitStack() as attempt:
            try:
                frozen = _hold_once(files, damaged, hot, scratch, attempt)
            except Damaged as found:
                damaged.add(found.name)
                continue
            except Hot as found:
                hot.add(found.name)
                continue
            except (Overwritten, Moved, FileNotFoundError):
                continue
            except (apsw.BusyError, apsw.LockedError) as error:
                raise _locked(files) from error
            except (apsw.Error, OSError) as error:
                raise _unreadable(error) from error
            stack.enter_context(attempt.pop_all())
            return frozen
    raise _no_moment()


def _hold_once(
    files: Sequence[GuardedFile],
    damaged: set[str],
    hot: set[str],
    scratch: Path,
    stack: ExitStack,
) -> CapturedSet:
    lives: list[LiveWal] = []
    helds: list[HeldCopy] = []
    resting: list[FileAtRest] = []
    settled: list[SettledCopy] = []
    missing: list[str] = []
    for file in files:
        way = _Way.AS_BYTES if file.name in damaged else _way(file, hot=file.name in hot)
        match way:
            case _Way.MISSING:
                missing.append(file.name)
            case _Way.LIVE_WAL:
                lives.append(stack.enter_context(closing(LiveWal(file.name, file.path))))
            case _Way.HELD_COPY:
                helds.append(stack.enter_context(closing(HeldCopy(file.name, file.path))))
            case _Way.SETTLE:
                settled.append(stack.enter_context(closing(settle(file.name, file.path, scratch))))
            case _Way.AT_REST:
                resting.append(stack.enter_context(closing(_at_rest(file))))
            case _Way.AS_BYTES:
                resting += [stack.enter_context(closing(part)) for part in _as_bytes(file)]
    moment, indexes = _begin_together(lives, helds)
    for held in helds:
        copy = held.copy(scratch / f"{held.name}.held")
        resting.append(stack.enter_context(closing(copy)))
    for live, index in zip(lives, indexes, strict=True):
        live.load(index)
    for at_rest in resting:
        at_rest.prove()
    for one in settled:
        one.prove_moment()
    place = {file.name: number for number, file in enumerate(files)}
    found: list[CapturedFile] = [*lives, *resting, *settled]
    found.sort(key=lambda one: (place[one.name.removesuffix("-wal")], one.name))
    return CapturedSet(moment, tuple(found), tuple(missing))


def _begin_together(
    lives: Sequence[LiveWal], helds: Sequence[HeldCopy]
) -> tuple[datetime, list[WalIndex]]:
    """Begin all read transactions so that nobody committed between the first and the last.

    Returns the moment and, for each of *lives*, the wal-index header of that moment.
    """
    sources: list[HeldCopy | LiveWal] = [*helds, *lives]
    for _ in range(CUT_TRIES):
        before = [index for live in lives if (index := live.index()) is not None]
        seen = [held.index() for held in helds]
        for source in sources:
            source.begin()
        moment = datetime.now(UTC)
        if before == [live.index() for live in lives] and seen == [one.index() for one in helds]:
            return moment, before
        for source in sources:
            source.release()
    raise _no_moment()


def _at_rest(file: GuardedFile) -> FileAtRest:
    return FileAtRest(file.name, file.path, is_database=True, watch=Path(f"{file.path}-wal"))


def _as_bytes(file: GuardedFile) -> list[FileAtRest]:
    wal = Path(f"{file.path}-wal")
    parts = [FileAtRest(file.name, file.path, is_database=False)]
    if file.kind == "database" and wal.exists() and wal.stat().st_size:
        parts.append(FileAtRest(f"{file.name}-wal", wal, is_database=False))
    return parts


def _unreadable(error: Exception) -> OperationError:
    return OperationError(
        translate("snapshot", "The live files could not be read: {why}", why=str(error)),
        data_state=translate("snapshot", "The trading program's data was only read."),
        to_do=translate("snapshot", "Look at the databases' state with 'status', then try again."),
    )


def _locked(files: Sequence[GuardedFile]) -> OperationError:
    """Return the failure that names who has the files open: one of them holds the lock."""
    main = {os.path.realpath(member): file.name for file in files for member in family(file.path)}
    who = [
        f"{holder.name} ({holder.pid}): {', '.join(sorted({main[path] for path in holder.paths}))}"
        for holder in holders([file.path for file in files], helpers=True)
    ]
    return OperationError(
        translate(
            "snapshot",
            "A program keeps a database locked. Open in: {who}",
            who="; ".join(who) or "?",
        ),
        data_state=translate("snapshot", "The trading program's data was only read."),
        to_do=translate(
            "snapshot", "Let the program that holds the lock finish, or close it; then try again."
        ),
    )


def _no_moment() -> OperationError:
    return OperationError(
        translate("snapshot", "No single moment was found at which all databases stood still."),
        data_state=translate("snapshot", "The trading program's data was only read."),
        to_do=translate("snapshot", "Try again when the program writes less."),
    )
