"""Describes what became of the legacy tables: map, review and why, changed settings."""

from __future__ import annotations

import json
from collections.abc import Collection

import apsw
from pydantic import JsonValue

from core.base.text import Text, translate
from migration.models import (
    Assignee,
    Described,
    ReviewRow,
    SettingChange,
    TableMap,
)
from migration.sql import Value, number, rows

REVIEW_ROWS = 1_000
STRATEGIES = 2_000
_TARGETS = (
    ("domain_strategies", "domain_id_map", "source = ? AND kind = 'strategy'"),
    ("domain_strategy_configurations", "domain_strategy_configurations", "source = ?"),
    ("domain_strategy_components", "domain_strategy_components", "source = ?"),
    ("domain_conditions", "domain_conditions", "source = ?"),
    ("domain_trigger_conditions", "domain_trigger_conditions", "source = ?"),
)


def describe(connection: apsw.Connection, tables: Collection[str]) -> Described:
    """Return what became of the legacy tables, from a migrated database that has *tables*."""
    found = Described()
    if "migration_sources" in tables:
        found = Described(
            tables=_map(connection),
            review=read_review(connection, REVIEW_ROWS),
            review_total=number(connection, "SELECT count(*) FROM migration_review"),
            choices=_strategies(connection),
        )
    if "migration_setting_changes" in tables:
        changes, remarks = _settings(connection)
        found = found._replace(setting_changes=changes, setting_remarks=remarks)
    return found


def _map(connection: apsw.Connection) -> tuple[TableMap, ...]:
    found = []
    for source, database, table, shape in rows(
        connection, "SELECT id, database_name, table_name, shape FROM migration_sources ORDER BY id"
    ):
        targets = {
            target: count
            for target, place, where in _TARGETS
            if (
                count := number(
                    connection, f"SELECT count(*) FROM {place} WHERE {where}", (source,)
                )
            )
        }
        triggers = number(
            connection,
            "SELECT count(*) FROM domain_triggers WHERE id LIKE ? ESCAPE '\\' OR id IN (SELECT "
            "l.trigger_id FROM domain_trigger_conditions AS l JOIN domain_conditions AS c "
            "ON c.id = l.condition_id WHERE c.source = ?)",
            (f"rule{source!s}\\_%", source),
        )
        if triggers:
            targets["domain_triggers"] = triggers
        review = number(
            connection,
            "SELECT count(*) FROM migration_review WHERE source = ? AND part = ''",
            (source,),
        )
        converted = next(
            (targets[one] for one in ("domain_strategies", "domain_strategy_components",
             "domain_conditions", "domain_trigger_conditions") if one in targets), 0
        )  # fmt: skip
        found.append(
            TableMap(
                database=str(database), table=str(table), shape=str(shape),
                rows=converted + review, converted=converted, review=review, targets=targets,
            )
        )  # fmt: skip
    return tuple(found)


def read_review(connection: apsw.Connection, limit: int) -> tuple[ReviewRow, ...]:
    """Return rows that need review, in the order in which they were found."""
    found = []
    for database, table, shape, columns, row, part, reason, storage, carried in rows(
        connection,
        "SELECT s.database_name, s.table_name, s.shape, s.columns, r.source_row, r.part, r.reason, "
        "CAST(r.storage AS TEXT), CAST(r.carried AS BLOB) FROM migration_review AS r "
        "JOIN migration_sources AS s ON s.id = r.source ORDER BY r.id LIMIT ?",
        (limit,),
    ):
        found.append(
            ReviewRow(
                database=str(database), table=str(table), shape=str(shape), row=int(str(row)),
                part=str(part), reason=str(reason), why=reason_text(str(reason)),
                values=_values(columns, storage, carried, str(part)),
            )
        )  # fmt: skip
    return tuple(found)


def _values(columns: Value, storage: Value, carried: Value, part: str) -> dict[str, JsonValue]:
    text = carried.decode("utf-8", "replace") if isinstance(carried, bytes) else ""
    if part:
        return {part: text}
    names = json.loads(str(columns))
    letters = str(storage)
    values: dict[str, JsonValue] = {}
    for name, letter, value in zip(names, letters, json.loads(text), strict=True):
        if letter == "b":
            values[name] = f"x'{value}'"
        elif isinstance(value, float) and value in {float("inf"), float("-inf")}:
            values[name] = str(value)
        else:
            values[name] = value
    return values


def _strategies(connection: apsw.Connection) -> tuple[Assignee, ...]:
    return tuple(
        Assignee(id=str(one), name=str(name))
        for one, name in rows(
            connection,
            "SELECT id, CAST(name AS TEXT) FROM domain_strategies ORDER BY id LIMIT ?",
            (STRATEGIES,),
        )
    )


def _settings(
    connection: apsw.Connection,
) -> tuple[tuple[SettingChange, ...], tuple[Text, ...]]:
    changes = tuple(
        SettingChange.model_validate(
            {"kind": kind, "table": table, "row": row, "column": column,
             "before": None if before is None else str(before),
             "after": None if after is None else str(after), "rule": rule}
        )
        for kind, table, row, column, before, after, rule in rows(
            connection,
            "SELECT kind, table_name, row, column_name, before_value, after_value, rule "
            "FROM migration_setting_changes ORDER BY id",
        )
    )  # fmt: skip
    remarks = tuple(
        remark_text(f"{table!s}.{column!s}", int(str(row)), str(reason))
        for table, row, column, reason in rows(
            connection,
            "SELECT table_name, row, column_name, reason FROM migration_setting_remarks "
            "ORDER BY id",
        )
    )
    return changes, remarks


REASONS = {
    "blob": translate("migration", "It holds bytes where a text was expected"),
    "duplicate": translate("migration", "The same strategy stands in another table already"),
    "id_taken": translate("migration", "Another strategy has its id already"),
    "malformed_json": translate("migration", "Its JSON cannot be read"),
    "no_condition": translate("migration", "The condition that it names does not exist"),
    "no_id": translate("migration", "It has no id"),
    "no_name": translate("migration", "It has no name"),
    "no_operator": translate("migration", "It has no operator to compare with"),
    "no_role": translate("migration", "It has no role: entry, exit or management"),
    "no_strategy": translate("migration", "It belongs to no strategy"),
    "no_variable_id": translate("migration", "It names no variable"),
    "no_variable_params": translate("migration", "It says nothing of its condition"),
    "not_a_rule": translate("migration", "It is no rule that is known"),
    "repeated_link": translate("migration", "The strategy has this condition already"),
    "not_text": translate("migration", "It holds text that cannot be decoded"),
}
"""By the codes of `migration_review`."""
REMARKS = {
    "not_a_number": translate("migration", "it should be a number and is none"),
    "not_json": translate("migration", "it should be JSON and is none"),
    "other_columns": translate("migration", "the table has other columns than expected"),
    "today_differs": translate("migration", "today's table has another value, which stays"),
}
"""By the codes of `migration_setting_remarks`."""


def reason_text(code: str) -> Text | None:
    """Return why a row needs review; None for a code of another console."""
    return REASONS.get(code)


def remark_text(place: str, row: int, code: str) -> Text:
    """Return why the value at *place* was not normalised."""
    return translate(
        "migration",
        "{place}, row {row}: {why}",
        place=place,
        row=row,
        why=REMARKS.get(code, code),
    )
