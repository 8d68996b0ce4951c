"""Looks at SQLite's locks on Windows: there is no way to ask for a lock without taking it.

Even to try for a moment would make the trading program's own attempt fail, so nothing is
tried, and the wait for locks is not known.
"""

from __future__ import annotations

from pathlib import Path


def shut_out_by(path: Path) -> int | None:
    """Return None: a reader that is kept out finds out when it reads."""
    return None


def lock_wait(path: Path, limit_seconds: float) -> tuple[float, int | None] | None:
    """Return None: not known."""
    return None
