"""Where the rig lies, and how something is run on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

ROOT = Path(__file__).resolve().parents[2]
DRAIN_SECONDS = 2.0
"""So long is waited for output after the end: a process that outlives it may hold the pipe."""
SCREEN = "1400x900x24"
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
"""https://docs.python.org/3/using/cmdline.html#envvar-PYTHONDONTWRITEBYTECODE"""


@dataclass(frozen=True)
class Rig:
    """A Windows Python, and the Windows it runs on."""

    folder: Path
    """Of python.exe."""
    prefix: Path
    """Of Wine: drive C: lies in it."""

    @property
    def python(self) -> Path:
        """The interpreter."""
        return self.folder / "python.exe"

    @property
    def packages(self) -> Path:
        """What is installed for it."""
        return self.folder / "Lib" / "site-packages"

    def environment(self, language: str) -> dict[str, str]:
        """Return the environment of a process on the rig; its code page follows *language*."""
        # Every process of a test would compile what it imports.
        inherited = {key: value for key, value in os.environ.items() if key != NO_BYTECODE}
        return {
            **inherited,
            "LANG": language,
            "LC_ALL": language,
            "WINEPREFIX": str(self.prefix),
            "WINEDEBUG": os.environ.get("WINEDEBUG", "-all"),
            "XDG_RUNTIME_DIR": os.environ.get("XDG_RUNTIME_DIR", "/tmp"),  # noqa: S108 (X's own)
        }


def find_rig() -> Rig:
    """Return the rig of this project, or the one that ``WINDOWS_RIG`` names, made or not."""
    folder = Path(os.environ.get("WINDOWS_RIG") or ROOT / ".tools" / "windows")
    return Rig(folder / "python", folder / "wine")


def run(
    rig: Rig,
    arguments: Sequence[str],
    out: BinaryIO | None = None,
    err: BinaryIO | None = None,
    environment: Mapping[str, str] | None = None,
) -> int:
    """Run python.exe with *arguments* and return its exit code; its output is handed on.

    *out* and *err* take it in the place of standard output and standard error; *environment* is
    added to the surroundings.

    The code page is 949, unless ``WINDOWS_LANG`` (`C.UTF-8`: 1252) says otherwise.  A screen is
    made where there is none.
    """
    language = os.environ.get("WINDOWS_LANG", "ko_KR.UTF-8")
    with screen() as display:
        # Wine gives Python usable handles of pipes alone.
        process = subprocess.Popen(
            ["wine", rig.python, *arguments],
            env={**rig.environment(language), "DISPLAY": display, **(environment or {})},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        pumps = [
            threading.Thread(target=_pump, args=pair, daemon=True)
            for pair in (
                (process.stdout, out or sys.stdout.buffer),
                (process.stderr, err or sys.stderr.buffer),
            )
        ]
        for pump in pumps:
            pump.start()
        code = process.wait()
        for pump in pumps:
            pump.join(DRAIN_SECONDS)
        return code


@contextmanager
def screen() -> Iterator[str]:
    """Have an X display: the one there is, or one of its own."""
    if os.environ.get("DISPLAY"):
        yield os.environ["DISPLAY"]
        return
    if shutil.which("Xvfb") is None:
        sys.exit("Xvfb is needed: python -m tools.windows setup")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp"],
        pass_fds=(writing,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    try:
        with os.fdopen(reading, encoding="ascii") as answer:
            number = answer.readline().strip()
        if not number:
            sys.exit("Xvfb did not start")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


def _pump(source: IO[bytes], target: BinaryIO) -> None:
    while data := os.read(source.fileno(), 65536):
        target.write(data)
        target.flush()
