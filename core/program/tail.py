"""The newest lines of a log, and what is appended to it, across rotations.

Nothing is kept open between two looks, so that a log can be renamed on Windows, too.  Each look
reads a bounded number of bytes.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from core.base.config.models import Settings
from core.base.operation import OperationError
from core.base.text import decode_line
from core.program.release import current_launch
from core.program.runs import log_paths

ERROR_LINE = re.compile(rb"\b(ERROR|CRITICAL|FATAL)\b|^Traceback \(most recent call last\)")
TRACEBACK = "Traceback (most recent call last)"


class ErrorLines:
    """Goes through a log line by line; it remembers whether a traceback is going on."""

    def __init__(self) -> None:
        self._within = False

    def tells(self, line: str) -> bool:
        """Whether *line*, the next one, tells of an error or belongs to one that does."""
        if line.startswith(TRACEBACK):
            self._within = True
            return True
        if self._within:
            # A traceback ends with the first line that is not indented: the exception.
            self._within = line.startswith((" ", "\t")) or not line
            return True
        return ERROR_LINE.search(line.encode()) is not None


Which = Literal["out", "err", "program"]
READ_LIMIT = 256 * 1024
"""So much is read at one look; what a log gained beyond it is left out, and said so."""
BACK_LIMIT = 8 * 1024 * 1024
"""So much is read backwards in search of lines."""
LINE_LIMIT = 16 * 1024
SHOWN_LINE = 200
ROTATED_LOOKED_AT = 3
NEW_LOG_LINES = 2_000


def log_file(settings: Settings, which: Which) -> Path | None:
    """Return where a log lies: what the program printed, or what it writes itself.

    None: the program has written none.
    """
    paths = log_paths(settings)
    if which == "program":
        return _newest_of_its_own(settings)
    return paths.out if which == "out" else paths.err


def _newest_of_its_own(settings: Settings) -> Path | None:
    """Return the log that the program wrote to last; a release may write them elsewhere."""
    folders = [settings.app / settings.health.logs]
    with suppress(OperationError):  # a damaged pointer is told by whoever needs it
        launch = current_launch(settings)
        name = settings.program.variables.logs_name
        if launch is not None and (told := launch.environment.get(name)):
            folders.append(launch.cwd / told)
    newest: tuple[int, Path] | None = None
    for path in {path for folder in folders for path in folder.glob("*.log")}:
        with suppress(OSError):  # removed meanwhile
            found = (path.stat().st_mtime_ns, path)
            if path not in log_paths(settings) and (newest is None or found > newest):
                newest = found
    return newest[1] if newest is not None else None


def last_lines(path: Path, count: int) -> list[str]:
    """Return the newest *count* lines of *path*, rotated ones included, the oldest first.

    A last line that has no end yet counts as one.
    """
    try:
        lines, _ = _last_of(path, count, partial=True)
    except FileNotFoundError:
        lines = []
    return _older(path, count - len(lines)) + lines


def _older(path: Path, count: int) -> list[str]:
    """Return the newest *count* lines of what *path* was rotated to."""
    lines: list[str] = []
    number = 1
    while len(lines) < count:
        try:
            found, _ = _last_of(
                path.with_name(f"{path.name}.{number}"), count - len(lines), partial=True
            )
        except FileNotFoundError:
            break
        lines = found + lines
        number += 1
    return lines


def _last_of(path: Path, count: int, *, partial: bool) -> tuple[list[str], Place]:
    """Return the newest lines of one file, and where they end; read backwards, as far as needed.

    *partial*: whether a last line without an end counts.
    """
    with path.open("rb") as file:
        inode = os.fstat(file.fileno()).st_ino
        end = place = file.seek(0, os.SEEK_END)
        text = b""
        while place > 0 and text.count(b"\n") <= count and len(text) < BACK_LIMIT:
            step = min(READ_LIMIT, place)
            place -= step
            file.seek(place)
            text = file.read(step) + text
    if not partial:
        whole = text.rfind(b"\n") + 1
        end, text = end - (len(text) - whole), text[:whole]
    lines = [shown(line) for line in text.splitlines()[-count:]] if count > 0 else []
    return lines, Place(inode, end)


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
    text = decode_line(line[:LINE_LIMIT]).expandtabs()
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


class ProcessTracker:
    """Reads the newest *count* lines of one log, and then what is appended to it."""

    def __init__(self, path: Path, count: int) -> None:
        self.path = path
        self._count = count
        self._place: Place | None = None
        self._rest = b""

    def look(self) -> Gained:
        """Return the whole lines that are new since the last look; at the first, the newest."""
        if self._place is not None:
            return self._appended(self._place)
        try:
            lines, self._place = _last_of(self.path, self._count, partial=False)
        except OSError:
            return Gained((), 0)  # it is not there yet
        return Gained((*_older(self.path, self._count - len(lines)), *lines), 0)

    def _appended(self, place: Place) -> Gained:
        chunks: list[bytes] = []
        skipped = 0
        for part in self._parts(place):
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

    def _parts(self, place: Place) -> list[_Part]:
        """Return what is to be read, the oldest first: the file, or also what it was rotated to."""
        try:
            status = self.path.stat()
        except OSError:
            # It is being rotated, or is gone; what takes its place is new from its beginning.
            parts = self._rotated(place)
            self._place = self._place if parts else Place()
            return parts
        if status.st_ino == place.inode and status.st_size >= place.offset:
            return [_Part(self.path, place.inode, place.offset)]
        return [*self._rotated(place), _Part(self.path, status.st_ino, 0)]

    def _rotated(self, place: Place) -> list[_Part]:
        """Return what the log was rotated to since *place*; nothing where that is not there."""
        parts: list[_Part] = []
        for number in range(1, ROTATED_LOOKED_AT + 1):
            path = self.path.with_name(f"{self.path.name}.{number}")
            try:
                inode = path.stat().st_ino
            except OSError:
                break
            if inode == place.inode:
                return [_Part(path, inode, place.offset), *parts]
            parts.insert(0, _Part(path, inode, 0))
        return []


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


class LogReader:
    """Follows one of the program's logs; of its own always the newest."""

    def __init__(self, settings: Settings, which: Which, count: int) -> None:
        """Begin with the newest *count* lines."""
        self._settings, self._which, self._count = settings, which, count
        self._follower: ProcessTracker | None = None

    @property
    def path(self) -> Path | None:
        """Where the log lies that was read last."""
        return self._follower.path if self._follower is not None else None

    def look(self) -> Gained:
        """Return what is new since the last look."""
        gained = self._follower.look() if self._follower is not None else Gained((), 0)
        path = log_file(self._settings, self._which)
        if path is None or path == self.path:
            return gained
        # A log that took the place of another is new from its beginning.
        count = self._count if self._follower is None else NEW_LOG_LINES
        self._follower = ProcessTracker(path, count)
        new = self._follower.look()
        return Gained(gained.lines + new.lines, gained.skipped + new.skipped)
