"""Text that the trading program or its operator wrote: UTF-8, or what a Korean Windows writes."""

from __future__ import annotations

import codecs
from contextlib import suppress

KOREAN = "cp949"
"""What a Korean Windows calls ANSI: what `open` writes there unless it is told otherwise."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(data: bytes) -> str:
    """Return *data* as text: by its byte order mark, as UTF-8, or as cp949.

    Its lines end as `open` would have them end, whatever system wrote it.  Raises
    `UnicodeDecodeError`, of UTF-8, where it is none of them.
    """
    return _decoded(data).replace("\r\n", "\n").replace("\r", "\n")


def _decoded(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        with suppress(UnicodeDecodeError):
            return data.decode(KOREAN)
        raise


def decode_line(data: bytes) -> str:
    """Return a line of a log as text, with a sign in the place of every byte that means nothing.

    It may be cut off at its end, within a character, too, which is left out then.
    """
    for encoding in ("utf-8", KOREAN):
        with suppress(UnicodeDecodeError):
            return codecs.getincrementaldecoder(encoding)().decode(data)
    return data.decode("utf-8", errors="replace")
