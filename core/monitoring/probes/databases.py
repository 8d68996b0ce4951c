"""Each database: does it answer, how fast, how large, who waits for whom."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import TypeAlias

from core.base.config.models import GuardedFile, Settings
from core.base.metrics import Measure, Measured
from core.base.text import Text, translate
from core.monitoring.models import Every, Fact, Moment, Reading, State
from core.monitoring.probes.client import Helper
from core.monitoring.probes.guard import running_operation, swaps
from core.monitoring.probes.helper import Answer, Request
from core.monitoring.probes.program import version_of_number

LOCKS_SECONDS = 10.0
ABSENT_SECONDS = 600.0
"""How often a database is asked again for what it did not hold."""
SHARE = 0.02
"""Looks that parse the schema (60 ms with 5,580 tables) may take this share of the time."""
GROWTH_SECONDS = 3_600.0
GROWTH_STEP_SECONDS = 60.0
REACHABLE = {"ok"}
NOT_THERE = {"missing", "empty"}


Shared: TypeAlias = dict[str, dict[str, Measured | None]]
"""What the probes of all databases found: by the measure's reference and the database."""


class _Asked:
    """A measure as one database is asked for it."""

    def __init__(self, measure: Measure) -> None:
        self.measure = measure
        self.subjects = list(measure.subjects)
        self.every = Every(measure.metric.period)


class DatabaseProbe:
    """One database, through the helper process."""

    def __init__(
        self, settings: Settings, file: GuardedFile, helper: Helper, shared: Shared
    ) -> None:
        self.name = f"db.{file.name}"
        self._settings = settings
        self._file = file
        self._helper = helper
        self._shared = shared
        self._asked = {measure.reference: _Asked(measure) for measure in settings.measures}
        self._locks = Every(LOCKS_SECONDS)
        self._overdue_since: float | None = None
        self._sizes: deque[tuple[float, int]] = deque()

    def due(self, monotonic: float) -> bool:
        """At every tick."""
        return True

    def measure(self, moment: Moment) -> Reading:
        """Look; while the console itself swaps files only their sizes are read."""
        if swaps(running_operation(self._settings)):
            return Reading(self._sizes_now(moment.monotonic))
        now = moment.monotonic
        request = Request(
            name=self._file.name,
            path=str(self._file.path),
            locks=self._locks.due(now),
            measures={
                name: one.subjects for name, one in self._asked.items() if one.every.due(now)
            },
        )
        answer = self._helper.ask(request)
        if request["locks"]:
            self._locks.done(now)
        return self._reading(request, answer, moment)

    def _reading(self, request: Request, answer: Answer, moment: Moment) -> Reading:
        name, now = self._file.name, moment.monotonic
        values = self._sizes_now(now, answer.get("size", 0), answer.get("wal_size", 0))
        condition = answer["condition"]
        values[f"db.{name}.reachable"] = float(condition in REACHABLE)
        if "read_seconds" in answer:
            values[f"db.{name}.read_seconds"] = answer["read_seconds"]
        if "checkpoint_due" in answer:
            values[f"db.{name}.checkpoint_overdue_seconds"] = self._overdue(
                answer["checkpoint_due"], now
            )
        if "lock_seconds" in answer:
            values[f"db.{name}.lock_wait_seconds"] = answer["lock_seconds"]
        if condition in REACHABLE:
            values |= self._application(answer, moment)
        else:
            for reference in request["measures"]:
                self._shared.setdefault(reference, {})[name] = None
        return Reading(values, self._facts(answer))

    def _application(self, answer: Answer, moment: Moment) -> dict[str, float]:
        spent = answer.get("deeper_seconds", 0.0) / SHARE
        values: dict[str, float] = {}
        if "failed" in answer:  # a schema that changes this very moment
            return values
        for reference, found in answer.get("measured", {}).items():
            asked = self._asked[reference]
            # What is watched is found out once, so that a graph keeps its subject.
            asked.subjects = asked.subjects or [name for name in found or {} if name]
            there = found or asked.subjects
            pause = asked.measure.metric.period if there else ABSENT_SECONDS
            asked.every.done(moment.monotonic, max(spent, pause))
            known = self._shared.setdefault(reference, {})
            known[self._file.name] = found
            values |= asked.measure.sampled(known, self._file.name, moment.wall)
        return values

    def _sizes_now(
        self, now: float, size: int | None = None, wal_size: int | None = None
    ) -> dict[str, float]:
        name = self._file.name
        if size is None or wal_size is None:
            size, wal_size = size_of(self._file.path), size_of(Path(f"{self._file.path}-wal"))
        values = {f"db.{name}.size_bytes": float(size), f"db.{name}.wal_bytes": float(wal_size)}
        growth = self._growth(now, size)
        if growth is not None:
            values[f"db.{name}.growth_bytes_per_hour"] = growth
        return values

    def _growth(self, now: float, size: int) -> float | None:
        """Return the growth over the last hour, once a minute, when five minutes are known."""
        if self._sizes and now - self._sizes[-1][0] < GROWTH_STEP_SECONDS:
            return None
        self._sizes.append((now, size))
        while now - self._sizes[0][0] > GROWTH_SECONDS:
            self._sizes.popleft()
        begun, first = self._sizes[0]
        if now - begun < 5 * GROWTH_STEP_SECONDS:
            return None
        return (size - first) / (now - begun) * 3_600.0

    def _overdue(self, due: bool, now: float) -> float:
        if not due:
            self._overdue_since = None
            return 0.0
        if self._overdue_since is None:
            self._overdue_since = now
        return now - self._overdue_since

    def _facts(self, answer: Answer) -> tuple[Fact, ...]:
        name, condition = self._file.name, answer["condition"]
        facts = [
            Fact(
                key=f"db.{name}.condition",
                name=translate("health", "Condition of {database}", database=name),
                value=condition,
                state=State.OK if condition in REACHABLE else State.CRITICAL,
                advice=_advice(condition, answer.get("detail", "")),
            )
        ]
        version = version_of_number(answer.get("written_by", 0))
        if version is not None:
            facts.append(
                Fact(
                    key=f"db.{name}.written_by",
                    name=translate("health", "SQLite that last wrote {database}", database=name),
                    value=version,
                )
            )
        if "lock_pid" in answer:
            facts.append(
                Fact(
                    key=f"db.{name}.lock_pid",
                    name=translate("health", "Process that held the write lock"),
                    value=str(answer["lock_pid"]),
                )
            )
        return tuple(facts)


def size_of(path: Path) -> int:
    """Return the size of *path* in bytes, 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _advice(condition: str, detail: str) -> Text | None:
    if condition in REACHABLE:
        return None
    if condition in NOT_THERE:
        return translate("health", "The file is missing or empty. Roll back to a restore point.")
    if condition == "locked":
        return translate("health", "Another process holds it locked: {detail}", detail=detail)
    if condition == "unreadable":
        return translate("health", "The system refuses to read it: {detail}", detail=detail)
    return translate(
        "health",
        "It is not a sound database. Roll back to a restore point. {detail}",
        detail=detail,
    )
