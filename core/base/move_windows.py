"""Renaming on Windows, so that the new name outlives a power cut."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

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
