"""Systems that cannot be asked: the thread that watches the pipe is all there is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess


def ask_system(parent: int) -> bool:
    """Return whether the parent still lives."""
    return os.getppid() == parent


@contextmanager
def bound(child: BaseProcess) -> Iterator[None]:
    """Nothing holds *child* but its own watch."""
    yield
