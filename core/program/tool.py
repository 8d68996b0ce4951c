"""Asks a tool of the system, without a shell."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence

from core.base.children import NO_WINDOW
from core.base.operation import OperationError
from core.base.text import Text, translate

SECONDS = 30.0
ENCODING = "oem" if sys.platform == "win32" else "utf-8"
"""Tools of Windows print in the code page of its consoles."""


class ToolFailed(Exception):  # noqa: N818 (the words of a tool that failed)
    """A tool is missing, hangs or failed; says what it said."""


def ask(command: Sequence[str]) -> str:
    """Run *command* and return its output; raises `ToolFailed`."""
    found = shutil.which(command[0])
    if found is None:
        raise ToolFailed(f"{command[0]}: not found")
    try:
        done = subprocess.run(
            [found, *command[1:]], stdin=subprocess.DEVNULL, capture_output=True,
            encoding=ENCODING, errors="replace", timeout=SECONDS, check=False,
            creationflags=NO_WINDOW,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolFailed(str(error)) from error
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())
        raise ToolFailed(said or f"{command[0]}: exit code {done.returncode}")
    return done.stdout


def not_installed(happened: Text, to_do: Text) -> OperationError:
    """Return the failure of an installation that left nothing behind."""
    return OperationError(
        happened,
        data_state=translate(
            "services", "Nothing is installed; the trading program was not touched."
        ),
        to_do=to_do,
    )
