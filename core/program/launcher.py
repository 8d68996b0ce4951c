"""The process between the console and the trading program: its parent, its log, its witness.

    python -I keeper.py FOLDER        (what to start comes as JSON on standard input)

Invariants
----------
1. The program outlives whoever started it.  Its parent is this process, which does nothing but
   read what it prints and wait for its end; so a console or a supervisor that dies takes no
   pipe with it on which the program would break.
2. The program never waits for its log (`core.program.rotated`), and cannot fill the disk.
3. How it ended is written down, in the file that was opened when it began, whoever else lives.
4. This process signals nobody and ends with the program.
5. Started by root it becomes whom the program runs as before it starts it, for good.

It uses the standard library alone and reads no configuration: it is there for months and is to
be small.  Environment and command come by a pipe, never by a command line that others can read.
"""

from __future__ import annotations

import json
import os
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
from core.program.rotated import RotatedLog

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


if __name__ == "__main__":
    sys.exit(main())
