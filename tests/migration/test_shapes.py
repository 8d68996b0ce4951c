"""Every legacy shape, alone and with the others, and the states in which databases are found."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from pathlib import Path

import pytest

from core.base.operation import Context, OperationError
from core.base.sqlite import open_immutable
from migration.engine.apply import apply, revert
from migration.engine.plan import plan_database
from migration.models import ValidationResult
from migration.run.rehearse import describe
from migration.upbit.transforms.homes import RULE
from migration.upbit.validation.business import practice_walk
from migration.validation.expected import table_digest
from migration.validation.validate import validate
from tests.migration.shapes import (
    CONDITION,
    CONVERSIONS,
    EXAMPLE,
    SHAPES,
    UNIFIED,
    Build,
    Migrated,
    everything,
    prepare,
    template_settings,
    unified,
)


def check(migrated: Migrated) -> ValidationResult:
    result = validate(
        list(migrated.staged.values()),
        migrated.scripts,
        migrated.deployment,
        migrated.folder,
        {},
        CONVERSIONS,
    )
    assert result.ok, [str(one) for one in result.problems]
    assert [one.name for one in result.validators] == [
        "record_counts", "integrity", "business_logic", "performance"
    ]  # fmt: skip
    return result


def reasons(migrated: Migrated) -> list[tuple[object, ...]]:
    return migrated.query(
        "SELECT s.shape, r.source_row, r.part, r.reason FROM migration_review AS r "
        "JOIN migration_sources AS s ON s.id = r.source ORDER BY r.id"
    )


def twelve_orphans(c: sqlite3.Connection) -> None:
    c.executescript(UNIFIED)
    c.executemany(
        CONDITION, [(n, f"조건 {n}", *EXAMPLE[2:11], "custom", *EXAMPLE[12:]) for n in range(1, 13)]
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_alone(shape: str, tmp_path: Path) -> None:
    migrated = prepare(tmp_path, SHAPES[shape]).run()
    check(migrated)
    made = int(str(migrated.value("SELECT count(*) FROM domain_strategies")))
    assert made >= 1
    ids = [one for (one,) in migrated.query(
        "SELECT id FROM domain_strategies UNION ALL SELECT id FROM domain_triggers UNION ALL "
        "SELECT id FROM domain_conditions UNION ALL "
        "SELECT id FROM domain_management_rules")]  # fmt: skip
    assert all(RULE.fullmatch(str(one)) for one in ids), ids
    versions = migrated.query("SELECT version, parent_version FROM domain_strategy_versions")
    assert versions == [(1, None)] * made


def test_all_shapes_at_once(tmp_path: Path) -> None:
    migrated = prepare(tmp_path, everything, template_settings).run()
    result = check(migrated)
    shapes = {one for (one,) in migrated.query("SELECT shape FROM migration_sources")}
    assert len(shapes) == 13
    business = result.validators[2].evidence
    assert business["strategies_equal"] == 2, "one unified and one of the component maker"
    unproven = business["not_provable"]
    assert isinstance(unproven, list)
    assert "STR_1756000000000: 2 conditions beside its rules" in unproven
    proofs = result.validators[1].evidence["lossless_proof"]
    assert isinstance(proofs, list)
    for proof in proofs:
        assert isinstance(proof, dict)
        assert proof["rows"] == proof["equal_in_sql"]
        assert proof["digest_before"] == proof["digest_turned_back"]


def test_what_becomes_of_the_unified_shape(tmp_path: Path) -> None:
    migrated = prepare(tmp_path, unified).run()
    triggers = migrated.query(
        "SELECT t.strategy_id, t.trigger_type, t.variable_config, t.evaluation_config "
        "FROM domain_triggers AS t WHERE t.id LIKE 'trg%' ORDER BY t.id"
    )
    assert [(one[0], one[1]) for one in triggers] == [
        ("STR_1756000000000", "ENTRY"), ("STR_1756000000001", "ENTRY"),
        ("STR_1756000000000", "EXIT"),
    ]  # fmt: skip
    variable = json.loads(str(triggers[0][2]))
    assert variable["variable_params"]["band_position"] == "상단"
    evaluation = json.loads(str(triggers[1][3]))
    assert evaluation["external_variable"]["variable_id"] == "CURRENT_PRICE"
    assert evaluation["logic"] == "OR" and evaluation["ordinal"] == 1
    assert sorted(reasons(migrated)) == sorted([
        ("unified_conditions", 3, "", "no_role"), ("unified_conditions", 4, "", "malformed_json"),
        ("unified_conditions", 5, "", "no_strategy"), ("unified_links", 4, "", "no_role"),
        ("unified_links", 5, "", "malformed_json"), ("unified_links", 6, "", "no_strategy"),
        ("unified_links", 7, "", "no_condition"),
    ])  # fmt: skip
    assert migrated.value("SELECT typeof(success_rate) FROM domain_conditions LIMIT 1") == "real"
    assert migrated.value("SELECT success_rate FROM domain_conditions LIMIT 1") == 0.1 + 0.2
    assert migrated.query("SELECT DISTINCT status FROM migration_review") == [("수동 검토 필요",)]
    rules = migrated.query("SELECT DISTINCT rule_type FROM domain_management_rules ORDER BY 1")
    assert [one for (one,) in rules] == [
        "fixed_stop_take", "pyramid_buying", "scale_in_buying", "trailing_stop"
    ]  # fmt: skip


def test_repeated_keys_and_spelt_numbers_survive_in_json(tmp_path: Path) -> None:
    migrated = prepare(tmp_path, SHAPES["orm_v1"]).run()
    (config,) = migrated.query(
        "SELECT variable_config FROM domain_triggers WHERE evaluation_config LIKE '%bull%'"
    )[0]
    assert '{"k":2.50,"k":3}' in str(config)


def test_conditions_in_both_databases_are_one(tmp_path: Path) -> None:
    migrated = prepare(tmp_path, unified, template_settings).run()
    found = migrated.query(
        "SELECT d.name, d.duplicate_of = f.id, s.shape FROM domain_conditions AS d "
        "JOIN domain_conditions AS f ON f.id = d.duplicate_of "
        "JOIN migration_sources AS s ON s.id = d.source"
    )
    assert found == [(EXAMPLE[1], 1, "template_conditions")]
    triggers = migrated.value(
        "SELECT count(*) FROM domain_trigger_conditions AS l JOIN domain_conditions AS c "
        "ON c.id = l.condition_id WHERE c.duplicate_of IS NOT NULL"
    )
    assert triggers == 0, "a condition that stands in two tables fires once"


def test_a_strategy_in_both_databases_is_one(tmp_path: Path) -> None:
    migrated = prepare(tmp_path, SHAPES["component"], template_settings).run()
    check(migrated)
    assert ("component", 1, "", "duplicate") in reasons(migrated)
    assert migrated.value("SELECT count(*) FROM domain_strategies") == 2


@pytest.mark.parametrize("build", [None, lambda c: c.execute("CREATE TABLE other (x)")])
def test_empty_databases(build: Build | None, tmp_path: Path) -> None:
    migrated = prepare(tmp_path, build, None).run()
    check(migrated)
    assert migrated.value("SELECT count(*) FROM domain_strategies") == 0


def test_a_database_that_is_migrated_already_has_nothing_pending(tmp_path: Path) -> None:
    migrated = prepare(tmp_path, unified).run()
    staged = migrated.staged["strategies"]
    with contextlib.closing(open_immutable(staged.path)) as connection:
        assert plan_database(connection, "strategies", migrated.scripts).pending == ()
    before = staged.path.read_bytes()
    assert apply(staged, migrated.scripts, migrated.deployment) == ()
    assert staged.path.read_bytes()[100:] == before[100:]


def half_migrated(c: sqlite3.Connection) -> None:
    unified(c)
    c.executescript(
        "CREATE TABLE domain_strategies (id TEXT PRIMARY KEY, aggregate_version INTEGER NOT NULL "
        "DEFAULT 1, name TEXT NOT NULL, description TEXT, created_at TIMESTAMP DEFAULT "
        "CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);"
    )
    c.execute("INSERT INTO domain_strategies (id, name) VALUES ('STR_1756000000000', '손으로')")


def test_half_migrated_by_someone_else(tmp_path: Path) -> None:
    migrated = prepare(tmp_path, half_migrated).run()
    check(migrated)
    assert migrated.value("SELECT name FROM domain_strategies WHERE id = 'STR_1756000000000'") == (
        "손으로"
    ), "what somebody made is not overwritten"
    assert ("unified", 1, "", "id_taken") in reasons(migrated)


def test_half_migrated_with_other_columns_is_refused(tmp_path: Path) -> None:
    migrated = prepare(tmp_path, lambda c: c.execute("CREATE TABLE domain_strategies (id, other)"))
    before = migrated.sources["strategies"].read_bytes()
    with pytest.raises(OperationError, match="failed"):
        migrated.run()
    assert migrated.sources["strategies"].read_bytes() == before


def test_zero_strategies_and_twelve_orphans(tmp_path: Path) -> None:
    migrated = prepare(tmp_path, twelve_orphans).run()
    check(migrated)
    assert [one[3] for one in reasons(migrated)] == ["no_strategy"] * 12
    assert migrated.value("SELECT count(*) FROM domain_triggers") == 0


def test_decisions_of_the_operator_are_carried_out(tmp_path: Path) -> None:
    def build(c: sqlite3.Connection) -> None:
        unified(c)

    decisions: tuple[dict[str, object], ...] = (
        {"database": "strategies", "table": "trading_conditions", "row": 3, "role": "MANAGEMENT"},
        {"database": "strategies", "table": "trading_conditions", "row": 5, "part": "",
         "strategy": "STR_1756000000002"},
    )  # fmt: skip
    migrated = prepare(tmp_path, build, decisions=decisions).run()
    check(migrated)
    found = migrated.query(
        "SELECT c.source_row, t.strategy_id, t.trigger_type, l.role_from FROM domain_triggers AS t "
        "JOIN domain_trigger_conditions AS l ON l.trigger_id = t.id "
        "JOIN domain_conditions AS c ON c.id = l.condition_id WHERE c.source_row IN (3, 5)"
    )
    assert sorted(found) == [
        (3, "STR_1756000000000", "MANAGEMENT", "operator"),
        (5, "STR_1756000000002", "ENTRY", "operator"),
    ]


def test_a_decision_for_a_whole_table(tmp_path: Path) -> None:
    decision: dict[str, object] = {
        "database": "strategies", "table": "TRADING_CONDITIONS", "row": None, "role": "EXIT",
    }  # fmt: skip
    migrated = prepare(tmp_path, unified, decisions=(decision,)).run()
    check(migrated)
    assert ("unified_conditions", 3, "", "no_role") not in reasons(migrated)
    assert migrated.value(
        "SELECT count(*) FROM domain_triggers WHERE id LIKE 'trg%' AND trigger_type = 'ENTRY'"
    ) == 2, "a role that a row states is stronger than a decision for all"  # fmt: skip


@pytest.mark.parametrize(
    "alter",
    [
        "ALTER TABLE trading_conditions ADD COLUMN unknown_one BLOB DEFAULT x'00ff'",
        'ALTER TABLE strategies ADD COLUMN "we""ird $[0] name" REAL DEFAULT 0.1',
        "ALTER TABLE strategy_conditions ADD COLUMN rowid_ TEXT DEFAULT '00'",
        "ALTER TABLE strategy_conditions ADD COLUMN oid INTEGER DEFAULT 5",
        'ALTER TABLE trading_conditions RENAME TO "조건 {chunk} 표"',
        "PRAGMA user_version = 7",
    ],
)
def test_unknown_columns_and_odd_names_are_carried(alter: str, tmp_path: Path) -> None:
    def build(c: sqlite3.Connection) -> None:
        unified(c)
        c.execute(alter)

    check(prepare(tmp_path, build).run())


def test_tables_without_rowid_and_without_a_key(tmp_path: Path) -> None:
    def build(c: sqlite3.Connection) -> None:
        c.execute("CREATE TABLE legacy_strategies (id TEXT, name TEXT, description TEXT, "
                  "strategy_config JSON, PRIMARY KEY (id DESC)) WITHOUT ROWID")  # fmt: skip
        c.execute("CREATE TABLE conditions (id, strategy_id, condition_data, rowid)")
        c.execute("INSERT INTO legacy_strategies VALUES ('b', 'B', NULL, '[]')")
        c.execute("INSERT INTO legacy_strategies VALUES ('abc', 'A', NULL, '[]')")
        for number in (1, 1, "1", None, 1.5):
            c.execute(
                "INSERT INTO conditions VALUES (?, 'abc', '{\"role\": \"exit\"}', 'x')", (number,)
            )

    migrated = prepare(tmp_path, build).run()
    check(migrated)
    assert migrated.value("SELECT count(*) FROM domain_triggers") == 4


def test_views_triggers_indexes_and_unknown_tables_survive(tmp_path: Path) -> None:
    migrated = prepare(tmp_path, SHAPES["newest"]).run()
    for kind, name in (("view", "active"), ("trigger", "note"), ("table", "execution_history")):
        assert migrated.query(
            f"SELECT count(*) FROM sqlite_schema WHERE type = '{kind}' AND name = '{name}'"
        ) == [(1,)]
    assert migrated.value("PRAGMA journal_mode") == "wal"


def test_kept_copies_of_legacy_tables_are_not_converted(tmp_path: Path) -> None:
    migrated = prepare(tmp_path, None, template_settings).run()
    tables = {one for (one,) in migrated.query("SELECT table_name FROM migration_sources")}
    assert "backup_strategies_1" not in tables


def test_reverting_every_script_gives_back_what_was_there(tmp_path: Path) -> None:
    import apsw

    migrated = prepare(tmp_path, everything, template_settings).run()
    for name, staged in migrated.staged.items():
        revert(staged, migrated.scripts, migrated.deployment, 0)
        was = apsw.Connection(str(migrated.sources[name]))
        now = apsw.Connection(str(staged.path))
        names = [
            str(one)
            for (one,) in was.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            if not str(one).startswith("sqlite_")
        ]
        left = {
            str(one)
            for (one,) in now.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        } - set(names)
        assert {one for one in left if not one.startswith("sqlite_")} == {"ops_migration_history"}
        for one in names:
            assert table_digest(was, "main", one) == table_digest(now, "main", one), one
        was.close()
        now.close()


def test_secrets_stand_in_no_evidence(tmp_path: Path) -> None:
    migrated = prepare(tmp_path, unified, template_settings).run()
    text = check(migrated).model_dump_json()
    assert bytes(range(34)).hex() not in text
    assert not re.search(r"\\u0000\\u0001\\u0002", text)


def test_the_practice_series_makes_every_kind_of_rule_act() -> None:
    assert len(practice_walk()) == 1_500
    assert all(one.close > 0 for one in practice_walk())


ODD_NAMES = [
    'a"b',
    "a'b",
    "{}",
    "{schema}",
    "a]b",
    "a.b",
    "a;b",
    "%s",
    "--",
    "줄\n바꿈",
    "a b",
    "`",
    "?1",
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_table_may_be_called_anything(name: str, tmp_path: Path) -> None:
    """Quoted with a plain ``"`` only, a table called ``a"b`` had -1 rows and blocked everything."""

    def build(c: sqlite3.Connection) -> None:
        unified(c)
        quoted = '"' + name.replace('"', '""') + '"'
        c.execute("ALTER TABLE trading_conditions RENAME TO " + quoted)
        c.execute(f"ALTER TABLE {quoted} ADD COLUMN {quoted} TEXT DEFAULT 'x'")
        kept = '"' + name.replace('"', '""') + ' kept"'
        c.execute(f"CREATE TABLE {kept} (id INTEGER PRIMARY KEY, {quoted} TEXT)")
        c.execute(f"INSERT INTO {kept} VALUES (1, 'y')")

    migrated = prepare(tmp_path, build).run()
    check(migrated)
    described = describe(
        Context(),
        migrated.sources,
        {key: one.path for key, one in migrated.staged.items()},
        (),
        (),
        CONVERSIONS,
    )
    assert described.counts["strategies"][f"{name} kept"] == 1
    assert migrated.value("SELECT count(*) FROM domain_conditions") != 0
