"""Validation finds every change of a migrated database, however small."""

from __future__ import annotations

import json
import random
import struct
from collections import Counter
from pathlib import Path

import apsw
import pytest

from core.base.operation import Context
from core.base.sqlite import open_own, quote
from migration.sql import Source
from migration.upbit.validation.lossless import validate_lossless
from migration.upbit.validation.rule_counts import count_legacy_rows
from migration.validation.expected import Expected, expect
from migration.validation.validate import attach_before, validate_integrity, validate_record_counts
from tests.migration.shapes import CONVERSIONS, Migrated, everything, prepare, template_settings

MUTATIONS = 2_000


class Rig:
    """A migrated set, open for writing inside savepoints that are rolled back."""

    def __init__(self, migrated: Migrated) -> None:
        self.scripts = migrated.scripts
        self.databases: dict[str, tuple[apsw.Connection, Expected]] = {}
        self.sources: dict[str, tuple[Source, ...]] = {}
        for name, staged in migrated.staged.items():
            expected = expect(
                staged, migrated.scripts, migrated.deployment, migrated.folder, CONVERSIONS
            )
            connection = open_own(staged.path)
            connection.execute("PRAGMA ignore_check_constraints = ON").fetchall()
            if name == "strategies":
                self.sources[name] = attach_before(connection, migrated.sources, CONVERSIONS)
            self.databases[name] = (connection, expected)

    def valid(self, name: str) -> bool:
        only = {name: self.databases[name]}
        if not (
            validate_record_counts(only).ok
            and validate_integrity(
                Context(), only, self.scripts, CONVERSIONS.json_columns, full_check=False
            ).ok
        ):
            return False
        if name not in self.sources:
            return True
        connection, sources = self.databases[name][0], self.sources[name]
        return (
            count_legacy_rows(connection, sources).ok
            and validate_lossless(Context(), connection, sources).ok
        )

    def close(self) -> None:
        for connection, _ in self.databases.values():
            connection.close()


def next_float(value: float) -> float:
    bits = struct.unpack("<q", struct.pack("<d", value))[0]
    return float(struct.unpack("<d", struct.pack("<q", bits + 1))[0])


def other_case(chosen: random.Random, text: str) -> str | None:
    places = [at for at, sign in enumerate(text) if sign.swapcase() != sign]
    if not places:
        return None
    at = chosen.choice(places)
    return text[:at] + text[at].swapcase() + text[at + 1 :]


def other_json(chosen: random.Random, text: str) -> str | None:
    """Change one key of a JSON object, or one number in it."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, dict) or not found:
        return None
    key = chosen.choice(sorted(found))
    if chosen.random() < 0.5:
        found[f"{key}_"] = found.pop(key)
    else:
        found.pop(key)
    return json.dumps(found, ensure_ascii=False)


def mutated(chosen: random.Random, value: object) -> tuple[str, object] | None:
    ways: list[tuple[str, object]] = []
    if isinstance(value, float):
        ways += [("ulp", next_float(value)), ("class", str(value)), ("sign", -value or -0.0)]
    elif isinstance(value, int):
        ways += [("cell", value + 1), ("class", float(value)), ("class", str(value))]
    elif isinstance(value, str):
        ways += [("cell", value + " "), ("blob", value.encode()), ("null", None)]
        ways += [("case", one)] if (one := other_case(chosen, value)) else []
        ways += [("json", one)] if (one := other_json(chosen, value)) else []
    elif isinstance(value, bytes):
        ways += [("cell", value + b"\0"), ("class", value.decode("latin-1"))]
    else:
        ways += [("cell", 0), ("cell", "")]
    return chosen.choice(ways) if ways else None


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Rig:
    folder = tmp_path_factory.mktemp("mutations")
    return Rig(prepare(folder, everything, template_settings).run())


def test_what_was_migrated_is_valid(rig: Rig) -> None:
    for name in rig.databases:
        assert rig.valid(name)


def test_every_one_of_two_thousand_changes_is_found(rig: Rig) -> None:
    chosen = random.Random(20250803)
    done: Counter[str] = Counter()
    touched: Counter[str] = Counter()
    missed = []
    places = []
    for name, (connection, _) in rig.databases.items():
        for _, table, kind, *_rest in connection.execute("PRAGMA main.table_list").fetchall():
            if kind == "table" and not str(table).startswith("sqlite_"):
                places.append((name, str(table)))
    while sum(done.values()) < MUTATIONS:
        name, table = chosen.choice(places)
        connection = rig.databases[name][0]
        connection.execute("SAVEPOINT mutation").fetchall()
        try:
            way = mutate(chosen, connection, table)
            if way is None:
                continue
            done[way] += 1
            touched[f"{name}.{table}"] += 1
            if rig.valid(name):
                missed.append((name, table, way))
        finally:
            connection.execute("ROLLBACK TO mutation").fetchall()
            connection.execute("RELEASE mutation").fetchall()
    assert not missed, missed[:20]
    assert {"cell", "row", "ulp", "json", "case", "class"} <= set(done), done
    assert "strategies.domain_triggers" in touched
    assert "settings.secure_keys" in touched
    for name in rig.databases:
        assert rig.valid(name), "every change was taken back"


def mutate(chosen: random.Random, connection: apsw.Connection, table: str) -> str | None:
    """Change one thing in *table* and return what kind of change it was, None for none."""
    guards = connection.execute(
        "SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger' AND tbl_name = ?", (table,)
    ).fetchall()
    for name, _ in guards:
        connection.execute(f"DROP TRIGGER main.{quote(str(name))}").fetchall()
    way = mutate_unguarded(chosen, connection, table)
    for _, sql in guards:
        connection.execute(str(sql)).fetchall()
    return way


def mutate_unguarded(chosen: random.Random, connection: apsw.Connection, table: str) -> str | None:
    description = connection.execute(f"PRAGMA main.table_info({quote(table)})").fetchall()
    columns = [str(row[1]) for row in description]
    everything_there = connection.execute(f"SELECT * FROM {quote(table)}").fetchall()
    if not everything_there:
        return None
    row = chosen.choice(everything_there)
    where = " AND ".join(f"{quote(one)} IS ?" for one in columns)
    try:
        if chosen.random() < 0.1:
            connection.execute(f"DELETE FROM {quote(table)} WHERE {where}", row).fetchall()
            return "row"
        at = chosen.randrange(len(columns))
        way = mutated(chosen, row[at])
        if way is None:
            return None
        before = everything_there
        connection.execute(
            f"UPDATE {quote(table)} SET {quote(columns[at])} = ? WHERE {where}", (way[1], *row)
        ).fetchall()
    except apsw.Error:
        return None  # a constraint forbids it
    after = connection.execute(f"SELECT * FROM {quote(table)}").fetchall()
    # The column's affinity may have turned the new value into the old one.
    return None if repr(after) == repr(before) else way[0]


def test_one_changed_row_of_each_legacy_table_is_found_by_the_proof_alone(
    rig: Rig, tmp_path: Path
) -> None:
    from migration.upbit.validation.lossless import prove

    connection, _ = rig.databases["strategies"]
    for source in rig.sources["strategies"]:
        assert prove(connection, source).ok, source.table
    connection.execute("SAVEPOINT proof").fetchall()
    try:
        connection.execute(
            "UPDATE domain_conditions SET success_rate = success_rate + 5e-17 "
            "WHERE success_rate > 0.3"
        ).fetchall()
        wrong = [one for one in rig.sources["strategies"] if not prove(connection, one).ok]
    finally:
        connection.execute("ROLLBACK TO proof").fetchall()
        connection.execute("RELEASE proof").fetchall()
    assert [(one.table, prove(connection, one).ok) for one in wrong] == [
        ("trading_conditions", True)
    ]


@pytest.mark.parametrize(
    "sql",
    ["DELETE FROM {table} WHERE rowid = (SELECT max(rowid) FROM {table})", "DROP TABLE {table}"],
)
def test_one_row_too_few_is_found_by_the_counts_alone(rig: Rig, sql: str) -> None:
    """Of the tables that no script touches; the other validators look at their content."""
    connection, expected = rig.databases["settings"]
    table = next(name for name, kept in expected.kept.items() if kept.rows)
    connection.execute("PRAGMA foreign_keys = OFF").fetchall()
    connection.execute("SAVEPOINT row").fetchall()
    try:
        connection.execute(sql.format(table=quote(table))).fetchall()
        found = validate_record_counts({"settings": (connection, expected)})
    finally:
        connection.execute("ROLLBACK TO row").fetchall()
        connection.execute("RELEASE row").fetchall()
    assert not found.ok
    assert [table in str(problem) for problem in found.problems] == [True]
