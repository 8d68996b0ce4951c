"""Holders on Windows: the Restart Manager, which installers ask the same question.

https://learn.microsoft.com/windows/win32/api/restartmanager/

It may not answer, and knows no process of another session.  That somebody, whoever it is, has a
file open is proven by opening it without sharing
(https://learn.microsoft.com/windows/win32/fileio/creating-and-opening-files).
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil

from core.base.cleanup import concluding
from core.base.owner import Holder

ERROR_MORE_DATA = 234
GENERIC_READ = 0x80000000
OPEN_EXISTING = 3
ACCESS_DENIED = 5
SHARING_VIOLATION, LOCK_VIOLATION = 32, 33
FILE_NOT_FOUND, PATH_NOT_FOUND = 2, 3


class _UniqueProcess(ctypes.Structure):
    _fields_ = (("pid", ctypes.c_uint32), ("started", ctypes.c_uint64))
    _pack_ = 4


class _ProcessInfo(ctypes.Structure):
    _fields_ = (
        ("process", _UniqueProcess),
        ("name", ctypes.c_wchar * 256),
        ("service", ctypes.c_wchar * 64),
        ("type", ctypes.c_int),
        ("status", ctypes.c_uint32),
        ("session", ctypes.c_uint32),
        ("restartable", ctypes.c_int),
    )


def find_holders(paths: Sequence[Path]) -> tuple[Holder, ...]:
    """Return the other processes that hold one of *paths* open; raises `OSError`."""
    if sys.platform != "win32" or not paths:
        return ()
    manager = ctypes.WinDLL("rstrtmgr")
    session = ctypes.c_uint32()
    key = ctypes.create_unicode_buffer(33)
    _require(manager.RmStartSession(ctypes.byref(session), 0, key))
    with concluding(manager.RmEndSession, session):
        names = (ctypes.c_wchar_p * len(paths))(*(str(path) for path in paths))
        _require(manager.RmRegisterResources(session, len(paths), names, 0, None, 0, None))
        needed, given, reasons = ctypes.c_uint32(), ctypes.c_uint32(), ctypes.c_uint32()
        while True:
            found = (_ProcessInfo * max(1, needed.value))()
            given.value = len(found)
            outcome = manager.RmGetList(
                session, ctypes.byref(needed), ctypes.byref(given), found, ctypes.byref(reasons)
            )
            if outcome != ERROR_MORE_DATA:
                _require(outcome)
                break
    pids = {found[place].process.pid: found[place].name for place in range(given.value)}
    return tuple(_holder(pid, name) for pid, name in pids.items() if pid != os.getpid())


def in_use(path: Path) -> bool:
    """Whether anybody, this process too, has *path* open; raises `OSError`.

    For a moment nobody else can open it: SQLite tries again.  Reading is asked for, which a
    read-only file allows, too: not to share collides with whatever others asked for.
    """
    if sys.platform != "win32":
        return False
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.CreateFileW.restype = ctypes.c_void_p
    kernel.CloseHandle.argtypes = [ctypes.c_void_p]
    handle = kernel.CreateFileW(str(path), GENERIC_READ, 0, None, OPEN_EXISTING, 0, None)
    if handle not in {None, ctypes.c_void_p(-1).value}:
        kernel.CloseHandle(handle)
        return False
    code = ctypes.get_last_error()
    if code in {SHARING_VIOLATION, LOCK_VIOLATION}:
        return True
    # A folder stands where a database is not to be made while a set is incomplete.
    if code in {FILE_NOT_FOUND, PATH_NOT_FOUND} or (code == ACCESS_DENIED and path.is_dir()):
        return False
    raise ctypes.WinError(code)


def _require(outcome: int) -> None:
    if outcome:
        raise OSError(outcome, "the Restart Manager refused")


def _holder(pid: int, name: str) -> Holder:
    try:
        command = tuple(psutil.Process(pid).cmdline())
    except (psutil.Error, OSError):
        command = ()
    return Holder(pid=pid, name=name, command=command)
