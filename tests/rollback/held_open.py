"""Holds databases open in a process that a test starts, as a console does while it reads them."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import apsw

from core.base.operation import Context


def hold(_: Context | None, paths: list[str]) -> None:
    """Open *paths*, say by whom, and wait until this process is ended."""
    connections = [
        apsw.Connection(
            f"{Path(path).as_uri()}?mode=ro", flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        )
        for path in paths
    ]
    for connection in connections:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    os.write(1, f"{os.getpid()}\n".encode())
    threading.Event().wait()


def hold_unbound(paths: list[str]) -> None:
    """Hold as a worker of a console from before workers bore a mark."""
    hold(None, paths)
