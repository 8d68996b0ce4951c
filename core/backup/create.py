"""Takes a snapshot: live files become a restore point that is complete, proven and durable."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import apsw

from core import __version__
from core.backup.capture import CapturedFile, CapturedSet, Moved, capture
from core.backup.check import (
    ScratchCopies,
    check_point,
    checked_lately,
    described_file,
    program_version,
    scratch_copies,
)
from core.backup.damage import tell_damage
from core.backup.models import (
    ListedPoint,
    Proof,
    Reason,
    RestorePoint,
    StoredFile,
)
from core.backup.store import Chunks, Damage, PackWriter, Store
from core.backup.store.ahead import BATCH, THREADS, ahead
from core.backup.store.chunks import decode
from core.backup.store.format import Entry
from core.backup.store.writing import Trust, write_file
from core.base.cleanup import attempt
from core.base.config.models import GuardedFile, Settings
from core.base.files import private_folder
from core.base.operation import Context, Kind, OperationError, Unit
from core.base.owner import lower_priority, user_at_host
from core.base.process import run_in_process
from core.base.text import Text, translate

TRIES = 3
# A first backup of price series compresses to 28 % of its size; room for one that does not.
SHARE_OF_NEW_DATA = 0.5
SHARE_OF_NEXT = 0.05
SPARE_BYTES = 16 * 1024 * 1024


def create_restore_point(
    context: Context, settings: Settings, reason: Reason, note: str = "", *, check: bool = True
) -> RestorePoint:
    """Take a restore point of the guarded files while the trading program writes.

    *check* False: what was stored is read back, but SQLite checks it later (`core.backup.check`);
    for the moments in which the program is down.  The caller holds the console's lock.  Raises
    `OperationError` with nothing left behind when the disk is too full, a file cannot be read or
    the result is not what was read.
    """
    return create_restore_point_from(
        context, settings, settings.files, reason, note, check=check
    )  # fmt: skip


def create_restore_point_from(
    context: Context,
    settings: Settings,
    files: Sequence[GuardedFile],
    reason: Reason,
    note: str = "",
    moment: datetime | None = None,
    *,
    check: bool = True,
) -> RestorePoint:
    """Like `create_restore_point`, of *files* that stand for the guarded ones of the same names."""
    store = Store.create(settings.store, context)
    store.sweep()
    _require_space(store, files)
    wanted = _Wanted(reason, note, moment, check)
    try:
        return run_in_process(_take, context, settings, tuple(files), wanted)
    except OSError as error:
        raise _failed(str(error)) from error
    except (Damage, apsw.Error) as error:
        raise _failed(str(error)) from error
    finally:
        attempt(store.sweep)


class _Wanted(NamedTuple):
    """What the new restore point is to say of itself, and whether it is checked at once."""

    reason: Reason
    note: str
    moment: datetime | None
    check: bool


def room_for(settings: Settings, files: Sequence[GuardedFile]) -> int:
    """Return how many bytes must be free in the store before a restore point of *files* is made."""
    return _room_for(Store(settings.store), files)


def room_for_next(files: Sequence[GuardedFile]) -> int:
    """Return how many more the one needs that is made right after it."""
    return round(live_bytes(files) * SHARE_OF_NEXT)


def _room_for(store: Store, files: Sequence[GuardedFile]) -> int:
    size = live_bytes(files)
    points = store.listed()
    first = not points or points[0].point.size < size // 2
    return SPARE_BYTES + round(size * (SHARE_OF_NEW_DATA if first else SHARE_OF_NEXT))


def live_bytes(files: Sequence[GuardedFile]) -> int:
    """Return how many bytes the live *files* are, with what lies in their ``-wal``."""
    paths = (Path(f"{file.path}{suffix}") for file in files for suffix in ("", "-wal"))
    return sum(path.stat().st_size for path in paths if path.is_file())


def _require_space(store: Store, files: Sequence[GuardedFile]) -> None:
    needed = _room_for(store, files)
    free = shutil.disk_usage(store.root).free
    if free < needed:
        raise OperationError(
            translate(
                "snapshot",
                "Not enough free space: about {needed_bytes} are needed, "
                "{free_bytes} are free in {path}.",
                needed_bytes=needed,
                free_bytes=free,
                path=store.root,
            ),
            data_state=translate("snapshot", "Nothing was written."),
            to_do=translate("snapshot", "Free some space or prune old restore points."),
        )


def _failed(why: str) -> OperationError:
    return OperationError(
        translate("snapshot", "The backup was not made: {why}", why=why),
        data_state=translate(
            "snapshot",
            "The trading program's data was only read; earlier restore points are as they were.",
        ),
        to_do=translate("snapshot", "Remove the cause, then back up again."),
    )


def new_id(moment: datetime) -> str:
    """Return an id for a restore point of *moment*; never the same twice."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y%m%dT%H%M%S}{utc.microsecond // 1000:03d}Z-{secrets.token_hex(3)}"


def _take(
    context: Context, settings: Settings, files: tuple[GuardedFile, ...], wanted: _Wanted
) -> RestorePoint:
    lower_priority()
    store = Store(settings.store)
    with store.exclusive(context):
        listed = store.listed()
        trust = _trust(listed)
        unreadable: dict[bytes, str] = {}
        for _ in range(TRIES):
            try:
                point = _try(context, settings, files, store, listed, trust, unreadable, wanted)
            except Moved:
                continue
            except Damage:
                if trust is Trust.NONE:
                    raise
                trust = Trust.NONE
                continue
            if wanted.note:
                store.annotate(point.id, note=wanted.note)
            if trust is not Trust.ALL:
                # Without it the next one reads more than it must, no more.
                attempt(store.annotate, point.id, proof=_proof(trust, listed))
            tell_damage(context, store, unreadable)
            return point
    raise _failed("a file that nobody seemed to write kept changing")


def _trust(listed: Sequence[ListedPoint]) -> Trust:
    """Return what a new restore point may rely on without reading it."""
    if not any(one.damaged for one in listed):
        return Trust.ALL
    return Trust.PREVIOUS if listed[0].proven else Trust.NONE


def _try(
    context: Context,
    settings: Settings,
    files: tuple[GuardedFile, ...],
    store: Store,
    listed: Sequence[ListedPoint],
    trust: Trust,
    unreadable: dict[bytes, str],
    wanted: _Wanted,
) -> RestorePoint:
    """Take the restore point; raises `Moved`, and `Damage` where *trust* was too great.

    What could not be read on the way comes into *unreadable*.
    """
    scratch = private_folder(store.root / "scratch")
    newest = _newest(store, listed)
    chunks = store.chunks()
    try:
        with ExitStack() as held:
            with store.new_pack(new_id(datetime.now(UTC))) as pack:
                with capture(context, files, scratch=scratch) as frozen:
                    _require_something(frozen)
                    written = _write(context, settings, newest, chunks, pack, frozen, trust)
                if chunks.unreadable and trust is not Trust.NONE:
                    raise Damage(min(chunks.unreadable.values()))  # it may not be the only one
                pack.finish()
                copies = held.enter_context(scratch_copies(context, store, chunks))
                new = frozenset(entry.digest for entry in pack.entries)
                pairs = {file.name.removesuffix("-wal") for file, _ in written
                         if file.name.endswith("-wal")}  # fmt: skip
                for file, digests in written if wanted.check else ():
                    alone = file.name not in pairs and file.database is None
                    if alone and settings.is_database(file.name):
                        copies.expect(file, digests, new)
                _read_back(context, pack, chunks, copies)
                pack.publish()
            chunks.moved(pack.path, pack.entries)
            stored = [file for file, _ in written]
            return _publish(
                context, settings, store, listed, newest, frozen, copies, stored, pack.size, wanted
            )
    finally:
        unreadable.update(chunks.unreadable)
        attempt(chunks.close)


def _newest(store: Store, listed: Sequence[ListedPoint]) -> RestorePoint | None:
    """Return what was made last, whole; None where there is nothing, or its manifest is damaged."""
    try:
        return store.get(listed[0].point.id).point if listed else None
    except OperationError:
        return None  # its chunks are found all the same


def _proof(trust: Trust, listed: Sequence[ListedPoint]) -> Proof:
    """Return since when everything that the new restore point needs has been read at least once.

    The next one may then rely on it, although damage is known of others.
    """
    notes = listed[0].annotations
    known = notes.quick or notes.full if trust is Trust.PREVIOUS else None
    return Proof(kind="quick", at=known.at if known else datetime.now(UTC), ok=True)


def _require_something(frozen: CapturedSet) -> None:
    if not frozen.files:
        raise _failed("none of the guarded files exists")


def _write(
    context: Context,
    settings: Settings,
    newest: RestorePoint | None,
    chunks: Chunks,
    pack: PackWriter,
    frozen: CapturedSet,
    trust: Trust,
) -> list[tuple[StoredFile, list[bytes]]]:
    """Put the files into *pack*; return each as it is stored, with the digests of its chunks."""
    earlier = {file.name: file for file in newest.files} if newest is not None else {}
    total = sum(file.size for file in frozen.files)
    done = 0

    def report(name: str) -> Text:
        return translate("snapshot", "Copying {name}", name=name)

    stored: list[tuple[StoredFile, list[bytes]]] = []
    for file in frozen.files:
        previous = earlier.get(file.name)

        def progress(count: int, name: str = file.name) -> None:
            nonlocal done
            done += count
            context.progress(done, total, Unit.BYTES, report(name))

        written = write_file(context, chunks, pack, file, previous, trust, progress)
        as_before = (
            # Facts are read later, from the result; equal bytes have equal facts, unless
            # they were of these bytes and a -wal together.
            file.is_database
            and previous is not None
            and previous.digest == written.digest
            and f"{file.name}-wal" not in earlier
            and (checked_lately(previous) or (previous.facts and not previous.facts.sound))
        )
        stored.append(
            (
                StoredFile(
                    name=file.name,
                    live_path=_live_path(settings, file),
                    size=file.size,
                    digest=written.digest,
                    index=written.blocks,
                    mode=file.mode,
                    database=previous.facts if as_before and previous else None,
                    whole=previous.whole if as_before and previous else None,
                    overflowing=previous.overflowing if as_before and previous else None,
                ),
                written.chunks,
            )
        )
    return stored


def _live_path(settings: Settings, file: CapturedFile) -> str:
    base = file.name.removesuffix("-wal")
    suffix = file.name[len(base) :]
    path = Path(f"{settings.file(base).known_as}{suffix}")
    try:
        return path.relative_to(settings.app).as_posix()
    except ValueError:
        return path.as_posix()


def _read_back(context: Context, pack: PackWriter, chunks: Chunks, copies: ScratchCopies) -> None:
    """Read every new chunk from the disk, compare it with its digest, and put it into *copies*."""
    total = sum(entry.raw for entry in pack.entries)
    done = 0

    def prove(entries: Sequence[Entry]) -> list[tuple[bytes, bytes]]:
        return [
            (
                entry.digest,
                decode(
                    pack.read_back(entry), entry, chunks.read(entry.base) if entry.depth else None
                ),
            )
            for entry in entries
        ]

    batches = (pack.entries[at : at + BATCH] for at in range(0, len(pack.entries), BATCH))
    with ThreadPoolExecutor(THREADS) as threads:
        proofs = (partial(prove, batch) for batch in batches)
        for proven in ahead(context, threads, proofs, 2 * THREADS):
            for digest, content in proven:
                copies.put(digest, content)
                done += len(content)
            context.progress(done, total, Unit.BYTES, translate("snapshot", "Reading back"))


def _publish(
    context: Context,
    settings: Settings,
    store: Store,
    listed: Sequence[ListedPoint],
    newest: RestorePoint | None,
    frozen: CapturedSet,
    copies: ScratchCopies,
    stored: list[StoredFile],
    added: int,
    wanted: _Wanted,
) -> RestorePoint:
    # What should be a database and is none has facts too: they say that it is not sound.
    to_describe = [
        file.name for file in stored if settings.is_database(file.name) and file.database is None
    ]
    unchecked = () if wanted.check else tuple(to_describe)
    described = [
        described_file(context, store, copies, file, stored, newest)
        if wanted.check and file.name in to_describe
        else file
        for file in stored
    ]
    point = RestorePoint(
        id=new_id(frozen.moment),
        created=frozen.moment,
        reason=wanted.reason,
        by=user_at_host(),
        program_version=program_version(settings.program.version, store, described),
        console_version=__version__,
        files=tuple(described),
        added_bytes=added,
        moment=wanted.moment,
        unchecked=unchecked,
    )
    context.check()
    return store.publish(point, listed)


@dataclass(frozen=True)
class CreateRestorePoint:
    """Back up now."""

    settings: Settings
    reason: Reason = Reason.MANUAL
    note: str = ""
    kind: Kind = Kind.BACKUP_CREATE

    def run(self, context: Context) -> RestorePoint:
        """Take the restore point.

        Where it is to be checked after, it is there already when it is not checked in the end: the
        schedule makes up for that.
        """
        before = self.settings.schedule.check == "before"
        point = create_restore_point(context, self.settings, self.reason, self.note, check=before)
        if before or not point.unchecked:
            return point
        with context.step("check", translate("snapshot", "Saved; SQLite checks it now")):
            return check_point(context, self.settings, point.id)
