"""What is written between staging and the swap is in the new databases, proven."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.base.config.models import GuardedFile, Settings
from core.base.operation import Context
from migration.run.catch_up import Again, CaughtUp, catch_up
from migration.run.stage import copy_live, migrate_copies, migrated_files, validate_copies
from tests.migration.shapes import SET

MOMENT = "2026-01-02T03:04:05+00:00"
Write = Callable[[sqlite3.Connection], object]


class Rig:
    """Migrated copies of a live workspace, and what happens to it meanwhile."""

    scripts = SET

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.files: tuple[GuardedFile, ...] = migrated_files(settings)
        self.folder = folder
        self.before = copy_live(Context(), self.files, folder / "before")
        (folder / "staged").mkdir()
        self.targets = {name: folder / "staged" / name for name in self.before}
        migrate_copies(Context(), SET, self.before, self.targets, MOMENT, ())

    def write(self, name: str, *statements: str) -> None:
        path = next(file.path for file in self.files if file.name == name)
        connection = sqlite3.connect(path)
        for sql in statements:
            connection.execute(sql)
        connection.commit()
        connection.close()

    def catch_up(self) -> CaughtUp | None:
        return catch_up(
            Context(), self.scripts, self.files, self.before, self.targets, self.folder / "compare",
            Again(MOMENT, ()),
        )  # fmt: skip

    def require_valid(self) -> None:
        """Let all four validators look, against what is live now."""
        now = copy_live(Context(), self.files, self.folder / "oracle")
        scratch = self.folder / "scratch"
        scratch.mkdir()
        result = validate_copies(Context(), SET, now, self.targets, MOMENT, (), scratch, {})
        assert result.ok, [str(one) for one in result.problems]
        assert sorted(path.name for path in (self.folder / "staged").iterdir()) == sorted(
            self.targets
        )


@pytest.fixture
def rig(settings: Settings, tmp_path: Path) -> Iterator[Rig]:
    folder = tmp_path / "rig"
    folder.mkdir()
    connection = sqlite3.connect(settings.file("strategies").path)
    connection.execute("UPDATE trading_conditions SET category = 'entry' WHERE id % 2")
    connection.execute(
        "INSERT INTO strategy_conditions (strategy_id, condition_id, condition_order) "
        "SELECT 'STR_1756000000000', id, id FROM trading_conditions WHERE id % 2"
    )
    connection.commit()
    connection.close()
    yield Rig(settings, folder)
    shutil.rmtree(folder)


def test_rows_of_other_tables_are_taken_over(rig: Rig) -> None:
    rig.write(
        "strategies",
        "UPDATE execution_history SET price = 77.25 WHERE id = 1",
        "DELETE FROM execution_history WHERE id BETWEEN 10 AND 20",
        "INSERT INTO execution_history (strategy_id, price) VALUES ('늦음', 1e308)",
        "INSERT INTO current_positions (market, volume) VALUES ('KRW-BTC', x'00ff')",
    )
    caught = rig.catch_up()
    assert caught is not None and not caught.heads
    assert caught.rows == {
        "strategies.execution_history": 13, "strategies.event_store": 1,
        "strategies.current_positions": 1,
    }  # fmt: skip
    assert caught.counts["strategies"]["execution_history"] == 400 - 11 + 1
    rig.require_valid()


def test_triggers_of_the_program_do_not_fire_again(rig: Rig) -> None:
    rig.write("strategies", "INSERT INTO execution_history (strategy_id) VALUES ('x')")
    assert rig.catch_up() is not None
    rig.require_valid()


def test_values_that_only_differ_in_their_storage_class_are_taken_over(rig: Rig) -> None:
    rig.write("strategies", "UPDATE event_store SET payload = CAST(payload AS BLOB)")
    rig.write("strategies", "UPDATE execution_history SET result = 1 WHERE id = 2",
              "UPDATE execution_history SET result = x'31' WHERE id = 3")  # fmt: skip
    assert rig.catch_up() is not None
    rig.require_valid()


def test_unique_values_may_change_places(rig: Rig) -> None:
    rig.write("strategies", "UPDATE trading_conditions SET usage_count = usage_count + 1")
    rig.write("strategies", "DELETE FROM sqlite_sequence")
    assert rig.catch_up() is not None
    rig.require_valid()


def test_counters_of_conditions_reach_what_these_became(rig: Rig) -> None:
    rig.write(
        "strategies",
        "UPDATE trading_conditions SET usage_count = 41, success_rate = 0.1 + 0.2, "
        "updated_at = '2026-11-24' WHERE id % 3 = 0",
    )
    assert rig.catch_up() is not None
    rig.require_valid()
    connection = sqlite3.connect(rig.targets["strategies"])
    both = connection.execute(
        "SELECT (SELECT count(*) FROM domain_conditions WHERE usage_count = 41), "
        "(SELECT count(*) FROM migration_review WHERE carried LIKE '%0.30000000000000004%')"
    ).fetchone()
    connection.close()
    assert min(both) > 0, "converted ones and ones that need review were both among them"


@pytest.mark.parametrize(
    ("name", "sql"),
    [
        ("strategies", "UPDATE trading_conditions SET operator = '>=' WHERE id = 1"),
        ("strategies", "UPDATE trading_conditions SET created_at = NULL WHERE id = 1"),
        ("strategies", "DELETE FROM trading_conditions WHERE id = 2"),
        ("strategies", "INSERT INTO legacy_strategies VALUES (2, '늦은 전략', NULL, '[]')"),
        ("strategies", "UPDATE strategies SET strategy_data = '{}'"),
        ("strategies", "DELETE FROM strategy_conditions WHERE id = 1"),
        ("strategies", "CREATE TABLE late (x)"),
        ("strategies", "DROP VIEW v_active_strategies"),
        ("settings", "UPDATE trading_conditions SET condition_name = 'x'"),
    ],
)
def test_what_something_was_made_from_means_to_begin_anew(rig: Rig, name: str, sql: str) -> None:
    rig.write(name, sql)
    assert rig.catch_up() is None
    assert not any((rig.folder / "staged").iterdir()), "nothing half caught up is left"


def test_the_settings_are_migrated_again_by_themselves(rig: Rig) -> None:
    rig.write(
        "settings",
        "UPDATE tv_variable_parameters SET parameter_type = 'float' WHERE rowid = 1",
        "UPDATE cfg_app_settings SET value = 'dark' WHERE key = 'theme'",
    )
    rig.write("strategies", "DELETE FROM event_store")
    caught = rig.catch_up()
    assert caught is not None and set(caught.heads) == {"settings"}
    rig.require_valid()


def test_a_touched_file_needs_nothing(rig: Rig) -> None:
    caught = rig.catch_up()
    assert caught is not None and caught.rows == {}
    rig.require_valid()


def test_a_thousand_writes_here_and_there(rig: Rig) -> None:
    chosen = random.Random(1)
    statements = []
    for _ in range(300):
        at = chosen.randrange(1, 500)
        statements += [
            f"UPDATE execution_history SET price = {chosen.random()!r} WHERE id = {at}",
            f"DELETE FROM execution_history WHERE id = {chosen.randrange(1, 500)}",
            f"INSERT OR REPLACE INTO execution_history (id, result) VALUES ({at}, "
            f"'{'x' * at * 9}')",
            f"UPDATE trading_conditions SET usage_count = {at}, description = 'd{at}' "
            f"WHERE id = {chosen.randrange(1, 50)}",
        ]  # fmt: skip
    rig.write("strategies", *statements)
    assert rig.catch_up() is not None
    rig.require_valid()


def test_what_is_taken_in_wrongly_is_noticed(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    from migration.run import apply_delta as module

    rig.write("strategies", "UPDATE execution_history SET price = 5 WHERE id = 7")
    monkeypatch.setattr(module, "_replace", lambda *_arguments: None)
    assert rig.catch_up() is None


def test_a_condition_that_is_taken_in_wrongly_is_noticed(rig: Rig) -> None:
    rig.write("strategies", "UPDATE trading_conditions SET usage_count = 5")
    careless = replace(SET.conversions, renew=lambda *_arguments: None)
    rig.scripts = SET._replace(conversions=careless)
    assert rig.catch_up() is None
