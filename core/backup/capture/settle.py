"""Brings to rest a private copy of what a program that died left behind.

SQLite does to the copy what it would do to the live files at the next start: it rolls back a
hot journal (https://www.sqlite.org/lockingv3.html#hot_journals) and recovers a ``-wal``.  Two
things are seen to first, so that the copy stays private and nothing is lost:

- A journal of a transaction over several databases names a super-journal beside the live files.
  While that exists the transaction is rolled back, else it was committed; the copy is not told
  of it, since SQLite would remove it in the end.
- A ``-wal`` beside a main file without a byte is deleted by SQLite unread.  It may hold the whole
  database: the copy gets an empty first page, so that it is read.
"""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import apsw

from core.backup.capture.sources import Damaged, Moved, PrivateCopy, Stamp
from core.backup.capture.walindex import Overwritten
from core.base.cleanup import concluding, undoing
from core.base.sqlite import leftover_journal, open_own

MAGIC = bytes.fromhex("d9d505f920a163d7")
"""With which a journal begins, and the record of a super-journal ends (`pager.c`)."""
RECORD = struct.Struct(">II8s")
"""Length of the super-journal's name, sum of its bytes, magic; the name stands before."""
PAGE_SIZES = {1 << power for power in range(9, 17)}

Stamps = tuple[Stamp | None, ...]


class SettledCopy(PrivateCopy):
    """A private copy that SQLite brought to rest."""

    def __init__(
        self, name: str, live: Path, copy: Path, stamps: Stamps, *, is_database: bool
    ) -> None:
        """Offer *copy*; *stamps* are those of the live files when they were copied."""
        mode = live.stat().st_mode & 0o777
        super().__init__(name, live, copy, mode, is_database=is_database)
        self._stamped = stamps

    def prove_moment(self) -> None:
        """Raise `Moved` when a live file was written since it was copied."""
        if _stamps(self.path) != self._stamped:
            raise Moved


def settle(name: str, live: Path, scratch: Path) -> SettledCopy:
    """Copy the database at *live* with what lies beside it and let SQLite bring it to rest.

    Raises `Damaged` where SQLite cannot, and `Overwritten` when the files were written meanwhile.
    """
    copy = scratch / f"{name}.settled"
    with undoing(copy.unlink, missing_ok=True), concluding(_remove_beside, copy):
        stamps = _stamps(live)
        rolls_back = _copy(live, copy)
        if _stamps(live) != stamps:
            raise Overwritten
        return SettledCopy(name, live, copy, stamps, is_database=_open(name, copy, rolls_back))


def _remove_beside(copy: Path) -> None:
    for suffix in ("-wal", "-shm", "-journal"):
        Path(f"{copy}{suffix}").unlink(missing_ok=True)


def _stamps(live: Path) -> Stamps:
    return tuple(Stamp.of(Path(f"{live}{suffix}")) for suffix in ("", "-wal", "-journal"))


def _copy(live: Path, copy: Path) -> bool:
    """Copy what SQLite would look at; return whether a journal to be rolled back is among it."""
    shutil.copyfile(live, copy)
    wal = Stamp.of(Path(f"{live}-wal"))
    if wal is not None and wal.size:
        shutil.copyfile(f"{live}-wal", f"{copy}-wal")
    if not leftover_journal(live):
        return False
    journal = Path(f"{copy}-journal")
    shutil.copyfile(f"{live}-journal", journal)
    return _forget_super_journal(journal)


def _lay_first_page(name: str, copy: Path) -> None:
    with Path(f"{copy}-wal").open("rb") as wal:
        header = wal.read(12)
    page_size = int.from_bytes(header[8:12], "big")
    if page_size not in PAGE_SIZES:
        raise Damaged(name)
    copy.write_bytes(bytes(page_size))


def _forget_super_journal(journal: Path) -> bool:
    """Take the name of a super-journal out of *journal*; return whether it is to be rolled back."""
    with journal.open("r+b") as file:
        size = file.seek(0, 2)
        if size < RECORD.size:
            return True
        file.seek(size - RECORD.size)
        length, checksum, magic = RECORD.unpack(file.read(RECORD.size))
        start = size - RECORD.size - length
        if magic != MAGIC or length == 0 or start < 4:
            return True
        file.seek(start)
        named = file.read(length)
        # A char of C is signed on some machines and unsigned on others.
        signed = sum(byte - 256 if byte > 127 else byte for byte in named) & 0xFFFFFFFF
        if checksum not in {signed, sum(named)}:
            return True
        file.truncate(start - 4)
    # To SQLite a file without a byte is not there.
    found = Stamp.of(Path(named.decode("utf-8", "surrogateescape")))
    if found is not None and found.size:
        return True
    journal.unlink()
    return False


def _open(name: str, copy: Path, rolls_back: bool) -> bool:
    """Let SQLite bring *copy* to rest; return whether it is a database then.

    Raises `Damaged` where it is none and the bytes as they were say more.
    """
    wal_alone = not copy.stat().st_size
    if wal_alone:
        _lay_first_page(name, copy)
    try:
        connection = open_own(copy)
        with concluding(connection.close):
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
            if wal_alone and connection.execute("PRAGMA integrity_check(1)").get != "ok":
                raise Damaged(name)
            if connection.execute("PRAGMA journal_mode").get == "wal":
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except (apsw.NotADBError, apsw.CorruptError) as error:
        if rolls_back and not Path(f"{copy}-wal").exists():
            return False
        raise Damaged(name) from error
    return True
