"""Who may use a file, however the system says it."""

from __future__ import annotations

import ctypes
import re
import sys
from pathlib import Path

SE_FILE_OBJECT, DACL, SDDL_REVISION = 1, 4, 1
OTHERS = {"WD", "BU", "AU"}
"""Everyone, the users of the machine, whoever has logged in.

https://learn.microsoft.com/windows/win32/secauthz/sid-strings
"""


def is_private(path: Path) -> bool:
    """Whether its owner (and on Windows the system and administrators) alone may use *path*."""
    if sys.platform != "win32":
        return path.stat().st_mode & 0o077 == 0
    # A file takes over the list of the folder that it is made in.
    listed = access_list(path if path.is_dir() else path.parent)
    return not OTHERS & set(re.findall(r";;;(\w+)\)", listed))


def access_list(path: Path) -> str:
    """Return the access control list of *path* as text; raises `OSError`.

    https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format
    """
    if sys.platform != "win32":
        return ""
    advapi, kernel = ctypes.WinDLL("advapi32"), ctypes.WinDLL("kernel32")
    descriptor, text = ctypes.c_void_p(), ctypes.c_wchar_p()
    code = advapi.GetNamedSecurityInfoW(
        str(path), SE_FILE_OBJECT, DACL, None, None, None, None, ctypes.byref(descriptor)
    ) or not advapi.ConvertSecurityDescriptorToStringSecurityDescriptorW(
        descriptor, SDDL_REVISION, DACL, ctypes.byref(text), None
    )
    if code:
        raise ctypes.WinError(code)
    found = text.value or ""
    kernel.LocalFree(ctypes.cast(text, ctypes.c_void_p))
    kernel.LocalFree(descriptor)
    return found


def descriptor(text: str) -> bytes:
    """Return what `access_list` reads as *text*, as `give_access_list` takes it."""
    if sys.platform != "win32":
        return b""
    advapi, kernel = ctypes.WinDLL("advapi32"), ctypes.WinDLL("kernel32")
    found, size = ctypes.c_void_p(), ctypes.c_uint32()
    if not advapi.ConvertStringSecurityDescriptorToSecurityDescriptorW(
        text, SDDL_REVISION, ctypes.byref(found), ctypes.byref(size)
    ):
        raise ctypes.WinError()
    content = ctypes.string_at(found, size.value)
    kernel.LocalFree(found)
    return content
