"""Lets standard output and standard error take whatever is said, in any encoding they are of.

A terminal, a pipe or a log of cron may be cp1252, cp949 or ASCII.  A sign that the encoding lacks
becomes a plain one, any other character its escape, which loses nothing; where Hangul cannot be
written at all, English is spoken.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from pathlib import Path
from typing import TextIO

ERRORS = "ops_console.plain"
PLAIN = {
    "✓": "+", "✗": "x", "●": "*", "○": "o", "▲": "^", "▼": "v", "⚠": "!", "•": "*", "·": "|",
    "–": "-", "—": "-", "−": "-", "…": "...", "→": "->", "←": "<-", "×": "x", "≤": "<=", "≥": ">=",
    "≈": "~", "‘": "'", "’": "'", "“": '"', "”": '"', "\N{NO-BREAK SPACE}": " ",
}  # fmt: skip
HANGUL = "한글"


def fit_streams() -> None:
    """Make standard output and standard error of this process take every character."""
    codecs.register_error(ERRORS, _plain)
    # A process without them, as `pythonw` and `>&-` make it, talks to nobody; that is no failure.
    sys.stdout = _fitted(sys.stdout)
    sys.stderr = _fitted(sys.stderr)


def carries(stream: TextIO, text: str = HANGUL) -> bool:
    """Return whether *stream* writes *text* as it is."""
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def speaks_hangul() -> bool:
    """Return whether what people read here can hold Korean."""
    return carries(sys.stdout) and carries(sys.stderr)


def has_screen() -> bool:
    """Return whether a window could be seen; Qt ends a process that opens one without a screen."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _fitted(stream: TextIO | None) -> TextIO:
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=ERRORS)
    return stream


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(sign) or _escaped(sign) for sign in lacking), error.end


def _escaped(sign: str) -> str:
    return sign.encode("ascii", "backslashreplace").decode("ascii")
