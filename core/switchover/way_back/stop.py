"""Whether the running program could be asked to close, and would hear it; nobody is asked."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil

from core.base.rights import user_name
from core.base.text import Finding, translate
from core.program.models import Program

if sys.platform == "win32":
    from core.program.windows import windows_of


def check_stop(programs: Sequence[Program]) -> Finding:
    """Return why one of the running *programs* would not close in order, or that nothing speaks
    against it.
    """
    look = _on_windows if sys.platform == "win32" else _by_signal
    for program in programs:
        finding = look(program.pid)
        if finding is not None:
            return finding
    if not programs:
        text = translate("wayback", "The trading program does not run: there is nothing to stop.")
        return Finding(name="stop", state="ok", evidence=text)
    text = translate("wayback", "The trading program (process {pids}) can be asked to close.",
                     pids=", ".join(str(one.pid) for one in programs))  # fmt: skip
    return Finding(name="stop", state="ok", evidence=text)


def _on_windows(pid: int) -> Finding | None:
    if sys.platform != "win32" or windows_of(pid):
        return None
    text = translate("wayback", "The trading program (process {pid}) has no window that could be "
                     "asked to close; it hears CTRL_BREAK only where the console started it.",
                     pid=str(pid))  # fmt: skip
    to_do = translate(
        "wayback", "Close it yourself before you go back, or start it by the console."
    )
    return Finding(name="stop", state="warning", evidence=text, to_do=to_do)


def _by_signal(pid: int) -> Finding | None:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return _of_another(pid)
    close = translate("wayback", "Close it yourself before you go back.")
    if _has_sigterm(pid, "SigIgn") or _has_sigterm(pid, "SigBlk"):
        text = translate("wayback", "The trading program (process {pid}) does not listen to the "
                         "request to close (SIGTERM).", pid=str(pid))  # fmt: skip
        return Finding(name="stop", state="failed", evidence=text, to_do=close)
    if sys.platform == "linux" and not _has_sigterm(pid, "SigCgt"):
        text = translate("wayback", "The trading program (process {pid}) does not close in order "
                         "when asked to (SIGTERM): it ends at once.", pid=str(pid))  # fmt: skip
        return Finding(name="stop", state="warning", evidence=text, to_do=close)
    return None


def _of_another(pid: int) -> Finding:
    text = translate(
        "wayback", "The trading program (process {pid}) belongs to {owner}: this user cannot ask "
        "it to close.", pid=str(pid), owner=user_name(psutil.Process(pid).uids().real),
    )  # fmt: skip
    to_do = translate("wayback", "Run the console as its user or as the administrator.")
    return Finding(name="stop", state="failed", evidence=text, to_do=to_do)


def _has_sigterm(pid: int, mask: str) -> bool:
    """Whether SIGTERM is in a *mask* of the process (`man 5 proc_pid_status`); False: unknown."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    bits = next((line.split()[1] for line in lines if line.startswith(f"{mask}:")), "0")
    return bool(int(bits, 16) >> (signal.SIGTERM - 1) & 1)
