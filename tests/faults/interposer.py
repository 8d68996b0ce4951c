"""Builds the interposer and tells it what to do: which call fails, where, how.

The C part says what the variables mean.  Only a process of the console is armed: the trading
program is known by its command line and disarms itself (see `armed_here` in interposer.c).
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("interposer.c")
CALLS = (
    "open", "write", "pwrite", "fsync", "rename", "link",
    "unlink", "rmdir", "ftruncate", "mkdir", "chmod",
)  # fmt: skip
ERRORS = ("ENOSPC", "EIO", "EACCES", "EINTR")
KILLS = ("kill-before", "kill-after", "crash-before", "crash-after")
"""SIGKILL of the process that calls, or of all processes of the command: before or after it."""
STRANGER = "run_desktop_ui.py"
_LAYOUT = struct.Struct("=16QQQ512s")


@dataclass(frozen=True)
class Fault:
    """What goes wrong: the *at*-th *call* fails with *error*, once or from then on."""

    call: str
    at: int
    error: str
    lasting: bool = False
    below: str = ""
    """Only paths that begin so count and are hit; relative to the site."""


@dataclass(frozen=True)
class Counted:
    """What the processes of one command called, and whether the fault came about."""

    calls: dict[str, int]
    fired: int
    pid: int
    path: str
    """Of the first call that was hit."""


def unavailable() -> str | None:
    """Why nothing can be interposed on this system, None where it can."""
    return None if sys.platform == "linux" else "LD_PRELOAD is Linux's"


def cache_folder() -> Path:
    """Return where things are kept between runs; private, for what lies there is executed."""
    folder = Path(tempfile.gettempdir()) / f"ops-console-faults-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o077:
        raise PermissionError(f"{folder} is not private")
    return folder


def build() -> Path:
    """Compile the interposer, once for each version of it, and return the library."""
    name = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    library = cache_folder() / f"{name}.so"
    if library.exists():
        return library
    if shutil.which("gcc") is None:
        raise RuntimeError("gcc is missing: apt-get install gcc libc6-dev")
    making = library.with_name(f"{name}.{os.getpid()}")
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-o", making, SOURCE, "-ldl"], check=True
    )
    making.replace(library)
    return library


def environment(counter: Path, root: Path, fault: Fault | None, below: str = "") -> dict[str, str]:
    """Return the variables that arm a command; begins the counts anew.

    None: nothing fails, and the calls *below* a path are counted.
    """
    counter.write_bytes(bytes(_LAYOUT.size))
    found = {
        "LD_PRELOAD": str(build()),
        "FAULTS_COUNTER": str(counter),
        "FAULTS_ROOTS": str(root),
        "FAULTS_STRANGERS": STRANGER,
    }
    if fault is not None:
        number = fault.error if fault.error in KILLS else str(getattr(errno, fault.error))
        found |= {
            "FAULTS_CALL": fault.call,
            "FAULTS_AT": str(fault.at),
            "FAULTS_ERROR": number,
            "FAULTS_FROM": "lasting" if fault.lasting else "once",
        }
        below = fault.below
    if below:
        found["FAULTS_BELOW"] = str(root / below)
    return found


def read(counter: Path) -> Counted:
    """Return what was counted since `environment`."""
    *counts, fired, pid, path = _LAYOUT.unpack(counter.read_bytes())
    return Counted(
        calls=dict(zip(CALLS, counts, strict=False)),
        fired=fired,
        pid=pid,
        path=path.split(b"\0", 1)[0].decode(errors="replace"),
    )
