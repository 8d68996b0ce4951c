"""Damage of the console's own database is told, hides nothing else, and stops no operation."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.backup.create import CreateRestorePoint
from core.backup.store import Store
from core.base.bootstrap import ROOT
from core.base.config.models import Settings
from core.base.journal import Outcome, entries
from core.base.operation import Context, Kind
from core.base.state import FILE, StateDamaged, open_state
from core.monitoring.alerts.incidents import list_incidents
from core.monitoring.history.query import events, history_notices
from core.runner.run import run_journalled, run_operation


def back_up(settings: Settings) -> None:
    run_operation(settings, CreateRestorePoint(settings), Context(), "test")


def change(settings: Settings, sql: str, *values: object) -> None:
    """Change the database behind the console's back."""
    with closing(sqlite3.connect(settings.home / FILE)) as connection, connection:
        connection.execute(sql, values)


def asides(settings: Settings) -> list[Path]:
    return [path for path in settings.home.glob(f"{FILE}.corrupt-*") if path.suffix[-1].isdigit()]


@pytest.mark.parametrize(
    ("column", "damage"),
    [
        ("steps", "CAST(steps || x'9b' AS TEXT)"),
        ("steps", "substr(steps, 2)"),
        ("begun", "replace(begun, 'T', 'U')"),
        ("outcome", "'oj'"),
        ("operation", "x'ff'"),
        ("result", "substr(result, 2)"),
        ("ended", "'later'"),
    ],
)
def test_a_damaged_entry_of_the_journal_is_told_and_hides_no_other(
    settings: Settings, column: str, damage: str
) -> None:
    for _ in range(3):
        back_up(settings)
    change(settings, f"UPDATE journal SET {column} = {damage} WHERE id = 2")
    first, second, third = reversed(entries(settings))
    assert (first.outcome, third.outcome) == (Outcome.OK, Outcome.OK)
    assert second.id == 2 and second.failure is not None and second.outcome is Outcome.FAILED
    assert "entry of the journal is damaged" in str(second.failure.happened)
    back_up(settings)


@pytest.mark.parametrize("look", [entries, list_incidents])
def test_damage_that_shows_only_in_a_table_is_set_aside_and_backups_go_on(
    settings: Settings, look: Callable[[Settings], object]
) -> None:
    back_up(settings)
    pages = damage_every_table(settings)
    assert pages
    with pytest.raises(StateDamaged, match="is damaged"):
        look(settings)
    assert len(asides(settings)) == 1
    assert look(settings) == ()
    with open_state(settings) as connection:
        assert len(history_notices(connection, datetime.now(UTC))) == 1
    damage_every_table(settings)
    back_up(settings)
    assert len(asides(settings)) == 2
    assert [one.outcome for one in entries(settings)] == [Outcome.OK]


def damage_every_table(settings: Settings) -> list[int]:
    """Overwrite the type of the root page of each table but the schema's."""
    path = settings.home / FILE
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        sql = "SELECT rootpage FROM sqlite_schema WHERE rootpage > 1"
        pages = [page for (page,) in connection.execute(sql)]
    content = bytearray(path.read_bytes())
    for page in pages:
        content[(page - 1) * size] = 0x77
    path.write_bytes(content)
    return pages


@pytest.mark.parametrize(
    "damage", ["text = substr(text, 2)", "kind = 'hist0ry'", "text = CAST(x'9b' AS TEXT)"]
)
def test_a_damaged_event_is_set_aside_with_the_history(settings: Settings, damage: str) -> None:
    now = datetime.now(UTC)
    with open_state(settings) as connection:
        connection.execute(
            "INSERT INTO health_event (t, kind, text) VALUES (?, 'history', ?)",
            (round(now.timestamp() * 1000), '{"context": "test", "source": "x"}'),
        )
    change(settings, f"UPDATE health_event SET {damage}")
    with pytest.raises(StateDamaged), open_state(settings) as connection:
        events(connection, now - timedelta(hours=1), now + timedelta(hours=1))
    assert len(asides(settings)) == 1


STARTS = """
import sys, time
from pathlib import Path
from migration.upbit.settings import UpbitSettings as Settings
from core.base.state import open_state

settings = Settings.model_validate_json(Path(sys.argv[1]).read_bytes())
homes = [settings.home.with_name(f"home {number}") for number in range(150)]
print("ready", flush=True)
begin = float(input())
for number, home in enumerate(homes):
    while time.time() < begin + number / 50:
        pass
    with open_state(settings.model_copy(update={"home": home})):
        pass
"""


def test_consoles_that_start_at_the_same_time_all_open_what_one_of_them_makes(
    settings: Settings, tmp_path: Path
) -> None:
    """SQLite refuses at once, without waiting, where two would wait for each other."""
    configuration = tmp_path / "settings.json"
    configuration.write_text(settings.model_dump_json(), encoding="utf-8")
    consoles = [
        subprocess.Popen(
            [sys.executable, "-c", STARTS, configuration], cwd=ROOT, encoding="utf-8",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for _ in range(5)
    ]  # fmt: skip
    assert [one.stdout and one.stdout.readline() for one in consoles] == ["ready\n"] * 5
    begin = f"{time.time() + 0.1}\n"
    for console in consoles:
        assert console.stdin is not None
        console.stdin.write(begin)
        console.stdin.flush()
    assert [console.communicate()[1] for console in consoles] == [""] * 5


def test_a_clock_that_is_set_meanwhile_makes_no_operation_longer(settings: Settings) -> None:
    class Clocked:
        kind = Kind.BACKUP_VERIFY

        def run(self, _context: Context) -> None:
            # What begins at ten by the clock and ends at six, or the other way round.
            with open_state(settings) as connection:
                earlier = (datetime.now(UTC) - timedelta(hours=8)).isoformat()
                connection.execute("UPDATE journal SET begun = ? WHERE ended IS NULL", (earlier,))

    run_journalled(settings, Clocked(), Context(), "test")
    (entry,) = entries(settings)
    assert entry.ended is not None and (entry.ended - entry.begun) > timedelta(hours=7)
    assert entry.length_seconds is not None and entry.length_seconds < 3_600


def test_the_journal_keeps_no_facts_of_a_database(settings: Settings) -> None:
    path = settings.file("strategies").path
    with closing(sqlite3.connect(path)) as connection, connection:
        for number in range(200):
            connection.execute(f"CREATE TABLE t{number} (a INTEGER, b TEXT)")
    back_up(settings)
    newest = entries(settings)[0]
    assert newest.result is not None and len(newest.result) < 4_000
    point = Store(settings.store).listed()[0].point
    assert json.loads(newest.result)["id"] == point.id


def test_whole_results_of_earlier_versions_go_and_give_their_room_back(settings: Settings) -> None:
    back_up(settings)
    change(settings, "UPDATE journal SET result = ?", json.dumps({"id": "kept"}))
    for _ in range(40):
        change(
            settings,
            "INSERT INTO journal (operation, begun, by, pid, outcome, result) "
            "SELECT operation, begun, by, pid, outcome, ? FROM journal WHERE id = 1",
            json.dumps("x" * 150_000),
        )
    change(settings, "PRAGMA user_version = 3")
    change(settings, "PRAGMA wal_checkpoint(TRUNCATE)")
    before = (settings.home / FILE).stat().st_size
    found = entries(settings, limit=100)
    assert [entry.result for entry in found] == [None] * 40 + ['{"id": "kept"}']
    change(settings, "PRAGMA wal_checkpoint(TRUNCATE)")
    assert before > 6_000_000 and (settings.home / FILE).stat().st_size < 1_000_000
