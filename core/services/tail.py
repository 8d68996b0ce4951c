"""The newest lines of a log, and what is appended to it, across rotations.

Nothing is kept open between two looks, so that a log can be renamed on Windows, too.  Each look
reads a bounded number of bytes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from core.config.models import Settings
from core.services.runs import log_paths

Which = Literal["out", "err", "program"]
READ_LIMIT = 256 * 1024
"""So much is read at one look; what a log gained beyond it is left out, and said so."""
LINE_LIMIT = 16 * 1024
SHOWN_LINE = 200
ROTATED_LOOKED_AT = 3


def log_file(settings: Settings, which: Which) -> Path | None:
    """Return where a log lies: what the program printed, or what it writes itself.

    None: the program has written none.
    """
    paths = log_paths(settings)
    if which == "program":
        own = [
            (path.stat().st_mtime_ns, path)
            for path in (settings.app / settings.health.logs).glob("*.log")
            if path not in paths and path.is_file()
        ]
        return max(own)[1] if own else None
    return paths.out if which == "out" else paths.err


def last_lines(path: Path, count: int) -> list[str]:
    """Return the newest *count* lines of *path*, rotated ones included, the oldest first."""
    lines: list[str] = []
    number = 0
    while len(lines) < count:
        part = path if number == 0 else path.with_name(f"{path.name}.{number}")
        try:
            found = _last_of(part, count - len(lines))
        except FileNotFoundError:
            if number:
                break
            found = []
        lines = found + lines
        number += 1
    return lines


def _last_of(path: Path, count: int) -> list[str]:
    """Return the newest lines of one file; it is read backwards, no further than needed."""
    with path.open("rb") as file:
        place = file.seek(0, os.SEEK_END)
        text = b""
        while place > 0 and text.count(b"\n") <= count:
            step = min(READ_LIMIT, place)
            place -= step
            file.seek(place)
            text = file.read(step) + text
    return [shown(line) for line in text.splitlines()[-count:]] if count else []


def last_line(path: Path) -> str:
    """Return the newest line of *path* that says something, cut for a sentence; empty: none."""
    try:
        lines = last_lines(path, 20)
    except OSError:
        return ""
    said = [line.strip() for line in lines if line.strip()]
    return said[-1][:SHOWN_LINE] if said else ""


def shown(line: bytes) -> str:
    """Return a line as it can be shown: no control characters, and of bounded length."""
    text = line[:LINE_LIMIT].decode("utf-8", errors="replace").expandtabs()
    return "".join(sign if sign.isprintable() else "�" for sign in text)


class Gained(NamedTuple):
    """What a log gained since the last look."""

    lines: tuple[str, ...]
    skipped: int
    """Bytes that were left out before them, because they came too fast."""


@dataclass
class Place:
    """How far a log was read."""

    inode: int = 0
    offset: int = 0


class Follower:
    """Reads what is appended to one log, from where it was when this was made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._rest = b""
        try:
            status = path.stat()
            self._place = Place(status.st_ino, status.st_size)
        except OSError:
            self._place = Place()

    @classmethod
    def from_start(cls, path: Path) -> Follower:
        """Return one that reads *path* from its beginning."""
        follower = cls(path)
        follower._place.offset = 0
        return follower

    def look(self) -> Gained:
        """Return the whole lines that were appended since the last look."""
        chunks: list[bytes] = []
        skipped = 0
        for part in self._parts():
            try:
                chunk, left_out = _read(part)
            except OSError:
                break  # it was rotated meanwhile: the next look finds it
            if left_out:
                skipped += left_out + sum(map(len, chunks)) + len(self._rest)
                chunks, self._rest = [], b""
            chunks.append(chunk)
            self._place = Place(part.inode, part.begin + left_out + len(chunk))
        text = self._rest + b"".join(chunks)
        whole = text.rfind(b"\n") + 1
        if not whole and len(text) >= LINE_LIMIT:
            whole = len(text)  # a line without an end
        self._rest = text[whole:]
        return Gained(tuple(shown(line) for line in text[:whole].splitlines()), skipped)

    def _parts(self) -> list[_Part]:
        """Return what is to be read, the oldest first: the file, or also what it was rotated to."""
        place = self._place
        try:
            status = self.path.stat()
        except OSError:
            return []
        if status.st_ino == place.inode and status.st_size >= place.offset:
            return [_Part(self.path, place.inode, place.offset)]
        parts = [_Part(self.path, status.st_ino, 0)]
        if not place.inode:
            return parts
        for number in range(1, ROTATED_LOOKED_AT + 1):
            rotated = self.path.with_name(f"{self.path.name}.{number}")
            try:
                known = rotated.stat()
            except OSError:
                break
            if known.st_ino == place.inode:
                return [_Part(rotated, place.inode, place.offset), *parts]
            parts.insert(0, _Part(rotated, known.st_ino, 0))
        # The file that was read last is gone, or was begun anew in its place.
        return [_Part(self.path, status.st_ino, 0)]


class _Part(NamedTuple):
    path: Path
    inode: int
    begin: int


def _read(part: _Part) -> tuple[bytes, int]:
    """Return the bytes from where it begins, and how many were left out before them."""
    with part.path.open("rb") as file:
        status = os.fstat(file.fileno())
        if status.st_ino != part.inode:
            raise FileNotFoundError(part.path)
        left_out = max(0, status.st_size - part.begin - READ_LIMIT)
        file.seek(part.begin + left_out)
        return file.read(max(0, status.st_size - part.begin - left_out)), left_out
