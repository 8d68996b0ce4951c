"""Files on Windows: who may use them, and renaming so that a new name outlives a power cut.

The mode of a file means nothing there. What a folder's access control list grants is handed on to
whatever is made in it (https://learn.microsoft.com/windows/win32/secauthz/ace-inheritance); what is
moved into it keeps the list that it was made with.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.base.cleanup import concluding

TOKEN_QUERY, TOKEN_USER = 0x0008, 1
DACL = 4
SDDL_REVISION = 1
ONLY = "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;{user})"
"""The system, administrators and the user, for what is made in it, too; nothing from above.

https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format
"""


class _Attributes(ctypes.Structure):
    """SECURITY_ATTRIBUTES."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("descriptor", ctypes.c_void_p),
        ("inherit", ctypes.c_int),
    )


def make_private(folder: Path) -> None:
    """Make *folder*, which the user of this process alone may use, and what is made in it.

    The system and its administrators are not kept out.  Raises `OSError`.
    """
    if sys.platform != "win32":
        return
    wanted = ONLY.format(user=_user_sid())
    descriptor = ctypes.c_void_p()
    advapi = ctypes.WinDLL("advapi32", use_last_error=True)
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _require(
        advapi.ConvertStringSecurityDescriptorToSecurityDescriptorW(
            wanted, SDDL_REVISION, ctypes.byref(descriptor), None
        )
    )
    with concluding(_free, descriptor):
        attributes = _Attributes(ctypes.sizeof(_Attributes), descriptor, 0)
        if not kernel.CreateDirectoryW(str(folder), ctypes.byref(attributes)):
            raise ctypes.WinError(ctypes.get_last_error(), str(folder))


def access_list(path: Path) -> bytes:
    """Return the access control list of *path*, for `give_access_list`; raises `OSError`.

    https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-getfilesecurityw
    """
    if sys.platform != "win32":
        return b""
    advapi = ctypes.WinDLL("advapi32", use_last_error=True)
    size = ctypes.c_uint32()
    advapi.GetFileSecurityW(str(path), DACL, None, 0, ctypes.byref(size))
    buffer = ctypes.create_string_buffer(size.value)
    if not advapi.GetFileSecurityW(str(path), DACL, buffer, size, ctypes.byref(size)):
        raise ctypes.WinError(ctypes.get_last_error(), str(path))
    return buffer.raw


def give_access_list(path: Path, wanted: bytes) -> None:
    """Let *path* have the list *wanted*, as it is, and nothing of its folder's; raises `OSError`.

    https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-setfilesecurityw
    """
    if sys.platform != "win32":
        return
    advapi = ctypes.WinDLL("advapi32", use_last_error=True)
    if not advapi.SetFileSecurityW(str(path), DACL, wanted):
        raise ctypes.WinError(ctypes.get_last_error(), str(path))


def _user_sid() -> str:
    """Return the security identifier of the user of this process."""
    if sys.platform != "win32":
        return ""
    advapi = ctypes.WinDLL("advapi32", use_last_error=True)
    with _own_token() as token:
        size = ctypes.c_uint32()
        advapi.GetTokenInformation(token, TOKEN_USER, None, 0, ctypes.byref(size))
        # A TOKEN_USER: the address of the identifier stands first.
        buffer = ctypes.create_string_buffer(size.value)
        _require(advapi.GetTokenInformation(token, TOKEN_USER, buffer, size, ctypes.byref(size)))
        address = ctypes.c_void_p.from_buffer(buffer)
        text = ctypes.c_wchar_p()
        _require(advapi.ConvertSidToStringSidW(address, ctypes.byref(text)))
    found = text.value or ""
    _free(text)
    return found


@contextmanager
def _own_token() -> Iterator[ctypes.c_void_p]:
    token = ctypes.c_void_p()
    if sys.platform != "win32":
        yield token
        return
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    advapi = ctypes.WinDLL("advapi32", use_last_error=True)
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    process = ctypes.c_void_p(kernel.GetCurrentProcess())
    _require(advapi.OpenProcessToken(process, TOKEN_QUERY, ctypes.byref(token)))
    with concluding(kernel.CloseHandle, token):
        yield token


def _free(memory: ctypes.c_void_p | ctypes.c_wchar_p) -> None:
    if sys.platform == "win32":
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.LocalFree(ctypes.cast(memory, ctypes.c_void_p))


def _require(outcome: int) -> None:
    if sys.platform == "win32" and not outcome:
        raise ctypes.WinError(ctypes.get_last_error())


REPLACE_EXISTING, WRITE_THROUGH = 0x1, 0x8


def move_through(source: Path, target: Path) -> None:
    """Rename *source* to *target*, instead of what bears that name; on disk when it returns.

    Raises `OSError`.  https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-movefileexw
    """
    if sys.platform == "win32":
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        if not kernel.MoveFileExW(str(source), str(target), REPLACE_EXISTING | WRITE_THROUGH):
            code = ctypes.get_last_error()
            raise OSError(0, ctypes.FormatError(code), str(source), code, str(target))
