"""What is taken for a source, what is not, and that nobody's rules become more."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from core.base.operation import Context
from core.base.sqlite import open_immutable
from migration.models import ValidationResult
from migration.run.rehearse import describe
from migration.upbit.sources.detect import Kind, detect, doubtful, leftovers
from migration.validation.validate import validate
from tests.migration.shapes import (
    CONVERSIONS,
    Build,
    Migrated,
    make,
    newest,
    prepare,
    task,
    unified,
    user,
)
from tests.migration.test_shapes import check, reasons

FIVE_TRADES = [(one, "STR_1756000000000", 1) for one in range(1, 6)]


def validated(migrated: Migrated) -> ValidationResult:
    return validate(
        list(migrated.staged.values()),
        migrated.scripts,
        migrated.deployment,
        migrated.folder,
        {},
        CONVERSIONS,
    )


def kinds(path: Path) -> dict[str, Kind]:
    connection = open_immutable(path)
    try:
        return {one.table: one.kind for one in detect(connection, {"strategies": "main"})}
    finally:
        connection.close()


def told(path: Path) -> list[str]:
    connection = open_immutable(path)
    try:
        return [str(one) for one in doubtful(connection, {"strategies": "main"})]
    finally:
        connection.close()


LOGS = [
    # Links: a strategy and a condition in every row.
    "execution_history (id INTEGER PRIMARY KEY, strategy_id TEXT, condition_id INTEGER)",
    "trades (id INTEGER PRIMARY KEY, strategy_id TEXT, condition_id INTEGER)",
    "fired (id INTEGER PRIMARY KEY, strategy_id TEXT, condition_id INTEGER, executed_at TEXT)",
    "ConditionLog (id INTEGER PRIMARY KEY, strategy_id TEXT, condition_id INTEGER)",
    "hits (id INTEGER PRIMARY KEY, strategy_id TEXT, condition_id INTEGER)",
    "hits (id INTEGER PRIMARY KEY, strategy_id TEXT REFERENCES strategies(strategy_id), "
    "condition_id INTEGER REFERENCES trading_conditions(id))",
    '"실행이력" (id INTEGER PRIMARY KEY, strategy_id TEXT, condition_id INTEGER)',
]


@pytest.mark.parametrize("table", LOGS)
def test_a_log_is_never_a_link(table: str, tmp_path: Path) -> None:
    """Five logged trades became five ENTRY triggers, and every validator was content."""

    def build(c: sqlite3.Connection) -> None:
        unified(c)
        c.execute(f"CREATE TABLE {table}")
        name = table.split(" ", 1)[0]
        c.executemany(
            f"INSERT INTO {name} (id, strategy_id, condition_id) VALUES (?, ?, ?)", FIVE_TRADES
        )

    migrated = prepare(tmp_path, build).run()
    check(migrated)
    triggers = migrated.query(
        "SELECT strategy_id, count(*) FROM domain_triggers WHERE id LIKE 'trg%' GROUP BY 1"
    )
    assert triggers == [("STR_1756000000000", 2), ("STR_1756000000001", 1)]
    assert "it stays as it is" in "".join(told(migrated.sources["strategies"]))


SIBLINGS: list[tuple[str, Build, str]] = [
    (
        "strategies that were changed once",
        unified,
        "CREATE TABLE strategies_history AS SELECT *, 'x' AS changed_by FROM strategies;"
        "INSERT INTO strategies_history SELECT * FROM strategies_history",
    ),
    (
        "an audit that comes first by its name",
        unified,
        "CREATE TABLE audit_strategies AS SELECT * FROM strategies",
    ),
    (
        "strategies under another name, again and again",
        unified,
        "CREATE TABLE a_few AS SELECT * FROM strategies; INSERT INTO a_few SELECT * FROM a_few",
    ),
    (
        "simulations that name a strategy",
        newest,
        "CREATE TABLE simulation_sessions (id INTEGER PRIMARY KEY, strategy_name TEXT, "
        "strategy_type TEXT); INSERT INTO simulation_sessions VALUES (7, '최신', 'swing')",
    ),
    (
        "results that name a strategy",
        newest,
        "CREATE TABLE tried (id INTEGER PRIMARY KEY, strategy_name TEXT, risk_level TEXT, "
        "profit REAL); INSERT INTO tried VALUES (7, '최신', 'high', 1.5)",
    ),
    (
        "evaluations of conditions",
        task,
        "CREATE TABLE evaluated (id INTEGER PRIMARY KEY, strategy_id INTEGER, condition_data TEXT, "
        "evaluated_at TEXT); "
        "INSERT INTO evaluated SELECT id, strategy_id, condition_data, 'now' FROM conditions",
    ),
    (
        "a log of triggers",
        user,
        "CREATE TABLE trigger_events AS SELECT * FROM user_triggers",
    ),
    ("conditions that were fired", newest,
     "CREATE TABLE condition_executions AS SELECT * FROM strategy_conditions"),
    ("strategies of a day", unified,
     "CREATE TABLE strategies_20250901 AS SELECT * FROM strategies"),
    ("old strategies", unified, "CREATE TABLE strategies_old AS SELECT * FROM strategies"),
    ("a copy of conditions", unified,
     "CREATE TABLE copy_trading AS SELECT * FROM trading_conditions"),
]  # fmt: skip


@pytest.mark.parametrize(("build", "sql"), [one[1:] for one in SIBLINGS],
                         ids=[one[0] for one in SIBLINGS])  # fmt: skip
def test_what_happened_and_what_was_kept_is_no_source(
    build: Build, sql: str, tmp_path: Path
) -> None:
    plain = tmp_path / "plain"
    make(plain, build)

    def with_more(c: sqlite3.Connection) -> None:
        build(c)
        c.executescript(sql)

    migrated = prepare(tmp_path, with_more).run()
    check(migrated)
    path = migrated.sources["strategies"]
    assert kinds(path) == kinds(plain)
    connection = open_immutable(path)
    left = leftovers(connection, {"strategies": "main"})
    connection.close()
    assert told(path) or left, "what is not taken is told"
    targets = {name: one.path for name, one in migrated.staged.items()}
    described = describe(Context(), migrated.sources, targets, (), (), CONVERSIONS)
    assert described.doubts or described.leftovers


LINKS = [
    "rules_of (strategy_id TEXT, condition_id INTEGER, PRIMARY KEY (strategy_id, condition_id))",
    "rules_of (id INTEGER PRIMARY KEY, strategy_id TEXT, condition_id INTEGER, "
    "role TEXT, UNIQUE (strategy_id, condition_id, role))",
    "rules_of (id INTEGER PRIMARY KEY, strategy_id TEXT, condition_id INTEGER)",
    "rules_of (strategy_id TEXT REFERENCES strategies, condition_id INTEGER REFERENCES "
    "trading_conditions, remark TEXT)",
]


@pytest.mark.parametrize("table", LINKS)
def test_a_link_is_one_under_any_name(table: str, tmp_path: Path) -> None:
    def build(c: sqlite3.Connection) -> None:
        unified(c)
        c.execute(f"CREATE TABLE {table}")
        c.execute(
            "INSERT INTO rules_of (strategy_id, condition_id) SELECT strategy_id, condition_id "
            "FROM strategy_conditions"
        )
        c.execute("DROP TABLE strategy_conditions")

    migrated = prepare(tmp_path, build).run()
    check(migrated)
    assert kinds(migrated.sources["strategies"])["rules_of"] is Kind.LINKS
    assert migrated.value("SELECT count(*) FROM domain_triggers WHERE id LIKE 'trg%'") == 3


def test_a_link_means_the_conditions_that_its_key_names(tmp_path: Path) -> None:
    def build(c: sqlite3.Connection) -> None:
        unified(c)
        c.executescript(
            "CREATE TABLE another AS SELECT * FROM trading_conditions;"
            "UPDATE another SET name = name || ' (other)';"
            "CREATE UNIQUE INDEX another_id ON another(id);"
        )

    migrated = prepare(tmp_path, build).run()
    check(migrated)
    linked = migrated.query(
        "SELECT DISTINCT s.table_name FROM domain_trigger_conditions AS l "
        "JOIN domain_conditions AS c ON c.id = l.condition_id "
        "JOIN migration_sources AS s ON s.id = c.source"
    )
    assert linked == [("trading_conditions",)]


def test_a_condition_that_is_linked_twice_fires_once(tmp_path: Path) -> None:
    def build(c: sqlite3.Connection) -> None:
        unified(c)
        c.execute("INSERT INTO strategy_conditions VALUES (8, 'STR_1756000000000', 1, 9, 'AND')")

    migrated = prepare(tmp_path, build).run()
    check(migrated)
    assert ("unified_links", 8, "", "repeated_link") in reasons(migrated)
    assert migrated.value("SELECT count(*) FROM domain_triggers WHERE id LIKE 'trg%'") == 3


def test_a_decision_for_what_is_linked_already_makes_no_second_trigger(tmp_path: Path) -> None:
    decision: dict[str, object] = {
        "database": "strategies", "table": "trading_conditions", "row": None,
        "strategy": "STR_1756000000000",
    }  # fmt: skip
    migrated = prepare(tmp_path, unified, decisions=(decision,)).run()
    check(migrated)
    assert migrated.query(
        "SELECT 1 FROM domain_triggers AS t JOIN domain_trigger_conditions AS l "
        "ON l.trigger_id = t.id GROUP BY t.strategy_id, l.condition_id HAVING count(*) > 1"
    ) == []  # fmt: skip


COPY_TRIGGER = (
    "INSERT INTO domain_triggers SELECT id || '_again', strategy_id, trigger_type, "
    "variable_config, evaluation_config, created_at FROM domain_triggers WHERE id = "
)


@pytest.mark.parametrize(
    "sql",
    [
        COPY_TRIGGER + "(SELECT min(trigger_id) FROM domain_trigger_conditions);"
        "INSERT INTO domain_trigger_conditions SELECT trigger_id || '_again', condition_id, "
        "role_from, ordinal, logic, source, source_row, storage, carried "
        "FROM domain_trigger_conditions ORDER BY trigger_id LIMIT 1",
        COPY_TRIGGER + "(SELECT min(id) FROM domain_triggers WHERE id LIKE 'rule%')",
    ],
    ids=["condition", "rule"],
)
def test_two_validators_see_a_rule_that_is_there_twice(sql: str, tmp_path: Path) -> None:
    migrated = prepare(tmp_path, unified).run()
    raw = sqlite3.connect(migrated.staged["strategies"].path)
    raw.executescript(sql)
    raw.commit()
    raw.close()
    result = validated(migrated)
    counts = [str(one) for one in result.validators[0].problems]
    assert any("had" in one and "rules and has" in one for one in counts), counts
    business = [str(one) for one in result.validators[2].problems]
    assert any("2 times" in one or "each once" in one for one in business), business


def test_the_count_of_rules_is_evidence(tmp_path: Path) -> None:
    migrated = prepare(tmp_path, unified).run()
    evidence = validated(migrated).validators[0].evidence["rules"]
    assert evidence == {
        "in_strategies": {"strategies": 3, "before": 21, "after": 21},
        "linked": {"strategies": 2, "before": 3, "after": 3},
    }
