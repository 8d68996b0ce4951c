"""A console of its own process whose worker process outlives it, if it can.

python -m tests.store.orphans (works|deaf|late) FILE
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

import psutil

from core.base.operation import Context
from core.base.process import run_in_process


def work(context: Context, file: Path) -> None:
    """Tell the process id and go on for ever, without ever asking whether to stop."""
    file.write_text(str(os.getpid()), encoding="utf-8")
    while True:
        file.touch()


def deaf(context: Context, file: Path) -> None:
    """Like `work`, where the system does not kill the children of the dead."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
    work(context, file)


class Late:
    """An argument that takes so long to arrive that the console is dead by then."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, ...]:
        return _arrive_late, (self.file,)


def _arrive_late(file: Path) -> str:
    file.write_text(str(os.getpid()), encoding="utf-8")
    parent = psutil.Process(os.getppid())
    parent.kill()
    parent.wait()
    return ""


def too_late(context: Context, late: object, file: Path) -> None:
    """What must not happen any more."""
    file.with_suffix(".published").touch()


if __name__ == "__main__":
    how, told = sys.argv[1], Path(sys.argv[2])
    if how == "late":
        run_in_process(too_late, Context(), Late(told), told)
    else:
        run_in_process(work if how == "works" else deaf, Context(), told)
