"""What the operations of a migration return and keep."""

from __future__ import annotations

from typing import Literal

from pydantic import AliasChoices, Field, computed_field

from core.base.model import Model, Strict
from core.base.operation import Step
from core.base.text import Text
from migration.engine.plan import DatabasePlan, ScriptState
from migration.models import Assignee, Check, ReviewRow, SettingChange, TableMap, ValidatorResult


class Decision(Strict):
    """What the operator decided about a row (or a part of one) that needs review.

    `row` None means every row of the table that states nothing itself.  `leave` True keeps the
    row where it is, in review, whatever was decided for its table.
    """

    database: str
    table: str
    row: int | None = None
    part: str = ""
    role: Literal["ENTRY", "EXIT", "MANAGEMENT"] | None = None
    strategy: str | None = None
    """The new id of the strategy that a condition is to belong to."""
    leave: bool = False


class PreflightResult(Strict):
    """Whether a migration could begin."""

    checks: tuple[Check, ...]
    plans: tuple[DatabasePlan, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing stands in the way."""
        return all(check.ok is not False for check in self.checks)

    @property
    def pending(self) -> int:
        """How many scripts are to run."""
        return sum(len(plan.pending) for plan in self.plans)


class SourceTable(Strict):
    """A legacy table that was found."""

    database: str
    table: str
    shape: str
    kind: str
    rows: int


class Estimate(Strict):
    """How long a run will take, in seconds."""

    seconds: float
    """All of it, as far as it was measured."""
    downtime_seconds: float
    """From the request to stop the program until it runs again."""
    downtime_most_seconds: float
    """The same where so much was written meanwhile that the copies have to be made again."""
    rehearsed_at: str
    unmeasured: tuple[str, ...]
    """Steps that have never happened here and are not counted."""


class PlanResult(Strict):
    """What a run would do."""

    plans: tuple[DatabasePlan, ...]
    sources: tuple[SourceTable, ...]
    leftovers: tuple[str, ...]
    doubts: tuple[Text, ...] = ()
    """Tables that have the columns of one to convert and are none, in words."""
    """Tables that look like kept copies; they stay as they are and are not converted."""
    lint: tuple[Text, ...]
    estimate: Estimate | None = None
    """How long a run will take; None before a rehearsal."""

    @property
    def pending(self) -> tuple[ScriptState, ...]:
        """The scripts that are to run, of all databases."""
        return tuple(one for plan in self.plans for one in plan.pending)

    @property
    def problems(self) -> tuple[Text, ...]:
        """Why a run would be refused."""
        return tuple(text for plan in self.plans for text in plan.problems)


class SchemaChange(Strict):
    """One thing in the schema that is new, or not as it was."""

    database: str
    change: Literal["new", "changed", "gone"]
    type: str
    name: str
    sql: str


class RanScript(Strict):
    """A script that ran, and how long it took."""

    database: str
    version: int
    name: str
    sha256: str
    seconds: float


class Outcome(Strict):
    """What a migrated copy is like."""

    scripts: tuple[RanScript, ...]
    validators: tuple[ValidatorResult, ...]
    tables: tuple[TableMap, ...]
    schema_changes: tuple[SchemaChange, ...]
    setting_changes: tuple[SettingChange, ...]
    setting_remarks: tuple[Text, ...]
    review: tuple[ReviewRow, ...]
    """The first rows that need review."""
    review_total: int
    choices: tuple[Assignee, ...] = Field(
        validation_alias=AliasChoices("choices", "strategies")  # what older reports say
    )
    """To which of them the operator may assign a row that needs review."""
    leftovers: tuple[str, ...]
    doubts: tuple[Text, ...] = ()
    """Tables that have the columns of one to convert and are none, in words."""
    heads: dict[str, str]
    """The hash of the newest row of each database's history."""
    counts: dict[str, dict[str, int]]
    """Rows by database and table."""
    size: int
    """Bytes of the databases that were copied."""

    @property
    def ok(self) -> bool:
        """Whether every validator is content."""
        return all(validator.ok for validator in self.validators)

    @property
    def problems(self) -> tuple[Text, ...]:
        """What validation found wrong."""
        return tuple(text for validator in self.validators for text in validator.problems)


class RehearsalResult(Strict):
    """A whole migration on a copy that was discarded."""

    ok: bool
    validators: tuple[ValidatorResult, ...]
    outcome: Outcome
    steps: tuple[Step, ...]
    seconds: float
    decisions: tuple[Decision, ...] = ()
    """What was decided by then, and so was rehearsed."""


class MigrationResult(Strict):
    """A migration that went well; durations in seconds."""

    id: str
    moment: str
    validators: tuple[ValidatorResult, ...]
    outcome: Outcome
    restore_point: str
    """The state at the moment at which the program was stopped; to undo, go back to it."""
    safety_point: str
    """All files as they were shortly before, the program running."""
    downtime_seconds: float | None
    """None where the console died before it had seen the program run again."""
    data_seconds: float | None
    staged_again: bool
    """Whether the live data had changed and everything was made anew."""
    caught_up: dict[str, int] = Field(default_factory=dict)
    """Rows by ``database.table`` that were written meanwhile and taken in."""
    program_pid: int | None
    decisions: tuple[Decision, ...]
    console: str
    steps: tuple[Step, ...]
    report: str
    """The folder in which the report lies."""
    interrupted: bool = False
    """Whether the console died before the end, and the next one finished it."""


class HistoryChange(Strict):
    """What `Repair` or `Baseline` wrote into the histories."""

    changed: tuple[ScriptState, ...]
    restore_point: str | None
    downtime_seconds: float


class StatusResult(Strict):
    """How far the databases are, and the newest report."""

    plans: tuple[DatabasePlan, ...]
    report: str | None
    restore_point: str | None


class VerifyResult(Strict):
    """Whether the migrated databases are what they should be."""

    ok: bool
    checked: tuple[str, ...]
    problems: tuple[Text, ...]


class ChangedRows(Strict):
    """Rows of one table that were written since a migration."""

    database: str
    table: str
    added: int
    changed: int
    removed: int

    @property
    def rows(self) -> int:
        """All of them."""
        return self.added + self.changed + self.removed

    @property
    def place(self) -> str:
        """``database.table``."""
        return f"{self.database}.{self.table}"


class UndoPlan(Strict):
    """What going back before the migration would cost."""

    report: str
    restore_point: str
    databases: tuple[str, ...]
    moment: str
    """When the migration was made, ISO 8601 in UTC."""
    changes: tuple[ChangedRows, ...]
    """What was written since, by table; tables without a change are left out."""
    exact: bool
    """Whether each row was compared with what the migration had made of it.

    False where that cannot be made again; then the rows are compared with those from before the
    migration, and what it changed itself counts as well: there are at most so many.
    """
    files_changed: tuple[str, ...] = ()
    """Files beside the databases that go back, too, and have changed since."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def lost(self) -> dict[str, int]:
        """Rows by ``database.table``."""
        return {change.place: change.rows for change in self.changes}

    @computed_field  # type: ignore[prop-decorator]
    @property
    def rows_lost(self) -> int:
        """Rows that would be lost, all tables together."""
        return sum(change.rows for change in self.changes)


class ExportedTable(Strict):
    """The file into which the changed rows of a table were written."""

    database: str
    table: str
    rows: int
    file: str


class Part(Model):
    """One part of an operation: what it says it does, and for how long it did it, in seconds."""

    step: str
    what: str = ""
    """The sentence of its progress, in English; empty between two of them."""
    after: str = ""
    """The step that had just ended, where it lies between two steps."""
    seconds: float
    total: int | None = None
    """What it counted up to, in bytes or rows."""
