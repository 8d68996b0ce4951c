"""What was done to a database: the table `ops_migration_history` that lies in it.

Each row carries the hash of the one before it, so that a row changed, taken out or put in
between shows.  Rows are only ever added: the last one of a version is the one that counts.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Literal

import apsw

from core import __version__
from core.base.model import Model
from core.base.owner import user_at_host
from core.base.text import translate
from migration.models import UserError
from migration.sql import rows

TABLE = "ops_migration_history"
BEGINNING = "0" * 64

Outcome = Literal["success", "failed", "baseline", "repaired", "removed"]
"""``repaired`` takes a changed script for the one that ran; ``removed`` forgets a failure or a
script that is gone."""

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (
    id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    applied_at TEXT NOT NULL,
    seconds REAL NOT NULL,
    console TEXT NOT NULL,
    outcome TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
)
"""


class Record(Model):
    """One row of the history; `applied_at` is UTC, `seconds` how long it took."""

    id: int
    version: int
    name: str
    sha256: str
    applied_at: str
    seconds: float
    console: str
    outcome: Outcome
    previous_hash: str
    hash: str


class Tampered(UserError):  # noqa: N818 (what happened, told to the operator)
    """The history is not as the console wrote it."""


def console() -> str:
    """Return which console this is, as the history records it."""
    return f"{__version__} {user_at_host()}"


def by_newer(record: Record) -> bool:
    """Whether a console newer than this one wrote *record*; False where it does not say which."""
    return _version(record.console) > _version(__version__)


def _version(console: str) -> tuple[int, ...]:
    match = re.match(r"\d+(?:\.\d+)*", console)
    return tuple(int(part) for part in match[0].split(".")) if match else ()


def read_history(connection: apsw.Connection) -> tuple[Record, ...]:
    """Return the history, oldest first; empty where there is none.  Raises `Tampered`."""
    if not rows(
        connection, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (TABLE,)
    ):
        return ()
    columns = list(Record.model_fields)
    try:
        found = [
            Record.model_validate(dict(zip(columns, row, strict=True)), strict=True)
            for row in rows(connection, f"SELECT {', '.join(columns)} FROM {TABLE} ORDER BY id")
        ]
    except (apsw.SQLError, ValueError) as error:
        raise Tampered(str(error)) from error
    before = BEGINNING
    for number, record in enumerate(found, start=1):
        if record.id != number:
            raise Tampered(translate("migration", "row {number} is missing", number=number))
        if record.previous_hash != before or record.hash != _hash(record):
            raise Tampered(
                translate(
                    "migration", "row {number} ({name}) was changed",
                    number=number, name=record.name,
                )
            )  # fmt: skip
        before = record.hash
    return tuple(found)


def current(history: tuple[Record, ...]) -> dict[int, Record]:
    """Return the record that counts of each version."""
    newest = {record.version: record for record in history}
    return {version: one for version, one in newest.items() if one.outcome != "removed"}


def append(
    connection: apsw.Connection,
    *,
    version: int,
    name: str,
    sha256: str,
    applied_at: str,
    seconds: float,
    outcome: Outcome,
) -> Record:
    """Add a record; the caller commits.  Raises `Tampered`."""
    connection.execute(SCHEMA).fetchall()
    history = read_history(connection)
    record = Record(
        id=len(history) + 1, version=version, name=name, sha256=sha256, applied_at=applied_at,
        seconds=float(seconds), console=console(), outcome=outcome,
        previous_hash=history[-1].hash if history else BEGINNING, hash="",
    )  # fmt: skip
    record = record.model_copy(update={"hash": _hash(record)})
    values = record.model_dump()
    marks = ", ".join("?" * len(values))
    connection.execute(f"INSERT INTO {TABLE} VALUES ({marks})", tuple(values.values())).fetchall()
    return record


def _hash(record: Record) -> str:
    values = list(record.model_dump(exclude={"hash"}).values())
    return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).hexdigest()
