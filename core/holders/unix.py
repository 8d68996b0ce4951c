"""Holders on Linux and macOS: the open files of every process that may be looked at."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import psutil

from core.holders.models import HELPER, Holder


def find_holders(paths: Sequence[Path]) -> tuple[Holder, ...]:
    """Return the other processes that hold one of *paths* open.

    Processes of other users are seen only by root; SQLite itself then still refuses them in
    the program's own folder, which is readable by its owner alone.
    """
    wanted = {os.path.realpath(path) for path in paths}
    found = []
    for process in psutil.process_iter(["pid", "name", "cmdline"]):
        if process.pid == os.getpid() or not wanted:
            continue
        if HELPER in (process.info["cmdline"] or ()):
            continue  # the console's own, which only looks, for moments, and never at a swap
        try:
            held = {file.path for file in process.open_files()} & wanted
        except (psutil.Error, OSError):
            continue
        if held:
            found.append(
                Holder(
                    pid=process.pid,
                    name=process.info["name"] or "",
                    command=tuple(process.info["cmdline"] or ()),
                    paths=tuple(sorted(held)),
                )
            )
    return tuple(found)
