"""Describes a migrated copy for the operator: the map, the differences, what needs review."""

from __future__ import annotations

from pathlib import Path

import apsw

from core.base.cleanup import attempt
from core.base.operation import Context
from core.base.sqlite import open_immutable
from core.base.text import Text
from migration.adapter import Conversions
from migration.engine.apply import AppliedScript
from migration.engine.history import read_history
from migration.models import (
    Described,
    ValidatorResult,
)
from migration.run.models import (
    Outcome,
    RanScript,
    SchemaChange,
)
from migration.run.stage import table_counts
from migration.validation.expected import schema_rows


def describe(
    context: Context,
    sources: dict[str, Path],
    targets: dict[str, Path],
    scripts: tuple[AppliedScript, ...],
    validators: tuple[ValidatorResult, ...],
    conversions: Conversions,
) -> Outcome:
    """Return what the copies *targets*, made from *sources*, are like."""
    described: list[Described] = []
    changes: list[SchemaChange] = []
    heads: dict[str, str] = {}
    counts: dict[str, dict[str, int]] = {}
    left: list[str] = []
    doubts: list[Text] = []
    for name, path in targets.items():
        context.check()
        connection, was = open_immutable(path), open_immutable(sources[name])
        try:
            counts[name] = table_counts(connection)
            changes += _schema_changes(name, was, connection)
            left += conversions.leftovers(was, {name: "main"})
            doubts += conversions.doubtful(was, {name: "main"})
            history = read_history(connection)
            if history:
                heads[name] = history[-1].hash
            described.append(conversions.describe(connection, counts[name]))
        finally:
            attempt(connection.close)
            attempt(was.close)
    return Outcome(
        scripts=tuple(RanScript(**one._asdict()) for one in scripts),
        validators=validators,
        tables=tuple(one for part in described for one in part.tables),
        schema_changes=tuple(changes),
        setting_changes=tuple(one for part in described for one in part.setting_changes),
        setting_remarks=tuple(one for part in described for one in part.setting_remarks),
        review=tuple(one for part in described for one in part.review),
        review_total=sum(part.review_total for part in described),
        choices=tuple(one for part in described for one in part.choices),
        leftovers=tuple(left),
        doubts=tuple(doubts),
        heads=heads,
        counts=counts,
        size=sum(path.stat().st_size for path in sources.values()),
    )


def _schema_changes(
    database: str, was: apsw.Connection, now: apsw.Connection
) -> list[SchemaChange]:
    before = {(kind, name): sql for kind, name, sql in schema_rows(was, "main")}
    after = {(kind, name): sql for kind, name, sql in schema_rows(now, "main")}
    found = []
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) == after.get(key):
            continue
        change = "new" if key not in before else "gone" if key not in after else "changed"
        found.append(
            SchemaChange.model_validate(
                {"database": database, "change": change, "type": key[0], "name": key[1],
                 "sql": after.get(key, before.get(key, ""))}
            )
        )  # fmt: skip
    return found
