"""Normalises the settings in place; each change is written down with what was there before."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import NamedTuple

import apsw

from core.base.sqlite import quote
from core.base.text import translate
from migration.engine.scripts import Deployment
from migration.sql import Value, number, rows

OLDER = (
    ("app_settings", ("key", "value"), "cfg_app_settings", ("key", "value")),
    ("system_settings", ("key", "value"), "cfg_system_settings", ("setting_name", "setting_value")),
)
"""Older names of tables, their columns, and what they are called today."""
PARAMETERS = "tv_variable_parameters"
_ENUMS = ("enum_values", "enum_values_ko")
_LIMITS = ("default_value", "min_value", "max_value")
_INTEGER = re.compile(r"([+-]?)0*(\d+)(\.0*)?")
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


class Change(NamedTuple):
    """What a cell is to be instead, and by which rule."""

    after: str
    rule: str


class Unclear(Exception):  # noqa: N818 (listed for the operator)
    """A value that could be normalised only by guessing."""


def enumeration(value: Value) -> Change | None:
    """Turn a list written as Python writes it into JSON; raises `Unclear`."""
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        json.loads(value)
    except ValueError:
        pass
    else:
        return None
    try:
        found = ast.literal_eval(value.strip())
        text = json.dumps(found, ensure_ascii=False, allow_nan=False)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise Unclear("not_json") from error
    if json.loads(text) != _as_json(found):
        raise Unclear("not_json")
    return Change(text, "python_to_json")


def _as_json(value: object) -> object:
    """Return *value* with tuples as lists; raises `Unclear` for keys that are not text."""
    if isinstance(value, list | tuple):
        return [_as_json(one) for one in value]
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise Unclear("not_json")
        return {key: _as_json(one) for key, one in value.items()}
    return value


def parameter_type(value: Value) -> Change | None:
    """Call a decimal a decimal."""
    if isinstance(value, str) and value.strip().lower() == "float":
        return Change("decimal", "float_to_decimal")
    return None


def numeric(value: Value, kind: Value) -> Change | None:
    """Spell a number plainly: no blanks, no plus, no ``.0`` behind an integer; raises `Unclear`."""
    if not isinstance(value, str) or not value.strip():
        return None
    plain = value.strip()
    if kind in {"integer", "int"}:
        match = _INTEGER.fullmatch(plain)
        if match is None:
            raise Unclear("not_a_number")
        plain = f"{'-' if match[1] == '-' and int(match[2]) else ''}{match[2]}"
    elif kind in {"decimal", "float"}:
        if not _DECIMAL.fullmatch(plain):
            raise Unclear("not_a_number")
        plain = plain.removeprefix("+")
    else:
        return None
    return Change(plain, "numeric_text") if plain != value else None


def normalise(connection: apsw.Connection, deployment: Deployment) -> None:
    """Normalise what is there of the settings."""
    _parameters(connection)
    for older, columns, newer, targets in OLDER:
        _take_over(connection, older, columns, newer, targets)
    total = number(connection, "SELECT count(*) FROM migration_setting_changes")
    deployment.progress(total, total, translate("migration", "Normalising settings"))


def _columns(connection: apsw.Connection, table: str) -> dict[str, str]:
    """Return the columns of *table*, by name in lower case; empty where it has no row numbers."""
    for _, name, kind, _, without_rowid, _ in rows(connection, "PRAGMA main.table_list"):
        if str(name).lower() == table and kind == "table" and not without_rowid:
            return {
                str(row[1]).lower(): str(row[1])
                for row in rows(connection, f"PRAGMA main.table_info({quote(table)})")
            }
    return {}


def _parameters(connection: apsw.Connection) -> None:
    columns = _columns(connection, PARAMETERS)
    if "parameter_type" not in columns:
        return
    wanted = [one for one in ("parameter_type", *_LIMITS, *_ENUMS) if one in columns]
    listed = ", ".join(quote(columns[one]) for one in wanted)
    for row in rows(connection, f"SELECT rowid, {listed} FROM {PARAMETERS} ORDER BY rowid"):
        values = dict(zip(wanted, row[1:], strict=True))
        for column, value in values.items():
            try:
                change = _changed(column, value, values["parameter_type"])
            except Unclear as why:
                _remark(connection, PARAMETERS, row[0], columns[column], str(why))
                continue
            if change is not None:
                _update(connection, PARAMETERS, row[0], columns[column], value, change)


def _changed(column: str, value: Value, kind: Value) -> Change | None:
    if column == "parameter_type":
        return parameter_type(value)
    if column in _ENUMS:
        return enumeration(value)
    return numeric(value, kind.strip().lower() if isinstance(kind, str) else kind)


def _update(
    connection: apsw.Connection, table: str, row: Value, column: str, before: Value, change: Change
) -> None:
    connection.execute(
        f"UPDATE {quote(table)} SET {quote(column)} = ? WHERE rowid = ?", (change.after, row)
    ).fetchall()
    connection.execute(
        "INSERT INTO migration_setting_changes "
        "(kind, table_name, row, column_name, before_value, after_value, rule) "
        "VALUES ('update', ?, ?, ?, ?, ?, ?)",
        (table, row, column, before, change.after, change.rule),
    ).fetchall()


def _remark(connection: apsw.Connection, table: str, row: Value, column: str, why: str) -> None:
    connection.execute(
        "INSERT INTO migration_setting_remarks (table_name, row, column_name, reason) "
        "VALUES (?, ?, ?, ?)",
        (table, row, column, why),
    ).fetchall()


def _take_over(
    connection: apsw.Connection,
    older: str,
    columns: tuple[str, ...],
    newer: str,
    targets: tuple[str, ...],
) -> None:
    """Copy the settings of a table with an older name; where both have one, today's stays."""
    there = _columns(connection, older)
    if not set(columns) <= set(there):
        return
    if not _exists(connection, newer):
        key, value = targets
        connection.execute(
            f"CREATE TABLE {newer} (id INTEGER PRIMARY KEY, {key} TEXT UNIQUE, {value} TEXT)"
        ).fetchall()
        _note_insert(connection, newer, 0, older, "table_made")
    today = _columns(connection, newer)
    if not set(targets) <= set(today):
        _remark(connection, newer, 0, "", "other_columns")
        return
    key, value = (quote(today[target]) for target in targets)
    old_key, old_value = (quote(there[column]) for column in columns)
    for row in rows(
        connection, f"SELECT rowid, {old_key}, {old_value} FROM {older} ORDER BY rowid"
    ):
        found = rows(connection, f"SELECT {value} FROM {newer} WHERE {key} = ?", (row[1],))
        if not found and row[1] is not None:
            connection.execute(
                f"INSERT INTO {newer} ({key}, {value}) VALUES (?, ?)", row[1:]
            ).fetchall()
            _note_insert(connection, newer, connection.last_insert_rowid(), row[1], "older_table")
        elif not found or found[0][0] != row[2]:
            _remark(connection, older, row[0], there[columns[1]], "today_differs")


def _exists(connection: apsw.Connection, table: str) -> bool:
    return any(str(row[1]).lower() == table for row in rows(connection, "PRAGMA main.table_list"))


def _note_insert(
    connection: apsw.Connection, table: str, row: Value, what: Value, rule: str
) -> None:
    connection.execute(
        "INSERT INTO migration_setting_changes (kind, table_name, row, after_value, rule) "
        "VALUES ('insert', ?, ?, ?, ?)",
        (table, row, what, rule),
    ).fetchall()


def take_back(connection: apsw.Connection) -> None:
    """Undo every change, newest first."""
    for sql, bindings in undo_statements(connection):
        connection.execute(sql, bindings).fetchall()


def undo_statements(connection: apsw.Connection) -> Iterator[tuple[str, tuple[Value, ...]]]:
    """Yield what undoes the changes, newest first."""
    for kind, table, row, column, before, rule in rows(
        connection,
        "SELECT kind, table_name, row, column_name, before_value, rule "
        "FROM migration_setting_changes ORDER BY id DESC",
    ):
        name = quote(str(table))
        if kind == "update":
            yield f"UPDATE {name} SET {quote(str(column))} = ? WHERE rowid = ?", (before, row)
        elif rule == "table_made":
            yield f"DROP TABLE {name}", ()
        else:
            yield f"DELETE FROM {name} WHERE rowid = ?", (row,)
