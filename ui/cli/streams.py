"""Lets standard output and standard error take whatever is said, in any encoding they are of.

A terminal, a pipe or a log of cron may be cp1252, cp949 or ASCII.  A sign that the encoding lacks
becomes a plain one, any other character its escape, which loses nothing; where Hangul cannot be
written at all, English is spoken.

Names, notes, cells and messages come from data that anybody may have written.  A terminal obeys
control characters, so `Cleaned`, which stands in the place of both streams, writes their escapes:
what is printed passes it, whoever prints.
"""

from __future__ import annotations

import codecs
import io
import json
import os
import re
import sys
from pathlib import Path
from typing import TextIO

ERRORS = "ops_console.plain"
PLAIN = {
    "✓": "+", "✗": "x", "●": "*", "○": "o", "▲": "^", "▼": "v", "⚠": "!", "•": "*", "·": "|",
    "–": "-", "—": "-", "−": "-", "…": "...", "→": "->", "←": "<-", "×": "x", "≤": "<=", "≥": ">=",
    "≈": "~", "⏎": "\\n", "★": "*", "‘": "'", "’": "'", "“": '"', "”": '"',
    "\N{NO-BREAK SPACE}": " ",
}  # fmt: skip
HANGUL = "한글"
_OBEYED = re.compile(
    "["
    "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f"  # C0 and C1, but for the tab and the end of a line
    "\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069"  # these turn the order of what is read
    "\\u200b\\u2028\\u2029\\u2060-\\u2064\\ufeff\\U000e0000-\\U000e007f"  # these are not seen
    "]"
)


def clean(text: str) -> str:
    """Return *text* with an escape for every character that a terminal would obey, or not show."""
    return _OBEYED.sub(lambda found: _escaped(found[0]), text)


def one_line(text: str) -> str:
    """Return *text* cleaned and on one line: what comes from data makes no lines of its own."""
    return clean(text.rstrip("\n").replace("\r\n", "⏎").replace("\n", "⏎").replace("\t", " "))


def clean_json(document: str) -> str:
    """Return a JSON *document* cleaned by JSON's own escapes: it reads back as the same."""
    return _OBEYED.sub(lambda found: json.dumps(found[0])[1:-1], document)


class Cleaned(io.TextIOWrapper):
    """Writes to what a stream writes to, cleaned."""

    def __init__(self, beneath: io.TextIOWrapper) -> None:
        beneath.flush()
        super().__init__(
            beneath.buffer, encoding=beneath.encoding, errors=ERRORS,
            line_buffering=beneath.line_buffering, write_through=True,
        )  # fmt: skip
        self.beneath = beneath
        """Obeyed by the terminal: for what is drawn there, of which every text is `clean`."""

    def write(self, text: str, /) -> int:
        """Write *text*, cleaned."""
        super().write(clean(text))
        return len(text)

    def close(self) -> None:
        """Leave the stream open: it is another's."""
        self.flush()


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
    if not isinstance(stream, io.TextIOWrapper) or isinstance(stream, Cleaned):
        return stream
    stream.reconfigure(errors=ERRORS)
    return Cleaned(stream)


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(sign) or _escaped(sign) for sign in lacking), error.end


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")
