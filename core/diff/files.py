"""A database file at rest as one side of a comparison."""

from __future__ import annotations

from pathlib import Path

from core.backup.store.format import CHUNK, digest_of
from core.base.cleanup import attempt, concluding
from core.base.operation import Context
from core.diff.database import Outcome, compare_database
from core.diff.narrow import Side
from core.diff.sql import Pair


class FileContent:
    """The content of a file that nobody writes."""

    def __init__(self, path: Path) -> None:
        """Open the file at *path* and read it once; raises `OSError`."""
        self._file = path.open("rb")
        self.digests: list[bytes] = []
        self.size = 0
        try:
            while block := self._file.read(CHUNK):
                self.digests.append(digest_of(block))
                self.size += len(block)
        except BaseException:
            attempt(self._file.close)
            raise

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the file."""
        self._file.seek(offset)
        return self._file.read(length)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def compare_files(context: Context, name: str, left: Path, right: Path) -> Outcome:
    """Compare two states of the database *name*, both files at rest without a ``-wal``.

    Raises `apsw.Error` when one of them cannot be read, `OSError` and `Cancelled`.
    """
    sides: list[FileContent] = []
    try:
        sides += [FileContent(left), FileContent(right)]
        pair = Pair(context, left, right)
        with concluding(pair.close):
            return compare_database(
                pair, name, Side.of(sides[0], None), Side.of(sides[1], None),
                lambda _done, _total: context.check(),
            )  # fmt: skip
    finally:
        for side in sides:
            attempt(side.close)
