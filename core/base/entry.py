"""How the console is started, and starts modules of its own: from a checkout, or as built.

`tools.bundle` builds two programs for operators who have no Python: the window, and the commands.
A program that is built is its own interpreter and runs nothing but the console, so what a
checkout starts with ``python FILE`` it starts with itself and `RUN_MODULE`.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The folder of the packages: the checkout, or what the built program brought."""
SCRIPT = "run_ops_console.py"
WINDOW, COMMANDS = "UpbitOpsConsole", "ops-console"
"""What `tools.bundle` calls its programs."""
RUN_MODULE = "--run-module"
"""First word to `SCRIPT` and to what is built of it; a module's name and its words follow."""

_LIBRARIES, _OF_BOOTLOADER = "LD_LIBRARY_PATH", "_PYI_"
SUFFIX = ".exe" if os.name == "nt" else ""
"""Of what a program is called in the file system."""


def is_built() -> bool:
    """Whether this is what `tools.bundle` built, and no Python."""
    # https://pyinstaller.org/en/stable/runtime-information.html
    return bool(getattr(sys, "frozen", False))


def console_command() -> tuple[str, ...]:
    """Return the command that is the console, to which its words are added."""
    if is_built():
        return (str(Path(sys.executable).with_name(COMMANDS + SUFFIX)),)
    return (sys.executable, str(ROOT / SCRIPT))


def module_command(module: str, *, isolated: bool = False) -> tuple[str, ...]:
    """Return the command that runs *module* of the console as a program, its words to be added.

    The module says itself where its packages are.  *isolated* is for one that uses the standard
    library alone: then nothing of the user's surroundings counts, as with ``python -I``.
    """
    if is_built():
        return (*console_command(), RUN_MODULE, module)
    options = ("-I",) if isolated else ("-P", "-X", "utf8")
    return (sys.executable, *options, str(ROOT.joinpath(*module.split(".")).with_suffix(".py")))


def restore_environment() -> None:
    """Take back, in what is built, what points other programs at its libraries.

    The trading program is started with the environment of this process, and would load them.
    Of Qt's paths this process needs none: it finds its plugins beside itself.
    """
    # By the first of the build's hooks, before those of libraries (`tools.bundle.as_found`).
    found: dict[str, str] | None = getattr(sys, "environment_as_found", None)
    if found is None:
        return
    kept = {name: value for name, value in found.items() if not name.startswith(_OF_BOOTLOADER)}
    former = kept.pop(f"{_LIBRARIES}_ORIG", None)
    kept.pop(_LIBRARIES, None)
    os.environ.clear()
    os.environ.update({**kept, **({_LIBRARIES: former} if former is not None else {})})


def release_libraries() -> None:
    """On Windows: let no child look for libraries where this program, when built, has its own.

    https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-setdlldirectoryw
    """
    if sys.platform == "win32" and is_built():
        ctypes.windll.kernel32.SetDllDirectoryW(None)


def runs_module(command: Sequence[str], module: str) -> bool:
    """Whether *command* runs *module*, as `module_command` says, or by ``-m``."""
    file = Path(*module.split(".")).with_suffix(".py").parts
    return any(one == module or Path(one).parts[-len(file) :] == file for one in command)


def environment_python(folder: Path) -> Path:
    """Return the Python of the virtual environment in *folder*."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def python_for(folder: Path) -> str | None:
    """Return the Python that a program in *folder* runs on; None where there is none.

    That of its virtual environment where it has one, else the console's, else the system's.
    """
    for environment in (".venv", "venv"):
        python = environment_python(folder / environment)
        if python.is_file():
            return str(python)
    if is_built():
        return shutil.which("python3") or shutil.which("python")
    return sys.executable


def is_entry(command: Sequence[str]) -> bool:
    """Whether *command* starts a console, from a checkout or built, of whatever version."""
    if command and Path(command[0]).name.removesuffix(".exe") in {WINDOW, COMMANDS}:
        return True
    return any(Path(argument).name == SCRIPT for argument in command)
