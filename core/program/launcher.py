"""The process between the console and the trading program: its parent, its log, its witness.

    python -I keeper.py FOLDER        (what to start comes as JSON on standard input)

Invariants
----------
1. The program outlives whoever started it.  Its parent is this process, which does nothing but
   read what it prints and wait for its end; so a console or a supervisor that dies takes no
   pipe with it on which the program would break.
2. The program never waits for its log (`RotatedLog`), and cannot fill the disk.
3. How it ended is written down, in the file that was opened when it began, whoever else lives.
4. This process signals nobody and ends with the program.
5. Started by root it becomes whom the program runs as before it starts it, for good.
6. Nothing of the log is lost: every byte that was written lies in one of the files, in order,
   unless the disk refused it, which the log then says itself.
7. All its files together never exceed (keep + 1) × (max_bytes + LINE_SLACK), except while a
   reader on Windows keeps an old one from being renamed.  A file ends at the end of a line, unless
   that line is longer than LINE_SLACK.

It uses the standard library alone and reads no configuration: it is there for months and is to
be small.  Environment and command come by a pipe, never by a command line that others can read.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.base.entry import release_libraries

CHUNK = 64 * 1024
CREATE_NEW_PROCESS_GROUP = 0x00000200
CREATE_NO_WINDOW = 0x08000000


def main() -> int:
    """Start what standard input says, answer with its process, and keep it to its end."""
    for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", None)):
        if number is not None:
            # A handler, because the program would inherit that a signal is ignored.
            signal.signal(number, lambda *_: None)
    order = json.load(sys.stdin)
    # In the console's folder, which need not be open to whom the program runs as.
    record = _open_record(Path(order["record"]))
    try:
        _become(order.get("user"))
        release_libraries()
        child = _start(order)
    except (OSError, ValueError) as error:
        if record is not None:
            os.close(record)  # what is open is not removed on Windows
        with suppress(OSError):
            Path(order["record"]).unlink(missing_ok=True)
        _answer({"error": str(error)})
        return 1
    _note(record, {"keeper": os.getpid(), "pid": child.pid, "begun": time.time(),
                   "by": order["by"]})  # fmt: skip
    _answer({"pid": child.pid})
    pumps = [
        threading.Thread(target=_pump, args=(stream, order[name], order))
        for name, stream in (("out", child.stdout), ("err", child.stderr))
    ]
    for pump in pumps:
        pump.start()
    code = child.wait()
    _note(record, {"ended": time.time(), "exit_code": code})
    for pump in pumps:
        pump.join()
    return 0


def _become(user: dict[str, Any] | None) -> None:
    """Go on as *user*, for good: the program and its logs are his.  Raises `OSError`."""
    if user is None or sys.platform == "win32":
        return
    os.setgroups(user["groups"])
    os.setgid(user["gid"])
    os.setuid(user["uid"])


def _start(order: dict[str, Any]) -> subprocess.Popen[bytes]:
    detached: dict[str, Any] = {"start_new_session": True}
    if os.name == "nt":
        # With a console that nobody sees, by which it can be asked to close (`services/windows`).
        detached = {"creationflags": CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP}
    return subprocess.Popen(
        order["command"],
        cwd=order["cwd"],
        env=order["environment"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **detached,
    )


def _pump(stream: IO[bytes], path: str, order: dict[str, Any]) -> None:
    log = RotatedLog(Path(path), order["max_bytes"], order["keep"])
    while data := os.read(stream.fileno(), CHUNK):
        log.write(data)
    log.close()


def _open_record(path: Path) -> int | None:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
    try:
        record = os.open(path, flags, 0o600)
        if sys.platform != "win32" and os.geteuid() == 0:
            folder = path.parent.stat()
            os.fchown(record, folder.st_uid, folder.st_gid)
    except OSError:
        return None  # the program is more important than what is known of it
    return record


def _note(record: int | None, fact: dict[str, object]) -> None:
    if record is None:
        return
    try:
        os.write(record, f"{json.dumps(fact)}\n".encode())
        os.fsync(record)
    except OSError:
        return


def _answer(answer: dict[str, object]) -> None:
    """Say it to whoever started this, who then goes on alone."""
    with suppress(OSError):
        os.write(1, f"{json.dumps(answer)}\n".encode())
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)


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


if __name__ == "__main__":
    sys.exit(main())
