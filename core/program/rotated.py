"""A log that rotates by size.  Uses the standard library alone, as the keeper does.

Invariants
----------
1. Nothing is lost: every byte that was written lies in one of the files, in order, unless the
   disk refused it, which the log then says itself.
2. All files together never exceed (keep + 1) × (max_bytes + LINE_SLACK), except while a reader
   on Windows keeps an old one from being renamed.
3. A file ends at the end of a line, unless that line is longer than LINE_SLACK.
4. Whatever the disk does, `write` returns: a full disk must not stop the program that prints.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

LINE_SLACK = 64 * 1024
"""By so many bytes a file may exceed its size to end with a line."""
FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)


class RotatedLog:
    """Appends bytes to *path*; full files become ``path.1`` (the newest) to ``path.<keep>``."""

    def __init__(self, path: Path, max_bytes: int, keep: int) -> None:
        self._path, self._max, self._keep = path, max_bytes, keep
        self._limit = max_bytes
        self._descriptor: int | None = None
        self._size = 0
        self._within_line = False
        self._lost = 0
        self._refused = ""
        with suppress(OSError):
            self._remove_surplus()

    def write(self, data: bytes) -> None:
        """Append *data*, rotating where it does not fit; what the disk refuses is counted."""
        rest = memoryview(data)
        try:
            descriptor = self._open()
            self._tell_loss(descriptor)
            while rest:
                cut = self._cut(rest)
                while cut:
                    done = self._append(descriptor, rest[:cut])
                    rest, cut = rest[done:], cut - done
                if rest:
                    descriptor = self._rotate()
        except OSError as error:
            self._lost += len(rest)
            self._refused = error.strerror or str(error)

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            with suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None

    def _cut(self, data: memoryview) -> int:
        """Return how much of *data* goes into the file that is open."""
        room = max(0, self._limit - self._size)
        if len(data) <= room:
            return len(data)
        near = bytes(data[: room + LINE_SLACK])
        last = near.rfind(b"\n", 0, room)
        if last >= 0:
            return last + 1
        if self._size and not self._within_line:
            return 0  # the whole line goes into the next file
        following = near.find(b"\n", room)
        return following + 1 if following >= 0 else room

    def _append(self, descriptor: int, data: memoryview) -> int:
        done = os.write(descriptor, data)
        self._size += done
        self._within_line = bytes(data[done - 1 : done]) != b"\n"
        return done

    def _open(self) -> int:
        if self._descriptor is not None:
            return self._descriptor
        descriptor = self._descriptor = os.open(self._path, FLAGS, 0o600)
        self._size = os.fstat(descriptor).st_size
        if self._size:
            os.lseek(descriptor, -1, os.SEEK_END)
            # Where the last run broke off within a line, this one begins another.
            if os.read(descriptor, 1) != b"\n":
                self._append(descriptor, memoryview(b"\n"))
        self._within_line = False
        return descriptor

    def _rotate(self) -> int:
        self.close()
        try:
            for number in range(self._keep - 1, 0, -1):
                with suppress(FileNotFoundError):
                    _numbered(self._path, number).replace(_numbered(self._path, number + 1))
            self._park()
            self._limit = self._max
            return self._open()
        except PermissionError:
            # Windows does not rename what somebody reads; it is tried again a little later.
            descriptor = self._open()
            self._limit = self._size + self._max
            return descriptor

    def _park(self) -> None:
        first = _numbered(self._path, 1)
        try:
            self._path.replace(first)
        except FileNotFoundError:
            return
        except PermissionError:
            # Somebody reads the newest; nobody but us writes to it, so a copy is as good.
            shutil.copyfile(self._path, first)
            os.truncate(self._path, 0)

    def _remove_surplus(self) -> None:
        for path in self._path.parent.glob(f"{self._path.name}.*"):
            number = path.name.removeprefix(f"{self._path.name}.")
            if number.isdigit() and int(number) > self._keep:
                path.unlink(missing_ok=True)

    def _tell_loss(self, descriptor: int) -> None:
        if not self._lost:
            return
        text = f"[{self._lost} bytes of output were lost here: {self._refused}]\n"
        if self._within_line:
            text = f"\n{text}"
        self._append(descriptor, memoryview(text.encode()))
        self._lost = 0


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")
