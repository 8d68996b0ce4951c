"""Windows needs no lock across a swap: it refuses to move or delete a file that is open.

SQLite opens its files without FILE_SHARE_DELETE, so whoever opens one between the check and the
swap makes the swap fail, and it is undone.  That nobody has one open is proven by opening it
without sharing (https://learn.microsoft.com/windows/win32/fileio/creating-and-opening-files).
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.holders import family

GENERIC_READ_WRITE = 0xC0000000
OPEN_EXISTING = 3
SHARING_VIOLATION, LOCK_VIOLATION = 32, 33
FILE_NOT_FOUND, PATH_NOT_FOUND = 2, 3


@contextmanager
def locked(databases: Sequence[Path]) -> Iterator[None]:
    """Prove that nobody has *databases* open; raises `BlockingIOError` when somebody has."""
    for path in databases:
        for member in family(path):
            _require_alone(member)
    yield


def _require_alone(path: Path) -> None:
    if sys.platform != "win32":
        return
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.CreateFileW.restype = ctypes.c_void_p
    kernel.CloseHandle.argtypes = [ctypes.c_void_p]
    handle = kernel.CreateFileW(str(path), GENERIC_READ_WRITE, 0, None, OPEN_EXISTING, 0, None)
    if handle not in {None, ctypes.c_void_p(-1).value}:
        kernel.CloseHandle(handle)
        return
    code = ctypes.get_last_error()
    if code in {FILE_NOT_FOUND, PATH_NOT_FOUND}:
        return
    if code in {SHARING_VIOLATION, LOCK_VIOLATION}:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN), str(path))
    raise ctypes.WinError(code)
