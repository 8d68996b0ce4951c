"""Values that a careless migration loses, and ids that a careless one confuses."""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migration.upbit.sources.detect import Shape
from migration.upbit.transforms.homes import RULE, new_id
from migration.upbit.transforms.verbatim import Malformed, dump, parse, plain
from tests.migration.shapes import UNIFIED, prepare
from tests.migration.test_shapes import check

ODD = [
    0.1 + 0.2, 1.7976931348623157e308, 5e-324, -0.0, float("inf"), float("-inf"),
    2**63 - 1, -(2**63), "a\0b", "\0", b"", b"\0\xff", "é", "e\u0301", "0", "00", "1e3", " 1",
    "한글 💰", "'; DROP TABLE strategies; --", '{"a": 1, "a": 2}',
    '{"n": 0.1000000000000000055511}',
    "[" * 900 + "]" * 900, '{"big": "' + "x" * 1_000_000 + '"}', None, "", "\ufeff", "\ud7ff",
]  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(ODD[:-7]),
    st.floats(allow_nan=False),
    st.integers(min_value=-(2**63), max_value=2**63 - 1),
    st.binary(max_size=20),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.none(),
)


def with_values(c: sqlite3.Connection, rows: list[list[object]]) -> None:
    """Put *rows* of 20 values into tables of the unified shape whose columns have no types."""
    c.executescript(UNIFIED.replace(" TEXT", " ").replace(" INTEGER DEFAULT", " DEFAULT")
                    .replace(" REAL DEFAULT", " DEFAULT").replace("BOOLEAN", "")
                    .replace("name  UNIQUE", "name").replace("name  NOT NULL", "name"))  # fmt: skip
    c.execute(
        "INSERT INTO strategies (strategy_id, name, strategy_data) VALUES ('STR_1', 'x', '{}')"
    )
    columns = [row[1] for row in c.execute("PRAGMA table_info(trading_conditions)")][1:]
    strategy = [row[1] for row in c.execute("PRAGMA table_info(strategies)")]
    for number, row in enumerate(rows, start=1):
        marks = ", ".join("?" * len(columns))
        c.execute(
            f"INSERT INTO trading_conditions ({', '.join(columns)}) VALUES ({marks})",
            row[: len(columns)],
        )
        c.execute(
            f"INSERT OR IGNORE INTO strategies VALUES ({', '.join('?' * len(strategy))})",
            row[-len(strategy):],
        )  # fmt: skip
        c.execute(
            "INSERT INTO strategy_conditions VALUES (?, 'STR_1', ?, ?, ?)",
            (number, number, row[0], row[1]),
        )
        c.execute("UPDATE trading_conditions SET category = 'entry' WHERE id % 2")


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
def test_an_odd_value_in_every_column(value: object, tmp_path: Path) -> None:
    plain_row: list[object] = ["n", "d", "RSI", "v", "{}", "<", "fixed", "30", "{}", "static", 1,
                               "entry", "2025", "2025", 0, 0.5, "c", None, None, None]  # fmt: skip
    rows = [[value] * 20]
    rows += [[*plain_row[:at], value, *plain_row[at + 1 :]] for at in range(17)]
    check(prepare(tmp_path, lambda c: with_values(c, rows)).run())


@settings(
    max_examples=25, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(st.lists(st.lists(VALUES, min_size=20, max_size=20), max_size=5))
def test_whatever_stands_in_a_row_comes_back(rows: list[list[object]]) -> None:
    with TemporaryDirectory() as folder:
        check(prepare(Path(folder), lambda c: with_values(c, rows)).run())


def test_text_that_does_not_decode_is_carried(tmp_path: Path) -> None:
    def build(c: sqlite3.Connection) -> None:
        with_values(c, [])
        c.execute("INSERT INTO strategies (strategy_id, name, strategy_data) "
                  "VALUES ('STR_2', 'y', '{}')")  # fmt: skip
        c.execute("INSERT INTO trading_conditions (id, name, variable_id, operator, category) "
                  "VALUES (7, CAST(x'ff00' AS TEXT), 'RSI', '<', 'entry')")  # fmt: skip
        c.execute("INSERT INTO strategy_conditions VALUES (1, 'STR_2', 7, 0, CAST(x'fe' AS TEXT))")
        c.execute("UPDATE strategies SET description = CAST(x'ff41' AS TEXT) "
                  "WHERE strategy_id = 'STR_1'")  # fmt: skip
        c.execute("INSERT INTO trading_conditions (name, variable_id, operator) "
                  "VALUES (CAST(x'c328' AS TEXT), 'RSI', '<')")  # fmt: skip

    migrated = prepare(tmp_path, build).run()
    check(migrated)
    assert migrated.value("SELECT count(*) FROM migration_review WHERE reason = 'not_text'") == 1


@given(st.one_of(st.text(max_size=60), st.integers(-(2**63), 2**63 - 1), st.binary(max_size=9)))
def test_new_ids_obey_the_rule(legacy: str | int | bytes) -> None:
    for shape in (Shape.TASK, Shape.UNIFIED, Shape.COMPONENT):
        assert RULE.fullmatch(new_id(shape, legacy))
        assert new_id(shape, legacy) == new_id(shape, legacy)


@given(st.lists(st.one_of(st.text(max_size=8), st.integers(-20, 20)), unique_by=repr, max_size=30))
def test_different_legacy_ids_never_become_one(legacies: list[str | int]) -> None:
    for shape in (Shape.TASK, Shape.ORM_V1):
        assert len({new_id(shape, one) for one in legacies}) == len(legacies)


def test_digits_as_text_are_not_the_number() -> None:
    composed, decomposed = "é전략", unicodedata.normalize("NFD", "é전략")
    assert new_id(Shape.TASK, "1") != new_id(Shape.TASK, 1)
    assert new_id(Shape.ORM_V1, composed) != new_id(Shape.ORM_V1, decomposed)
    assert new_id(Shape.UNIFIED, "STR_1756000000000") == "STR_1756000000000"
    assert new_id(Shape.UNIFIED, "task_1") != new_id(Shape.TASK, 1)


JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5) | st.integers() | st.floats(allow_nan=False,
                                                                               allow_infinity=False),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=3), one, max_size=3),
    max_leaves=10,
)  # fmt: skip


@given(JSON)
def test_json_is_read_and_written_verbatim(value: object) -> None:
    text = json.dumps(value)
    assert plain(parse(text)) == value
    assert dump(parse(dump(parse(text)))) == dump(parse(text))


def test_verbatim_json_keeps_what_python_would_lose() -> None:
    text = '{"a":1.10,"a":2,"big":123456789012345678901234567890.0,"e":1E5}'
    assert dump(parse(text)) == text
    for wrong in ("{", "[NaN]", "[Infinity]", "", "{'a': 1}"):
        with pytest.raises(Malformed):
            parse(wrong)
