"""What is to be done to a database: each script's state, and why a run would be refused.

The states are those of Flyway, and ``edited``: a script that changed since it ran.
"""

from __future__ import annotations

from enum import StrEnum

import apsw

from core.base.model import Model
from core.base.operation import OperationError
from core.base.text import Text, translate
from migration.engine.history import (
    Record,
    Tampered,
    append,
    by_newer,
    current,
    read_history,
)
from migration.engine.scripts import Script
from migration.models import why
from migration.sql import rows

UTF8 = "UTF-8"


class State(StrEnum):
    """What has become of a script in one database."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"
    OUT_OF_ORDER = "out_of_order"
    """It has not run, but a later one has."""
    MISSING = "missing"
    """It ran, and is not among the console's scripts any more."""
    FUTURE = "future"
    """A newer console ran it, and it is later than all scripts of this one."""
    BASELINE = "baseline"
    """It counts as done without having run."""
    EDITED = "edited"
    """It ran, and its text was changed since."""


class ScriptState(Model):
    """One script in one database."""

    database: str
    version: int
    name: str
    sha256: str
    state: State
    applied_at: str | None = None
    seconds: float | None = None
    console: str | None = None


class DatabasePlan(Model):
    """All scripts of one database; `tampered` says what is wrong with its history."""

    database: str
    scripts: tuple[ScriptState, ...]
    tampered: Text | str | None = None
    head: str | None = None
    """The hash of the newest row of its history."""
    encoding: str = UTF8
    """In which its text is kept."""

    @property
    def pending(self) -> tuple[ScriptState, ...]:
        """The scripts that are to run."""
        return tuple(one for one in self.scripts if one.state is State.PENDING)

    @property
    def problems(self) -> tuple[Text, ...]:
        """Why a run would be refused; empty when it would not."""
        found = []
        if self.tampered is not None:
            found.append(
                translate(
                    "migration",
                    "The migration history of {database} was tampered with: {why}.",
                    database=self.database,
                    why=self.tampered,
                )
            )
        found += [text for one in self.scripts if (text := _problem(one)) is not None]
        if self.unreadable:
            found.append(
                translate(
                    "migration",
                    "The text of {database} is kept in {encoding}; only UTF-8 can be migrated.",
                    database=self.database,
                    encoding=self.encoding,
                )
            )
        return tuple(found)

    @property
    def unreadable(self) -> bool:
        """Whether the text of the database is kept as no script can work on it.

        Bytes of text are compared and carried, and SQLite attaches no database with another
        encoding: rather than be right for some of it, a migration does not begin.
        """
        return bool(self.scripts) and self.encoding != UTF8


def _problem(one: ScriptState) -> Text | None:
    match one.state:
        case State.EDITED:
            return translate(
                "migration",
                "The script {name} was changed after it had run in {database}.",
                name=one.name,
                database=one.database,
            )
        case State.FAILED:
            return translate(
                "migration",
                "The script {name} failed in {database}.",
                name=one.name,
                database=one.database,
            )
        case State.OUT_OF_ORDER:
            return translate(
                "migration",
                "The script {name} has not run in {database}, but a later one has.",
                name=one.name,
                database=one.database,
            )
        case State.MISSING:
            return translate(
                "migration",
                "The script {name}, which ran in {database}, is missing.",
                name=one.name,
                database=one.database,
            )
        case State.FUTURE:
            return translate(
                "migration",
                "{database} was migrated by a newer console (script {name}).",
                database=one.database,
                name=one.name,
            )
    return None


def plan_database(
    connection: apsw.Connection, database: str, scripts: tuple[Script, ...]
) -> DatabasePlan:
    """Return the state of every script of *database*, read from its history."""
    mine = [script for script in scripts if script.database == database]
    try:
        history = read_history(connection)
    except Tampered as error:
        return DatabasePlan(database=database, scripts=(), tampered=why(error))
    done = current(history)
    newest = max(done, default=0)
    states = [_state(script, done.get(script.version), newest) for script in mine]
    known = {script.version for script in mine}
    last = max(known, default=0)
    states += [
        _recorded(
            database,
            record,
            State.FUTURE if version > last and by_newer(record) else State.MISSING,
        )
        for version, record in done.items()
        if version not in known
    ]
    states.sort(key=lambda one: one.version)
    return DatabasePlan(
        database=database,
        scripts=tuple(states),
        head=history[-1].hash if history else None,
        encoding=str(rows(connection, "PRAGMA main.encoding")[0][0]),
    )


def _state(script: Script, record: Record | None, newest: int) -> ScriptState:
    if record is None:
        state = State.OUT_OF_ORDER if script.version < newest else State.PENDING
        return ScriptState(
            database=script.database, version=script.version, name=script.name,
            sha256=script.sha256, state=state,
        )  # fmt: skip
    if record.outcome == "failed":
        state = State.FAILED
    elif not script.is_what(record.sha256):
        state = State.EDITED
    else:
        state = State.BASELINE if record.outcome == "baseline" else State.SUCCESS
    return _recorded(script.database, record, state).model_copy(
        update={"name": script.name, "sha256": script.sha256}
    )


def _recorded(database: str, record: Record, state: State) -> ScriptState:
    return ScriptState(
        database=database, version=record.version, name=record.name, sha256=record.sha256,
        state=state, applied_at=record.applied_at, seconds=record.seconds, console=record.console,
    )  # fmt: skip


def require_runnable(plan: DatabasePlan) -> None:
    """Raise `OperationError` when something forbids to run what is pending."""
    if len(plan.problems) == 1:
        require_readable(plan)
    if plan.problems:
        raise refusal(
            plan.problems[0],
            translate(
                "migration",
                "Find out who changed it; then put it right, or accept it with 'migrate repair'.",
            ),
        )


def require_readable(plan: DatabasePlan) -> None:
    """Raise `OperationError` when the text of the database is kept as no script can work on it."""
    if plan.unreadable:
        raise refusal(
            plan.problems[-1],
            translate(
                "migration",
                "Stop the program, write the database anew in UTF-8 (the sqlite3 shell: .dump "
                "into an empty one), then try again.",
            ),
        )


def refusal(happened: Text, to_do: Text) -> OperationError:
    """Return the error of a run that is refused before anything is touched."""
    return OperationError(
        happened, data_state=translate("migration", "Nothing was touched."), to_do=to_do
    )


def repair(
    connection: apsw.Connection, database: str, scripts: tuple[Script, ...], moment: str
) -> tuple[ScriptState, ...]:
    """Accept what is there and return what was put right; the caller commits.

    A failed script counts as never run, a missing one is forgotten, and an edited one counts
    as what ran.  A history that was tampered with is never repaired, and a newer console's is
    left to it: both raise `OperationError`.
    """
    plan = plan_database(connection, database, scripts)
    if plan.tampered is not None or any(one.state is State.FUTURE for one in plan.scripts):
        raise refusal(
            plan.problems[0],
            translate("migration", "Go back to a restore point that was made before it."),
        )
    done = []
    for one in plan.scripts:
        if one.state in {State.FAILED, State.MISSING, State.EDITED}:
            append(
                connection, version=one.version, name=one.name, sha256=one.sha256,
                applied_at=moment, seconds=0.0,
                outcome="repaired" if one.state is State.EDITED else "removed",
            )  # fmt: skip
            done.append(one)
    return tuple(done)


def baseline(
    connection: apsw.Connection,
    database: str,
    scripts: tuple[Script, ...],
    version: int,
    moment: str,
) -> tuple[ScriptState, ...]:
    """Let every script up to *version* count as done; the caller commits.

    Raises `OperationError` when the database has a history already.
    """
    plan = plan_database(connection, database, scripts)
    if plan.head is not None or plan.tampered is not None:
        raise refusal(
            translate(
                "migration", "{database} has a migration history already.", database=database
            ),
            translate("migration", "A baseline is only for a database that was never migrated."),
        )
    chosen = [script for script in scripts if script.database == database]
    chosen = [script for script in chosen if script.version <= version]
    for script in chosen:
        append(
            connection, version=script.version, name=script.name, sha256=script.sha256,
            applied_at=moment, seconds=0.0, outcome="baseline",
        )  # fmt: skip
    after = plan_database(connection, database, scripts)
    return tuple(one for one in after.scripts if one.state is State.BASELINE)
