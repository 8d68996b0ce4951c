"""Asking a program to close, and letting one outlive the console, on Linux and macOS."""

from __future__ import annotations

from typing import TypedDict

import psutil


class Detached(TypedDict, total=False):
    """Arguments of `subprocess.Popen`."""

    start_new_session: bool
    creationflags: int


DETACHED: Detached = {"start_new_session": True}
LOOSE = DETACHED


def ask_to_close(process: psutil.Process) -> None:
    """Send SIGTERM, on which the trading program closes in order."""
    process.terminate()


def ask_again(process: psutil.Process) -> None:
    """Do nothing: it was asked in the one way that there is."""
