"""Watches by itself after a migration, rollback or deployment, and says whether to go back.

Health is worse when, since the operation ended, one of the chosen rules has a new incident, or
when enough of the chosen metrics are clearly worse than in the quarter of an hour before it.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import apsw

from core.backup.models import Reason
from core.backup.store import Store
from core.base.config.models import Settings
from core.base.journal import Entry, Outcome, entries
from core.base.model import Strict
from core.base.state import open_state
from core.base.text import Text, translate
from core.monitoring.alerts.incidents import list_incidents
from core.monitoring.alerts.models import Incident, title_of
from core.monitoring.history.query import metric_keys, read_tier
from core.monitoring.history.tiers import RAW
from core.monitoring.models import Every, Fact, Moment, Reading, utc
from core.monitoring.probes.guard import changes_program
from core.monitoring.verdict import Comparison, Judgement, Verdict, compare
from core.program.runs import read_wanted

SAVED_BEFORE = {
    Reason.BEFORE_ROLLBACK, Reason.BEFORE_MIGRATION, Reason.BEFORE_DEPLOYMENT,
}  # fmt: skip
BY = "health watch"
"""Who a rollback is by that this watch performs, in the journal."""
NOT_RUNNING = "program_not_running"
RAN_LATELY = timedelta(minutes=2)


class WatchResult(Strict):
    """What the watch after an operation found."""

    operation: str
    watched_seconds: float
    worse: bool
    reasons: tuple[Text, ...]
    verdict: Verdict
    incidents: tuple[Incident, ...]
    """The new ones, of the chosen rules."""
    restore_point: str | None
    """To go back to; None where none was made before the operation."""
    start: bool
    """Whether the program is to run after going back: it did before, and nobody stopped it."""
    action: str
    """``none``, ``offer`` (to the operator) or ``perform``: the rollback to `restore_point`."""


def is_watched(entry: Entry) -> bool:
    """Whether *entry* is an operation after which health is watched."""
    return entry.outcome is Outcome.OK and changes_program(entry.operation)


def point_before(settings: Settings, entry: Entry) -> str | None:
    """Return the restore point that *entry*'s operation made of the state before it."""
    ended = entry.ended or datetime.now(UTC)
    candidates = [
        one.point
        for one in Store(settings.store).listed()
        if one.good
        and one.point.reason in SAVED_BEFORE
        and entry.begun - timedelta(seconds=1) <= one.point.created <= ended
    ]
    # A rollback makes two: of the moment it began, and of what it replaced, which is the newer.
    return candidates[0].id if candidates else None


def judge(settings: Settings, entry: Entry, now: datetime) -> WatchResult:
    """Say how health is at *now*, compared with before *entry*'s operation."""
    watch = settings.health.watch
    ended = entry.ended or entry.begun
    # What stood open before is not the operation's doing.
    incidents = tuple(
        one
        for one in list_incidents(settings)
        if one.rule in watch.rules
        and one.begun >= entry.begun
        and one.fired <= now
        and not (one.rule == NOT_RUNNING and _wanted_stopped(settings))
    )
    with open_state(settings) as connection:
        verdict = compare(
            connection, entry.begun, ended, now,
            keys=_matching(connection, watch.metrics), settle_seconds=watch.settle_seconds,
        )  # fmt: skip
        ran = _ran_before(connection, entry.begun)
    clearly = verdict.of(Judgement.WORSE)
    lasting = [incident for incident in incidents if incident.fired >= ended or incident.active]
    worse = bool(lasting) or len(clearly) >= watch.worse_metrics
    point = point_before(settings, entry) if worse else None
    return WatchResult(
        operation=entry.operation,
        watched_seconds=max(0.0, (now - ended).total_seconds()),
        worse=worse,
        reasons=_reasons(settings, lasting, clearly) if worse else (),
        verdict=verdict,
        incidents=tuple(lasting),
        restore_point=point,
        start=ran and not _wanted_stopped(settings),
        action=_action(settings, entry) if worse and point is not None else "none",
    )


def _wanted_stopped(settings: Settings) -> bool:
    """Whether an operator stopped the program: that it does not run is nobody's fault."""
    wanted = read_wanted(settings)
    return wanted is not None and wanted.state == "stopped"


def _ran_before(connection: apsw.Connection, begun: datetime) -> bool:
    found = read_tier(connection, RAW, ["program_running"], begun - RAN_LATELY, begun)
    series = found.get("program_running")
    return series is not None and bool((series.mean == 1.0).any())


def _action(settings: Settings, entry: Entry) -> str:
    # What was performed by itself is not undone by itself: that would go to and fro for ever.
    if entry.by.endswith(BY):
        return "offer"
    return settings.health.watch.when_worse


def _reasons(
    settings: Settings, incidents: list[Incident], comparisons: tuple[Comparison, ...]
) -> tuple[Text, ...]:
    told = [
        title_of(incident.rule, settings.health.rules.get(incident.rule)) for incident in incidents
    ]
    told += [
        translate("health", "{metric}, {change}", metric=comparison.name, change=comparison.text)
        for comparison in comparisons
    ]
    return tuple(told)


def _matching(connection: apsw.Connection, patterns: tuple[str, ...]) -> list[str]:
    return [
        key
        for key in metric_keys(connection)
        if any(fnmatch.fnmatchcase(key, pattern) for pattern in patterns)
    ]


LOOK_SECONDS = 5.0
RECENT = 10
"""So many operations back the newest one to be watched is looked for."""


class AftercareProbe:
    """Looks every few seconds whether health is worse than before the newest such operation.

    Each operation is told of once, on this probe's thread: when health is worse, else when the
    time is over.
    """

    name = "aftercare"

    def __init__(
        self,
        settings: Settings,
        on_watched: Callable[[WatchResult], None],
        recording: Callable[[], bool],
    ) -> None:
        """Tell *on_watched*; while not *recording* nothing is to be performed, only seen."""
        self._settings = settings
        self._on_watched = on_watched
        self._recording = recording
        self._every = Every(LOOK_SECONDS)
        self._told: int | None = None

    def due(self, monotonic: float) -> bool:
        """Every five seconds."""
        return self._every.due(monotonic)

    def measure(self, moment: Moment) -> Reading:
        """Look, where there is anything to watch."""
        self._every.done(moment.monotonic)
        if not self._settings.health.watch.seconds:
            return Reading({})
        entry = self._newest(moment)
        if entry is None or entry.ended is None:
            return Reading({})
        now = utc(moment.wall * 1000)
        result = judge(self._settings, entry, now)
        over = result.watched_seconds >= self._settings.health.watch.seconds
        if result.worse or over:
            self._told = entry.id
            if result.action == "perform" and not self._recording():
                # The one that records performs it, once.
                result = result.model_copy(update={"action": "none"})
            self._on_watched(result)
            return Reading({})
        return Reading(
            {},
            (
                Fact(
                    key="watching_after",
                    name=translate("health", "Watched since"),
                    value=f"{entry.operation} {entry.ended.isoformat(timespec='seconds')}",
                ),
            ),
        )

    def _newest(self, moment: Moment) -> Entry | None:
        """Return the newest operation that is to be watched and was not told of yet."""
        for entry in entries(self._settings, limit=RECENT):
            if is_watched(entry) and entry.ended is not None:
                passed = moment.wall - entry.ended.timestamp()
                # One that ended long before the console began is history.
                recent = passed <= self._settings.health.watch.seconds + 3 * LOOK_SECONDS
                return entry if recent and entry.id != self._told else None
        return None
