"""Clean-up that never hides why it came to it.

On a disk that stays broken the way out fails, too.  What failed first is what the operator has to
hear of, so a failure of the clean-up is logged beside it and never takes its place.  A ``finally``
or ``except`` whose own steps can fail uses one of these three instead.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import ParamSpec

P = ParamSpec("P")
log = logging.getLogger(__name__)


def attempt(step: Callable[P, object], /, *args: P.args, **kwargs: P.kwargs) -> bool:
    """Call *step*; log what it fails with, and return whether it went well."""
    try:
        step(*args, **kwargs)
    except Exception:
        log.exception("cleaning up: %s", getattr(step, "__qualname__", step))
        return False
    return True


@contextmanager
def cleaning_up(step: Callable[P, object], /, *args: P.args, **kwargs: P.kwargs) -> Iterator[None]:
    """Call *step* after the body, however that ended; its own failure is logged, never raised.

    For what does no harm where it stays: scratch that the sweep finds again, a lock that dies with
    its process.
    """
    try:
        yield
    finally:
        attempt(step, *args, **kwargs)


@contextmanager
def concluding(step: Callable[P, object], /, *args: P.args, **kwargs: P.kwargs) -> Iterator[None]:
    """Call *step* after the body; its failure is raised where the body did not fail before.

    For what belongs to the work itself, such as closing what was written.
    """
    try:
        yield
    except BaseException:
        attempt(step, *args, **kwargs)
        raise
    step(*args, **kwargs)


@contextmanager
def undoing(step: Callable[P, object], /, *args: P.args, **kwargs: P.kwargs) -> Iterator[None]:
    """Call *step* where the body fails, and only there; the body's failure is the one raised."""
    try:
        yield
    except BaseException:
        attempt(step, *args, **kwargs)
        raise


def remove_tree(folder: Path) -> None:
    """Remove *folder* and as much below it as can be; what stays is logged."""
    shutil.rmtree(folder, onerror=_stays)


def _stays(
    _function: Callable[..., object],
    path: str,
    info: tuple[type[BaseException], BaseException, TracebackType],
) -> None:
    if isinstance(info[1], FileNotFoundError):
        return
    try:
        os.rmdir(path)  # noqa: PTH106 (an empty folder goes, though it cannot be looked into)
    except OSError:
        log.warning("%s stays: %s", path, info[1])
