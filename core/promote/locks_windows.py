"""Windows needs no lock across a swap: it refuses to move or delete a file that is open.

SQLite opens its files without FILE_SHARE_DELETE, so whoever opens one between the check and the
swap makes the swap fail, and it is undone.  That nobody has one open is proven.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.base.open_files import family, in_use


@contextmanager
def locked(databases: Sequence[Path]) -> Iterator[None]:
    """Prove that nobody has *databases* open; raises `BlockingIOError` when somebody has."""
    for path in databases:
        for member in family(path):
            if in_use(member):
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN), str(member))
    yield
