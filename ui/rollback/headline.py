"""The words on the button and in the confirmation: exactly what will be.

Everything said here comes from a plan and a comparison that were made a moment before; what is
not known yet is said not to be known.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from core.snapshot.models import ListedPoint
from core.text import translate
from ui.compare.tables import TableLine
from ui.format import count_text, duration_text
from ui.language import say
from ui.points.choice import when
from ui.points.wording import clock


class Effect(NamedTuple):
    """What going back would do to the rows of the live databases."""

    returning: int
    leaving: int
    changing: int
    tables: int
    """Tables whose rows or structure differ."""

    @property
    def rows(self) -> int:
        """All rows that would not be as they are now."""
        return self.returning + self.leaving + self.changing


def effect_of(lines: Sequence[TableLine]) -> Effect:
    """Return the rows of all *lines* together."""
    return Effect(
        returning=sum(line.added for line in lines),
        leaving=sum(line.removed for line in lines),
        changing=sum(line.changed for line in lines),
        tables=len(lines),
    )


class Running(NamedTuple):
    """The trading program that would be stopped."""

    pid: int
    since: datetime


class Intent(NamedTuple):
    """One rollback, as it is put to the operator."""

    target: ListedPoint
    exact: bool
    """Whether the time needs its seconds to be told from another restore point's."""
    files: tuple[str, ...]
    """Names of the files that are replaced, as the operator knows them."""
    untouched: tuple[str, ...]
    """Names of those that the restore point does not hold."""
    running: Running | None
    effect: Effect | None
    """None while it is not known."""
    downtimes: tuple[float, ...]
    """Seconds for which the program was down in earlier rollbacks."""


def databases_text(count: int) -> str:
    """Return *count* databases in words."""
    if count == 1:
        return say(translate("rollback", "1 database"))
    return say(translate("rollback", "{count} databases", count=count))


def button_text(intent: Intent, now: datetime) -> str:
    """Return what stands on the one button."""
    time = clock(when(intent.target), now, exact=intent.exact)
    files = intent.target.point.files
    databases = databases_text(sum(file.database is not None for file in files))
    if intent.effect is None:
        return say(
            translate(
                "rollback", "Roll back to {time} ({databases})", time=time, databases=databases
            )
        )
    if intent.effect.rows == 1:
        return say(
            translate(
                "rollback",
                "Roll back to {time} ({databases}, 1 row changes)",
                time=time,
                databases=databases,
            )
        )
    return say(
        translate(
            "rollback",
            "Roll back to {time} ({databases}, {rows} rows change)",
            time=time,
            databases=databases,
            rows=count_text(intent.effect.rows),
        )
    )


def question(intent: Intent, now: datetime) -> str:
    """Return the title of the confirmation."""
    time = clock(when(intent.target), now, exact=intent.exact)
    return say(translate("rollback", "Roll back to the state of {time}?", time=time))


def sentences(intent: Intent) -> tuple[str, ...]:
    """Return what will happen, one sentence each, in the order in which it will."""
    return (
        _said_of_staging(intent),
        say(
            translate(
                "rollback",
                "The present state is saved as a restore point of its own. "
                "If that fails, nothing is touched.",
            )
        ),
        _said_of_program(intent),
        _said_of_rows(intent.effect),
        _said_of_downtime(intent),
        say(
            translate(
                "rollback",
                "If the program does not run properly afterwards, "
                "the present state comes back by itself.",
            )
        ),
    )


def _said_of_staging(intent: Intent) -> str:
    at = f"{when(intent.target).astimezone():%Y-%m-%d %H:%M:%S}"
    files = ", ".join(intent.files)
    said = say(
        translate("rollback", "{files} are replaced by their state of {at}.", files=files, at=at)
    )
    if not intent.untouched:
        return said
    rest = translate(
        "rollback", "Not in the restore point, stays as it is: {files}.",
        files=", ".join(intent.untouched),
    )  # fmt: skip
    return f"{said} {say(rest)}"


def _said_of_program(intent: Intent) -> str:
    if intent.running is None:
        return say(
            translate(
                "rollback",
                "No running trading program was found, so none is stopped or started.",
            )
        )
    return say(
        translate(
            "rollback",
            "The trading program (PID {pid}, running since {since}) is asked to stop, "
            "and started again afterwards.",
            pid=str(intent.running.pid),
            since=f"{intent.running.since.astimezone():%Y-%m-%d %H:%M:%S}",
        )
    )


def _said_of_rows(effect: Effect | None) -> str:
    if effect is None:
        return say(
            translate(
                "rollback",
                "How many rows change is not known yet. Rows written since then leave the live "
                "databases and stay in the restore point of the present.",
            )
        )
    if effect.rows == 0:
        return say(translate("rollback", "No row differs from the live databases."))
    return say(
        translate(
            "rollback",
            "{leaving} rows written since then leave the live databases and stay in the restore "
            "point of the present; {returning} rows return, {changing} get their former values.",
            leaving=count_text(effect.leaving),
            returning=count_text(effect.returning),
            changing=count_text(effect.changing),
        )
    )


def _said_of_downtime(intent: Intent) -> str:
    if intent.running is None:
        return say(translate("rollback", "Because no program runs, there is no downtime."))
    if not intent.downtimes:
        return say(
            translate(
                "rollback",
                "How long the program will be down is not known yet: "
                "this is the first rollback here.",
            )
        )
    middle = sorted(intent.downtimes)[len(intent.downtimes) // 2]
    return say(
        translate(
            "rollback",
            "The program is expected to be down for about {duration}, "
            "as in the last {count} rollbacks.",
            duration=duration_text(middle),
            count=len(intent.downtimes),
        )
    )


def confirm_text(intent: Intent, now: datetime) -> str:
    """Return what stands on the red button of the confirmation."""
    time = clock(when(intent.target), now, exact=intent.exact)
    if intent.running is None:
        return say(translate("rollback", "Replace the files with {time}", time=time))
    return say(translate("rollback", "Stop the program and roll back to {time}", time=time))
