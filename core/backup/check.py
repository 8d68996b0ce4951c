"""What SQLite says of the databases of a restore point, at once or later.

A restore point that is taken while the program is down is published before SQLite has checked it:
every stored byte was read back by then.  The check follows as soon as the program runs, and its
verdict takes the place of the manifest without it; until then nobody is told that one can go back
to it, and retention does not count on it.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Container, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw

from core.backup.facts import BY_TREES_BYTES, Checked, check_copy, read_facts, read_restored
from core.backup.models import DatabaseFacts, RestorePoint, StoredFile
from core.backup.sparse import SparseCopy, facts_of_changed
from core.backup.store import Chunks, Store
from core.backup.store.ahead import THREADS
from core.backup.store.writing import previous_digests
from core.base.cleanup import attempt, concluding
from core.base.config.models import Settings, VersionSettings
from core.base.files import private_folder, temporary_folder
from core.base.model import Model
from core.base.operation import Context, Kind, OperationError, Unit
from core.base.owner import lower_priority
from core.base.process import run_in_process
from core.base.text import translate

log = logging.getLogger(__name__)
ROOM = 1.5
"""A copy is written out for the check where this many times its size is free …"""
SPARE_BYTES = 256 * 1024 * 1024
"""… and so much more."""
WHOLE_CHECK_EVERY = timedelta(days=1)
"""After this time what did not change is checked, too: a fault of the disk in the meantime."""


def check_pending(context: Context, settings: Settings) -> tuple[RestorePoint, ...]:
    """Let SQLite check what was published without; return these restore points, oldest first.

    Harmless where there are none.  Raises `OperationError` and `Damage` where one cannot be read;
    it stays unchecked.
    """
    store = Store(settings.store)
    if not store.exists:
        return ()
    pending = [listed.point.id for listed in store.listed() if not listed.checked]
    return tuple(check_point(context, settings, point_id) for point_id in reversed(pending))


@dataclass(frozen=True)
class CheckPending:
    """Let SQLite check what was saved without."""

    settings: Settings
    kind: Kind = Kind.BACKUP_VERIFY

    def run(self, context: Context) -> CheckedLater:
        """Return the restore points that were checked."""
        checked = check_pending(context, self.settings)
        return CheckedLater(
            ok=all(point.sound for point in checked), points=tuple(point.id for point in checked)
        )


class CheckedLater(Model):
    """Restore points that were checked after they were saved, by id, and whether all are sound."""

    ok: bool
    points: tuple[str, ...]


def check_point(context: Context, settings: Settings, point_id: str) -> RestorePoint:
    """Let SQLite check the restore point *point_id*, and return it with what was found."""
    try:
        return run_in_process(_check, context, settings.store, settings.program.version, point_id)
    finally:
        attempt(Store(settings.store).sweep)


def _check(
    context: Context, root: Path, version: VersionSettings | None, point_id: str
) -> RestorePoint:
    lower_priority()
    store = Store(root)
    with store.exclusive(context):
        point = store.get(point_id).point
        earlier = _before(store, point)
        chunks = store.chunks()
        with concluding(chunks.close), scratch_copies(context, store, chunks) as copies:
            files = tuple(
                described_file(context, store, copies, file, point.files, earlier)
                if file.name in point.unchecked
                else file
                for file in point.files
            )
        checked = point.model_copy(
            update={
                "files": files,
                "unchecked": (),
                "program_version": point.program_version or program_version(version, store, files),
            }
        )
        store.replace(checked)
    return checked


def _before(store: Store, point: RestorePoint) -> RestorePoint | None:
    """Return the restore point made before *point*."""
    listed = store.listed()
    ids = [item.point.id for item in listed]
    older = listed[ids.index(point.id) + 1 :]
    try:
        return store.get(older[0].point.id).point if older else None
    except OperationError:
        return None  # its manifest is damaged; this one is checked whole


def described_file(
    context: Context,
    store: Store,
    copies: ScratchCopies,
    file: StoredFile,
    stored: Sequence[StoredFile],
    earlier: RestorePoint | None,
) -> StoredFile:
    """Return *file*, a database among *stored*, with its facts, read where it has none.

    Where the restore point *earlier* was sound, and SQLite checked all of the database less than
    a day ago, only what changed since is checked.
    """
    if file.database is not None:
        return file
    context.progress(
        0, file.size, Unit.BYTES, translate("snapshot", "Checking {name}", name=file.name)
    )
    wal = next((part for part in stored if part.name == f"{file.name}-wal"), None)
    began = datetime.now(UTC)
    if wal is not None:
        return _described(file, Checked(_facts_of_pair(context, copies, file, wal), None), began)
    copy = copies.of(file)
    if copy is not None:
        try:
            return _by_copy(context, copies, copy, file, earlier)
        except OSError as error:
            copies.give_up(copy, error)
    return _described(file, Checked(_facts_in_store(context, store, file), None), began)


def _by_copy(
    context: Context,
    copies: ScratchCopies,
    copy: SparseCopy,
    file: StoredFile,
    earlier: RestorePoint | None,
) -> StoredFile:
    previous = _sound_before(earlier, file.name)
    if previous is not None:
        checked = facts_of_changed(context, copies.chunks, copy, file, previous)
        if checked is not None:
            return _described(file, checked, previous.whole)
    began = datetime.now(UTC)
    copy.need_all()
    return _described(file, check_copy(context, copy.path), began)


def _described(file: StoredFile, checked: Checked, whole: datetime | None) -> StoredFile:
    overflowing = None if checked.overflowing is None else tuple(sorted(checked.overflowing))
    return file.model_copy(
        update={"database": checked.facts, "whole": whole, "overflowing": overflowing}
    )


def _sound_before(earlier: RestorePoint | None, name: str) -> StoredFile | None:
    """Return the database *name* as it was in *earlier*, where its check still counts."""
    files = {file.name: file for file in earlier.files} if earlier is not None else {}
    file = files.get(name)
    if file is None or f"{name}-wal" in files or file.size < BY_TREES_BYTES:
        return None
    return file if checked_lately(file) else None


def checked_lately(file: StoredFile) -> bool:
    """Whether SQLite has checked all of *file* less than a day ago and found it sound."""
    if file.database is None or not file.database.sound or file.whole is None:
        return False
    # A clock that was put back makes the whole check due, no more.
    return timedelta() <= datetime.now(UTC) - file.whole < WHOLE_CHECK_EVERY


class ScratchCopies:
    """Private copies of the databases of a restore point, for their check; see `scratch_copies`."""

    def __init__(
        self, context: Context, store: Store, chunks: Chunks, folder: Path,
        threads: ThreadPoolExecutor, files: ExitStack,
    ) -> None:  # fmt: skip
        self.chunks = chunks
        self._context = context
        self._store = store
        self._folder = folder
        self._threads = threads
        self._files = files
        self._copies: dict[str, SparseCopy] = {}
        self._given_up: set[str] = set()
        self._promised = 0
        self._places: dict[bytes, list[tuple[SparseCopy, int]]] = {}

    def expect(self, file: StoredFile, digests: list[bytes], coming: Container[bytes]) -> None:
        """Begin a copy of *file*, of whose chunks those *coming* will be put into it."""
        if file.name in self._given_up or not self._has_room(file):
            return
        copy = self.new(file, digests)
        self._copies[file.name] = copy
        self._promised += file.size
        for number, digest in enumerate(digests):
            if digest in coming:
                self._places.setdefault(digest, []).append((copy, number))

    def new(self, file: StoredFile, digests: list[bytes]) -> SparseCopy:
        """Return a copy of *file* that holds nothing yet, whatever room there is."""
        path = self._folder / file.name
        target = self._files.enter_context(path.open("xb+"))
        return SparseCopy(
            self._context, self.chunks, digests, file.size, path, target, self._threads
        )

    def put(self, digest: bytes, content: bytes) -> None:
        """Put the chunk *digest* wherever it is expected."""
        for copy, number in self._places.get(digest, ()):
            if copy.path.name not in self._given_up:
                try:
                    copy.put(number, content)
                except OSError as error:
                    self.give_up(copy, error)

    def of(self, file: StoredFile) -> SparseCopy | None:
        """Return the copy of *file*; None where there is no room.  Raises `Damage`."""
        if file.name not in self._copies:
            self.expect(file, previous_digests(self.chunks, file), ())
        return self._copies.get(file.name)

    def give_up(self, copy: SparseCopy, error: OSError) -> None:
        """Do without *copy*, for which the disk has no room after all."""
        name = copy.path.name
        log.warning("%s is checked in the store itself: %s", name, error)
        self._given_up.add(name)
        self._copies.pop(name, None)
        attempt(copy.abandon)

    def _has_room(self, file: StoredFile) -> bool:
        """Whether *file* fits beside what was promised to other copies, which may be empty yet."""
        free = shutil.disk_usage(self._store.root).free
        return free > (self._promised + file.size) * ROOM + SPARE_BYTES


@contextmanager
def scratch_copies(context: Context, store: Store, chunks: Chunks) -> Iterator[ScratchCopies]:
    """Yield where copies of what *chunks* hold are made; they are gone at the end."""
    with (
        temporary_folder("pair-", private_folder(store.root / "scratch")) as folder,
        ThreadPoolExecutor(THREADS) as threads,
        ExitStack() as files,
    ):
        yield ScratchCopies(context, store, chunks, folder, threads, files)


def _facts_of_pair(
    context: Context, copies: ScratchCopies, file: StoredFile, wal: StoredFile
) -> DatabaseFacts:
    """Read the facts from a copy with the ``-wal`` that belongs to it, whatever room there is."""
    parts = [copies.new(part, previous_digests(copies.chunks, part)) for part in (file, wal)]
    for part in parts:
        part.need_all()
        part.close()  # SQLite recovers the database, and removes its -wal
    return read_restored(context, parts[0].path)


def _facts_in_store(context: Context, store: Store, file: StoredFile) -> DatabaseFacts:
    """Read the facts of a stored database from the store itself: slower, but it takes no room."""
    connection = store.open_database(file)
    with concluding(connection.close):
        return read_facts(context, connection)


def program_version(
    version: VersionSettings | None, store: Store, files: Sequence[StoredFile]
) -> str | None:
    """Return what the program calls its own version, where it keeps that in a database."""
    for file in files if version is not None else ():
        tables = {table.name for table in file.facts.tables} if file.facts else set()
        if version is not None and version.table in tables:
            connection = store.open_database(file)
            try:
                found = connection.execute(version.query).fetchone()
            except apsw.Error:
                return None
            finally:
                attempt(connection.close)
            return str(found[0]) if found and found[0] is not None else None
    return None
