"""Makes sure that the console can start: Python, its libraries, and what Qt needs of the system.

Uses the standard library alone, because it runs before anything else is there.  Where the
running Python has the locked libraries already, nothing happens; else an environment of the
console's own is made in ``.venv`` from the hash-pinned lock, and the command runs on in it.
"""

from __future__ import annotations

import codecs
import ctypes.util
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from core.base.entry import ROOT, SUFFIX, environment_python

LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
TOOLS = ROOT / ".tools"
OLDEST, NEWEST = (3, 11), (3, 13)
INSIDE = "UPBIT_CONSOLE_PREPARED"
"""Set for the process that runs in the environment, so that it does not make another."""

NEEDED = ("apsw", "blake3", "filelock", "psutil", "pydantic", "PyQt6", "pyqtgraph", "zstandard")
NEEDED_BY_TESTS = (*NEEDED, "PyInstaller", "hypothesis", "pytest", "pytestqt")

# Library that Qt's platform plugin loads: Debian's package that brings it.
QT_LIBRARIES = {
    "EGL": "libegl1",
    "GL": "libgl1",
    "xkbcommon": "libxkbcommon0",
    "xkbcommon-x11": "libxkbcommon-x11-0",
    "dbus-1": "libdbus-1-3",
    "fontconfig": "libfontconfig1",
    "glib-2.0": "libglib2.0-0",
    "xcb-cursor": "libxcb-cursor0",
    "xcb-icccm": "libxcb-icccm4",
    "xcb-image": "libxcb-image0",
    "xcb-keysyms": "libxcb-keysyms1",
    "xcb-randr": "libxcb-randr0",
    "xcb-render-util": "libxcb-render-util0",
    "xcb-shape": "libxcb-shape0",
    "xcb-xinerama": "libxcb-xinerama0",
}
FONTS = "fonts-noto-cjk"
LOADER_CACHE, FONT_FOLDER = Path("/etc/ld.so.cache"), Path("/usr/share/fonts")


def ensure_environment(
    program: Sequence[str], arguments: Sequence[str], *, tests: bool = False
) -> None:
    """Return when this process can run *program* (a script, or ``-m`` and a module).

    Else go on in a Python that can.

    Ends the process with a sentence where Python is too old or new, or with the exit code of
    the process that went on.
    """
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        wanted = f"{OLDEST[0]}.{OLDEST[1]} – {NEWEST[0]}.{NEWEST[1]}"
        sys.exit(f"Python {wanted} is needed / Python {wanted} 이 필요합니다: {sys.version}")
    _ensure_system_libraries()
    if all(importlib.util.find_spec(name) for name in (NEEDED_BY_TESTS if tests else NEEDED)):
        return
    if os.environ.get(INSIDE):
        sys.exit(f"The libraries in {ROOT / '.venv'} are incomplete: remove it and start again.")
    python = _environment(DEV_LOCK if tests else LOCK)
    command = [str(python), *program, *arguments]
    environment = {**os.environ, INSIDE: "1"}
    if os.name == "posix":
        os.execve(command[0], command, environment)  # noqa: S606 (a list, no shell)
    sys.exit(subprocess.run(command, env=environment, check=False).returncode)


def ensure_unicode() -> None:
    """Go on in Python's UTF-8 mode where it takes the names of files for ASCII.

    That is so with ``LC_ALL=C`` and ``PYTHONUTF8=0``: every Hangul in a path is then half a
    character, which no file, database or message can hold.
    """
    if os.name == "posix" and codecs.lookup(sys.getfilesystemencoding()).name == "ascii":
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606


def _environment(lock: Path) -> Path:
    """Return the Python of an environment that holds what *lock* names, exactly."""
    folder = ROOT / ".venv"
    python = environment_python(folder)
    mark = folder / f".{lock.name}"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if python.exists() and mark.exists() and mark.read_text(encoding="utf-8") == digest:
        return python
    print("Preparing the libraries … / 라이브러리를 준비합니다 …", file=sys.stderr, flush=True)
    uv = _uv()
    if not python.exists():
        _call([*uv, "venv", "--quiet", "--python", sys.executable, str(folder)])
    _call(
        [*uv, "pip", "install", "--quiet", "--python", str(python), "--require-hashes",
         "-r", str(lock)]
    )  # fmt: skip
    mark.write_text(digest, encoding="utf-8")
    return python


def find_uv() -> str | None:
    """Return where uv is: among the programs of the system, or beside the console."""
    # By its whole name: before Python 3.12 `which` tries no .exe where a folder is named.
    beside = TOOLS / "bin" / f"uv{SUFFIX}"
    return shutil.which("uv") or (str(beside) if beside.is_file() else None)


def _uv() -> list[str]:
    """Return the command of uv, installing it beside the console where there is none."""
    found = find_uv()
    if found is None:
        _call(
            [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "--root-user-action", "ignore", "--target", str(TOOLS), "uv"]
        )  # fmt: skip
        found = find_uv()
    if found is None:
        sys.exit(f"uv could not be installed into / 설치하지 못했습니다: {TOOLS}")
    return [found]


def _call(command: Sequence[str]) -> None:
    try:
        subprocess.run(command, check=True, stdout=sys.stderr)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"This did not work / 실행하지 못했습니다: {' '.join(command)}\n{error}")


def _ensure_system_libraries() -> None:
    """Install what Qt needs of a Debian system when root, else say what to paste."""
    if sys.platform != "linux":
        return
    # Each start comes here: where files tell all of it, no other program is asked.
    known = LOADER_CACHE.read_bytes() if LOADER_CACHE.exists() else b""
    missing = [
        package
        for name, package in QT_LIBRARIES.items()
        if f"lib{name}.so.".encode() not in known and ctypes.util.find_library(name) is None
    ]
    if not _has_korean_font():
        missing.append(FONTS)
    if not missing:
        return
    line = f"apt-get install -y --no-install-recommends {' '.join(missing)}"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"{line} …", file=sys.stderr, flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-qq"], [*line.split(), "-qq"]):
            done = subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL)
        if done.returncode == 0:
            return
    print(f"Qt needs this once / 한 번만 실행하세요:  sudo {line}", file=sys.stderr)


def _has_korean_font() -> bool:
    """Whether any font with Hangul is there, by its name or as far as fontconfig tells."""
    if any(FONT_FOLDER.rglob("*CJK*")):
        return True
    listed = shutil.which("fc-list")
    if listed is None:
        return False
    found = subprocess.run([listed, ":lang=ko"], capture_output=True, check=False)
    return bool(found.stdout.strip())
