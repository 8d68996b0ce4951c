"""The console's icon as a Windows .ico file: ``python -m tools.bundle.icon FILE``."""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path

from PyQt6.QtCore import QBuffer, QIODevice
from PyQt6.QtGui import QGuiApplication

from ui.app import ICON_COLOUR
from ui.kit.parts import pixmap

SIDES = (16, 20, 24, 32, 48, 64, 128, 256)
"""Pixels: what Windows asks for at 100 to 200 %, and in Explorer's large views."""


def main(file: Path) -> None:
    """Write the icon in all sizes into *file*."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QGuiApplication(["icon"])
    file.write_bytes(ico([(side, _png(side)) for side in SIDES]))
    app.quit()


def ico(pictures: list[tuple[int, bytes]]) -> bytes:
    """Return the .ico file of *pictures*: pixels of a side, and a PNG of that size.

    https://learn.microsoft.com/previous-versions/ms997538(v=msdn.10), with PNG as Windows Vista
    and later read it.
    """
    head = struct.pack("<HHH", 0, 1, len(pictures))
    at = len(head) + 16 * len(pictures)
    entries, bodies = b"", b""
    for side, png in pictures:
        byte = side % 256  # 0 stands for 256
        entries += struct.pack("<BBBBHHII", byte, byte, 0, 0, 1, 32, len(png), at + len(bodies))
        bodies += png
    return head + entries + bodies


def _png(side: int) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    pixmap("console", ICON_COLOUR, side).save(buffer, "PNG")
    return bytes(buffer.data().data())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
