"""What an adapter measures of its program: read from the databases beside what core reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import apsw

from core.base.metrics import Metric

Measured: TypeAlias = dict[str, float]
"""Numbers by what they are of; an empty name where there is one alone."""


@dataclass(frozen=True)
class Measure:
    """One metric of the program's own, and how it comes about.

    Each database is asked every `metric.period` seconds, seldom one that holds nothing of it.
    """

    metric: Metric
    read: Callable[[apsw.Connection, Sequence[str]], Measured | None]
    """Reads it for the given subjects, all where there are none; None: nothing of it is there.
    A function of a module that imports little: it runs in a process of its own, on a read-only
    connection."""
    sampled: Callable[[Mapping[str, Measured | None], str, float], dict[str, float]]
    """The values by key, from what each database holds, the database that was read just now and
    the Unix time."""
    subjects: tuple[str, ...] = ()
    """What the ``*`` of the metric stands for, where the operator says it."""

    @property
    def reference(self) -> str:
        """Return where `read` is found, as `pkgutil.resolve_name` takes it."""
        return f"{self.read.__module__}:{self.read.__qualname__}"
