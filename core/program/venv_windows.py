"""A virtual environment's ``python.exe`` on Windows starts the real one and waits for it.

Two processes with the same command line are then one program: the first has its PID known to
whoever started it, the second opens the databases.  So the console starts the second itself, as
`multiprocessing` does, and counts the first for nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from core.program.models import Program

LAUNCHER = "__PYVENV_LAUNCHER__"
"""By this variable the real Python knows of which environment it is (CPython's `getpath.py`)."""


def of_real_python(
    command: Sequence[str], environment: Mapping[str, str]
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the command and environment that start the Python behind an environment's.

    They are as given where *command* names no Python of an environment by its whole path, or the
    one behind it is not there.
    """
    named = Path(command[0])
    base = _base_of(named) if named.is_absolute() else None
    if base is None:
        return tuple(command), dict(environment)
    return (str(base), *command[1:]), {**environment, LAUNCHER: str(named)}


def without_launchers(programs: Sequence[Program]) -> tuple[Program, ...]:
    """Return *programs* without those that wait for another of them, on Windows."""
    if sys.platform != "win32" or len(programs) < 2:
        return tuple(programs)
    waiting: set[int] = set()
    for program in programs:
        with suppress(psutil.Error, OSError):
            waiting.add(psutil.Process(program.pid).ppid())
    return tuple(one for one in programs if one.pid not in waiting)


def _base_of(python: Path) -> Path | None:
    """Return the Python that the environment of *python* was made with."""
    try:
        lines = (python.parent.parent / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    values = {key.strip(): value.strip() for key, _, value in (one.partition("=") for one in lines)}
    base = Path(values.get("home", "")) / python.name
    return base if base.is_absolute() and base.is_file() else None
