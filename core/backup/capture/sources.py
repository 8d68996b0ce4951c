"""The ways in which one file is held still while it is read.

Every source is opened in two strokes: `__init__` opens descriptors, `hold` makes the content
stand still.  `close` undoes both, connection first, descriptors last, because closing any
descriptor of a database drops every POSIX lock that this process has on it.
"""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock
from typing import NamedTuple, Protocol

import apsw

from core.backup.capture.walindex import Frames, Overwritten, WalIndex, read_wal_index
from core.base.cleanup import attempt
from core.base.sqlite import PENDING_BYTE, is_hot, open_live

_BINARY = getattr(os, "O_BINARY", 0)


class Moved(Exception):  # noqa: N818 (a reason to begin again, not an error)
    """A file that was taken to be at rest changed while it was read."""


class Hot(Exception):  # noqa: N818 (a reason to go another way, not an error)
    """Beside the database called `name` lies the journal of a writer that died."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Damaged(Exception):  # noqa: N818 (a reason to preserve the bytes, not an error)
    """SQLite cannot read the database called `name`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class CapturedFile(Protocol):
    """One file whose content stands still: `size` bytes to be `read` from several threads."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def path(self) -> Path: ...  # noqa: D102
    @property
    def size(self) -> int: ...  # noqa: D102
    @property
    def mode(self) -> int: ...  # noqa: D102
    @property
    def is_database(self) -> bool: ...  # noqa: D102
    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes from *offset*, fewer than *length* only at the end."""
        ...


class Stamp(NamedTuple):
    """What tells that nobody wrote a file: its identity, size in bytes and time of change."""

    inode: int
    size: int
    modified_ns: int

    @classmethod
    def of(cls, path: Path) -> Stamp | None:
        """Return the stamp of *path*, None where there is no file."""
        try:
            found = path.stat()
        except FileNotFoundError:
            return None
        return cls(found.st_ino, found.st_size, found.st_mtime_ns)


def pread(descriptor: int, length: int, offset: int) -> bytes:
    """Read *length* bytes at *offset*, fewer only at the end of the file."""
    if hasattr(os, "pread"):
        return os.pread(descriptor, length, offset)
    os.lseek(descriptor, offset, os.SEEK_SET)  # Windows; whoever shares it takes turns
    return os.read(descriptor, length)


class FileAtRest:
    """A file that nobody writes, read as it is; `prove` shows afterwards that it was so."""

    def __init__(self, name: str, path: Path, *, is_database: bool, watch: Path | None = None):
        """Open *path*; *watch* is the file whose coming or changing means that it moved."""
        self.name = name
        self.path = path
        self.is_database = is_database
        self._watch = watch
        self._turn = Lock()
        self._stamps = self._look()
        self._file = os.open(path, os.O_RDONLY | _BINARY)
        status = os.fstat(self._file)
        self.size = status.st_size
        self.mode = status.st_mode & 0o777

    def _look(self) -> tuple[Stamp | None, Stamp | None]:
        watched = Stamp.of(self._watch) if self._watch else None
        # An empty -wal holds nothing: it may come and go.
        return Stamp.of(self.path), watched if watched and watched.size else None

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the file; several threads may ask."""
        if hasattr(os, "pread"):
            return os.pread(self._file, length, offset)
        with self._turn:  # a descriptor has one position, and another thread would move it
            return pread(self._file, length, offset)

    def prove(self) -> None:
        """Raise `Moved` when the file was written since it was opened."""
        if self._look() != self._stamps:
            raise Moved

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self._file)


class PrivateCopy(FileAtRest):
    """A copy in the scratch folder, read instead of the live file and removed at the end."""

    def __init__(
        self, name: str, live: Path, copy: Path, mode: int, *, is_database: bool = True
    ) -> None:
        """Offer *copy* as the content of *live*."""
        super().__init__(name, copy, is_database=is_database)
        self._copy = copy
        self.path = live
        self.mode = mode

    def prove(self) -> None:
        """Nothing to prove: nobody knows the copy."""

    def close(self) -> None:
        """Remove the copy."""
        super().close()
        attempt(self._copy.unlink)


class LiveWal:
    """A database in WAL mode that other processes write, held by a read transaction.

    While the transaction is open, the checkpointer may copy into the main file only pages of
    frames that the transaction sees; all of these are taken from the frames instead.  When
    everything was checkpointed already, the transaction holds read lock 0, under which the
    main file does not change at all, though the WAL may be begun anew: then its salt changes,
    the frames read are not trusted, and the whole is begun again.
    """

    def __init__(self, name: str, path: Path) -> None:
        """Open the descriptors, then the connection."""
        self.name = name
        self.path = path
        self.is_database = True
        self.size = 0
        self.page_size = 0
        self._descriptors: list[int] = []
        self._connection: apsw.Connection | None = None
        self._frames: Frames | None = None
        try:
            for suffix in ("", "-wal", "-shm"):
                self._descriptors.append(os.open(f"{path}{suffix}", os.O_RDONLY))
            self._connection = open_live(path)
        except BaseException:
            attempt(self.close)
            raise
        self._main, self._wal, self._shm = self._descriptors
        self.mode = os.fstat(self._main).st_mode & 0o777

    def index(self) -> WalIndex | None:
        """Return the wal-index header as it is now."""
        return read_wal_index(self._shm)

    def begin(self) -> None:
        """Begin the read transaction that fixes the content; raises `Damaged`."""
        try:
            self._execute("BEGIN")
            self._execute("SELECT count(*) FROM sqlite_schema")
        except (apsw.NotADBError, apsw.CorruptError) as error:
            raise Damaged(self.name) from error

    def release(self) -> None:
        """End the read transaction."""
        self._execute("ROLLBACK")

    def load(self, index: WalIndex) -> None:
        """Read the frames that the transaction sees; raises `Overwritten`.

        *index* is the header as it was when the transaction began: what was committed since
        stands in the WAL too, and is not of the moment.
        """
        self._frames = Frames(self._wal, index)
        after = self.index()
        if after is None or after.salt != index.salt:
            raise Overwritten
        (self.page_size,) = self._execute("PRAGMA page_size")
        (pages,) = self._execute("PRAGMA page_count")
        self.size = pages * self.page_size

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the database as the transaction sees it."""
        length = min(length, self.size - offset)
        content = os.pread(self._main, length, offset)
        frames = self._frames
        if frames is not None and (frames.offsets or len(content) < length):
            content = self._overlaid(content, offset, length, frames)
        if offset <= PENDING_BYTE < offset + length:
            start = PENDING_BYTE - offset
            end = min(start + self.page_size, length)
            content = content[:start] + bytes(end - start) + content[end:]
        return content

    def _overlaid(self, content: bytes, offset: int, length: int, frames: Frames) -> bytes:
        page_size = self.page_size
        first = offset // page_size
        last = (offset + length - 1) // page_size
        changed: bytearray | None = None
        if len(content) < length:
            changed = bytearray(content.ljust(length, b"\0"))
        for page in range(first, last + 1):
            newest = frames.page(page + 1)
            if newest is None:
                continue
            changed = changed or bytearray(content)
            start = page * page_size - offset
            skipped = max(0, -start)
            end = min(start + page_size, length)
            changed[max(start, 0) : end] = newest[skipped : skipped + end - max(start, 0)]
        return bytes(changed) if changed is not None else content

    def prove(self) -> None:
        """Nothing to prove: the read transaction was held throughout."""

    def _execute(self, sql: str) -> tuple[int, ...]:
        if self._connection is None:
            raise ValueError("closed")
        row = self._connection.execute(sql).fetchone()
        return row if row is not None else ()

    def close(self) -> None:
        """Close the connection first, the descriptors last."""
        if self._frames is not None:
            self._frames.close()
        if self._connection is not None:
            self._connection.close()
        while self._descriptors:
            os.close(self._descriptors.pop())


class HeldCopy:
    """A database copied into the scratch folder under a read transaction.

    For the rollback journal, where a read transaction keeps writers from committing: it is
    held for one copy of the file and no longer.  And for WAL where the raw way does not apply.
    """

    def __init__(self, name: str, path: Path) -> None:
        """Open the descriptor, then the connections."""
        self.name = name
        self.path = path
        self._file = os.open(path, os.O_RDONLY | _BINARY)
        self._connection: apsw.Connection | None = None
        self._witness: apsw.Connection | None = None
        try:
            self._connection = open_live(path)
            # https://www.sqlite.org/fileformat.html#file_format_version_numbers
            if pread(self._file, 20, 0)[18:20] == b"\2\2":
                self._witness = open_live(path)
        except BaseException:
            attempt(self.close)
            raise

    def index(self) -> object:
        """Return what is the same as long as nobody has committed; None: nobody can.

        With a rollback journal a read transaction keeps writers from committing.  With WAL they
        go on, and a connection that holds no transaction sees that they did:
        https://www.sqlite.org/pragma.html#pragma_data_version
        """
        return None if self._witness is None else self._witness.execute("PRAGMA data_version").get

    def begin(self) -> None:
        """Begin the read transaction; raises `Damaged` and `Hot`."""
        if self._connection is None:
            raise ValueError("closed")
        try:
            self._connection.execute("BEGIN").fetchall()
            self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        except apsw.ReadOnlyError as error:
            if not is_hot(error):
                raise
            raise Hot(self.name) from error
        except (apsw.NotADBError, apsw.CorruptError) as error:
            raise Damaged(self.name) from error

    def release(self) -> None:
        """End the read transaction."""
        if self._connection is not None and self._connection.in_transaction:
            self._connection.execute("ROLLBACK").fetchall()

    def copy(self, destination: Path) -> PrivateCopy:
        """Copy the database to *destination*, end the transaction, and offer the copy."""
        if self._connection is None:
            raise ValueError("closed")
        if self._connection.execute("PRAGMA journal_mode").get == "wal":
            with (
                apsw.Connection(str(destination)) as target,
                target.backup("main", self._connection, "main") as backup,
            ):
                while not backup.done:
                    backup.step(4096)
            target.close()
        else:
            with destination.open("wb") as target_file:
                offset = 0
                while block := pread(self._file, 1 << 20, offset):
                    offset += target_file.write(block)
        self.release()
        return PrivateCopy(self.name, self.path, destination, os.fstat(self._file).st_mode & 0o777)

    def close(self) -> None:
        """Close the connections first, the descriptor last."""
        if self._witness is not None:
            self._witness.close()
            self._witness = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
