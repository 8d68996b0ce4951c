"""What was done, when, by whom and with what outcome."""

from __future__ import annotations

import json
import logging
import os
import time
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple, TypeVar

import apsw
from pydantic import TypeAdapter

from core.base.cleanup import attempt
from core.base.config.models import Settings
from core.base.model import Model
from core.base.operation import Context, Kind, OperationError, Step, kind_of
from core.base.owner import ran_at
from core.base.state import StateDamaged, open_state
from core.base.text import Text, translate

Result = TypeVar("Result")
log = logging.getLogger(__name__)
# As bytes: text of which a byte was changed need not be text any more.
_AS_BYTES = ", ".join(
    f"CAST({name} AS BLOB)"
    for name in (
        "operation", "begun", "ended", "by", "pid", "outcome", "steps", "result", "error",
        "seconds",
    )
)  # fmt: skip
_STEPS = TypeAdapter(tuple[Step, ...])


class Outcome(StrEnum):
    """How an operation ended."""

    RUNNING = "running"
    OK = "ok"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    """Its process died."""


class Failure(Model):
    """The three sentences of a failure."""

    happened: Text
    data_state: Text
    to_do: Text

    @classmethod
    def of(cls, error: OperationError) -> Failure:
        """Return the sentences of *error*."""
        return cls(happened=error.happened, data_state=error.data_state, to_do=error.to_do)


class Entry(Model):
    """One operation in the journal; times are UTC."""

    id: int
    operation: str
    begun: datetime
    ended: datetime | None
    by: str
    outcome: Outcome
    steps: tuple[Step, ...]
    result: str | None
    """What the operation returned, as JSON."""
    failure: Failure | None
    seconds: float | None = None
    """How long it took, by a clock that nobody sets; None: an earlier version wrote it."""

    @property
    def kind(self) -> Kind | None:
        """What kind of operation it was; None: one of another version."""
        return kind_of(self.operation)

    @property
    def goes_back(self) -> bool:
        """Whether it made live what was live before."""
        return self.kind is not None and self.kind.goes_back

    @property
    def replaces_data(self) -> bool:
        """Whether it made other data live."""
        return self.kind is not None and self.kind.replaces_data

    @property
    def length_seconds(self) -> float | None:
        """How long it took; None where it has not ended."""
        if self.ended is None:
            return None
        if self.seconds is not None:
            return self.seconds
        return max(0.0, (self.ended - self.begun).total_seconds())


class Begun(NamedTuple):
    """An operation whose beginning is written down."""

    number: int
    monotonic: float


def begin(settings: Settings, operation: str, who: str) -> Begun:
    """Write down that *operation* begins; *who* runs it."""
    with open_state(settings) as connection:
        connection.execute(
            "INSERT INTO journal (operation, begun, by, pid, outcome) VALUES (?, ?, ?, ?, ?)",
            (operation, datetime.now(UTC).isoformat(), who, os.getpid(), Outcome.RUNNING),
        )
        return Begun(connection.last_insert_rowid(), time.monotonic())


def end(
    settings: Settings,
    begun: Begun | None,
    outcome: Outcome,
    context: Context,
    result: str | None = None,
    error: str | None = None,
) -> None:
    """Write down how the operation ended; what cannot be written is logged."""
    if begun is None:
        return
    # What was done is done: a full disk must not turn it into a failure.
    if not attempt(_write_end, settings, begun, outcome, context, result, error):
        log.error("the journal could not take the end of operation %d: %s", begun.number, outcome)


def _write_end(
    settings: Settings,
    begun: Begun,
    outcome: Outcome,
    context: Context,
    result: str | None,
    error: str | None,
) -> None:
    with open_state(settings) as connection:
        connection.execute(
            "UPDATE journal SET ended = ?, outcome = ?, steps = ?, result = ?, error = ?, "
            "seconds = ? WHERE id = ?",
            (
                datetime.now(UTC).isoformat(),
                outcome,
                _STEPS.dump_json(tuple(context.steps)).decode(),
                result,
                error,
                time.monotonic() - begun.monotonic,
                begun.number,
            ),
        )


def entries(settings: Settings, limit: int = 200) -> tuple[Entry, ...]:
    """Return the newest *limit* operations, newest first; one that is damaged says so."""
    if not settings.home.exists():
        return ()
    with open_state(settings) as connection:
        rows = connection.execute(
            f"SELECT id, {_AS_BYTES} FROM journal ORDER BY id DESC LIMIT ?",
            (limit,),
        ).fetchall()
    return tuple(_entry(row) for row in rows)


def known_entries(settings: Settings, limit: int = 200) -> tuple[Entry, ...]:
    """Return what `entries` does, and nothing where the journal cannot be read.

    For what is estimated from it: no operation depends on its own history.
    """
    try:
        return entries(settings, limit)
    except (OSError, apsw.Error, StateDamaged):
        log.warning("the journal cannot be read", exc_info=True)
        return ()


def _entry(row: tuple[object, ...]) -> Entry:
    number, *texts = row
    try:
        return _as_written(int(str(number)), *map(_text, texts))
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        log.warning("the entry %s of the journal is damaged: %s", number, error)
        return _damaged(int(str(number)), str(error).splitlines()[0])


def _text(value: object) -> str | None:
    return value.decode() if isinstance(value, bytes) else None


def _damaged(number: int, why: str) -> Entry:
    """Return what stands for an entry of which nothing can be relied on."""
    return Entry(
        id=number, operation="?", begun=datetime.fromtimestamp(0, UTC), ended=None, by="?",
        outcome=Outcome.FAILED, steps=(), result=None,
        failure=Failure(
            happened=translate("core", "This entry of the journal is damaged: {why}", why=why),
            data_state=translate("core", "What became of the operation is not known from it."),
            to_do=translate("core", "Nothing needs to be done: no operation depends on it."),
        ),
    )  # fmt: skip


def _as_written(
    number: int, operation: str | None, begun: str | None, ended: str | None, by: str | None,
    pid: str | None, outcome: str | None, steps: str | None, result: str | None, error: str | None,
    seconds: str | None,
) -> Entry:  # fmt: skip
    # A running operation whose process is gone was cut off; another may have its PID by now.
    since = datetime.fromisoformat(str(begun)).timestamp()
    if outcome == Outcome.RUNNING and not ran_at(int(str(pid)), since):
        outcome = Outcome.INTERRUPTED
    failure = json.loads(str(error)) if error else None
    if result is not None:
        json.loads(result)
    return Entry.model_validate(
        {
            "id": number,
            "operation": operation,
            "begun": begun,
            "ended": ended,
            "by": by,
            "outcome": outcome,
            "steps": json.loads(str(steps)),
            "result": result,
            "failure": failure if failure and "bug" not in failure else None,
            "seconds": seconds,
        }
    )
