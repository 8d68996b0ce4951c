"""Settings are normalised, and every change is listed and can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration.upbit.transforms.settings import (
    Change,
    Unclear,
    enumeration,
    numeric,
    parameter_type,
)
from tests.migration.shapes import prepare, template_settings


def test_each_change_is_listed_with_before_and_after(tmp_path: Path) -> None:
    migrated = prepare(tmp_path, None, template_settings).run()
    found = migrated.query(
        "SELECT kind, table_name, column_name, before_value, after_value, rule "
        "FROM migration_setting_changes ORDER BY id", "settings",
    )  # fmt: skip
    table = "tv_variable_parameters"
    assert found == [
        ("update", table, "default_value", "14.0", "14", "numeric_text"),
        ("update", table, "min_value", " 2", "2", "numeric_text"),
        ("update", table, "max_value", "+240", "240", "numeric_text"),
        ("update", table, "parameter_type", "float", "decimal", "float_to_decimal"),
        ("update", table, "enum_values", "['open', 'close', 0.1]", '["open", "close", 0.1]',
         "python_to_json"),
        ("insert", "cfg_app_settings", "", None, "app_settings", "table_made"),
        ("insert", "cfg_app_settings", "", None, "theme", "older_table"),
        ("insert", "cfg_system_settings", "", None, "default_timeframe", "older_table"),
    ]  # fmt: skip
    assert migrated.query("SELECT key, value FROM cfg_app_settings", "settings") == [
        ("theme", "dark")
    ]
    remarks = migrated.query(
        "SELECT table_name, column_name, reason FROM migration_setting_remarks ORDER BY id",
        "settings",
    )
    assert remarks == [
        (table, "enum_values", "not_json"), (table, "enum_values_ko", "not_json"),
        (table, "default_value", "not_a_number"), ("system_settings", "value", "today_differs"),
    ]  # fmt: skip
    assert migrated.query("SELECT count(*) FROM system_settings", "settings") == [(3,)]
    assert migrated.value("SELECT setting_value FROM cfg_system_settings WHERE setting_name = "
                          "'api_timeout_seconds'", "settings") == "30"  # fmt: skip


@pytest.mark.parametrize(
    ("text", "json"),
    [
        ("['a', \"b'c\"]", '["a", "b\'c"]'), ("('a', 1, 2.5)", '["a", 1, 2.5]'),
        ("{'a': True, 'b': None}", '{"a": true, "b": null}'), ("['시가']", '["시가"]'),
    ],
)  # fmt: skip
def test_python_becomes_json(text: str, json: str) -> None:
    assert enumeration(text) == Change(json, "python_to_json")


@pytest.mark.parametrize("text", ['["a"]', None, "", "  ", "12", b"['a']", 5])
def test_what_is_json_or_nothing_stays(text: str | None) -> None:
    assert enumeration(text) is None


@pytest.mark.parametrize("text", ["['a',", "{1: 2}", "{'a', 'b'}", "b'x'", "f()", "a"])
def test_what_would_have_to_be_guessed_stays(text: str) -> None:
    with pytest.raises(Unclear):
        enumeration(text)


def test_numbers_are_spelt_plainly() -> None:
    assert numeric("14.0", "integer") == Change("14", "numeric_text")
    assert numeric("-0", "integer") == Change("0", "numeric_text")
    assert numeric("007", "integer") == Change("7", "numeric_text")
    assert numeric("14", "integer") is None
    assert numeric("2.50", "decimal") is None
    assert numeric("+2.50", "decimal") == Change("2.50", "numeric_text")
    assert numeric("open", "enum") is None
    with pytest.raises(Unclear):
        numeric("14.5", "integer")
    assert parameter_type(" FLOAT ") == Change("decimal", "float_to_decimal")
    assert parameter_type("integer") is None
