"""The scratch roots of rehearsals: made, and removed whatever became of who made them."""

from __future__ import annotations

import shutil
from pathlib import Path

import psutil

from core.base.config.models import Settings
from core.program.models import MARK
from core.program.release import home

FOLDER = "rehearsal"
STOP_SECONDS = 5.0


def rehearsals(settings: Settings) -> Path:
    """Return the folder in which rehearsals happen."""
    return home(settings) / FOLDER


def sweep_rehearsals(settings: Settings) -> tuple[str, ...]:
    """End programs of rehearsals that were cut off and remove their folders; return their names.

    Such a program works on a copy and has no keys of the exchange: it holds no position, so one
    that does not close when asked is ended.
    """
    root = rehearsals(settings)
    if not root.is_dir():
        return ()
    end_rehearsed(root)
    names = tuple(sorted(folder.name for folder in root.iterdir()))
    shutil.rmtree(root)
    return names


def end_rehearsed(root: Path) -> None:
    """End every process that was started for a rehearsal below *root*."""
    found = []
    for process in psutil.process_iter():
        try:
            mark = process.environ().get(MARK)
        except (psutil.Error, OSError):
            continue
        if mark and Path(mark).is_relative_to(root):
            found.append(process)
    for process in found:
        _ask(process, hard=False)
    _, left = psutil.wait_procs(found, timeout=STOP_SECONDS)
    for process in left:
        _ask(process, hard=True)
    psutil.wait_procs(left, timeout=STOP_SECONDS)


def _ask(process: psutil.Process, *, hard: bool) -> None:
    try:
        process.kill() if hard else process.terminate()
    except psutil.NoSuchProcess:
        return
