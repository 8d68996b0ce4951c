"""What the commands ``migrate …`` tell a script: exit code, sentence, evidence."""

from __future__ import annotations

import json
import sqlite3

from core.base.config.models import Settings
from tests.cli.test_commands import as_json, console


def write(settings: Settings, *statements: str) -> None:
    connection = sqlite3.connect(settings.file("strategies").path)
    for sql in statements:
        connection.execute(sql)
    connection.commit()
    connection.close()


def failing(settings: Settings) -> None:
    """Leave a row that its own table forbids: SQLite's integrity_check finds it.

    A column became NOT NULL in the schema alone.  (A violated CHECK would not be found: SQLite
    does not look at those of a database that it has open for reading only.)
    """
    write(
        settings,
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, price REAL)",
        "INSERT INTO notes VALUES (1, NULL)",
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_schema SET sql = 'CREATE TABLE notes (id INTEGER PRIMARY KEY, "
        "price REAL NOT NULL)' WHERE name = 'notes'",
    )


def test_a_rehearsal_that_fails_validation_ends_with_3_and_its_evidence(
    settings: Settings,
) -> None:
    failing(settings)
    result = as_json(settings, "migrate", "rehearse", code=3)
    assert result["ok"] is False
    verdicts = {one["name"]: one["ok"] for one in result["validators"]}
    assert verdicts == {
        "record_counts": True, "integrity": False, "business_logic": True, "performance": True,
    }  # fmt: skip
    (problem,) = next(one for one in result["validators"] if not one["ok"])["problems"]
    assert "NULL value in notes.price" in json.dumps(problem)


def test_the_same_is_said_in_korean_to_a_person(settings: Settings) -> None:
    failing(settings)
    done = console(settings, "migrate", "rehearse", lang="ko")
    assert done.returncode == 3
    assert "✗ " in done.stdout and "손상" in done.stdout
    assert "역할(진입, 청산, 관리)이 없음" in done.stdout, "why rows need review"


def test_a_run_that_fails_validation_does_not_touch_the_live_data(settings: Settings) -> None:
    failing(settings)
    done = as_json(settings, "migrate", "run", "--yes", code=1)
    assert "NULL value in notes.price" in done["error"]["happened"]
    connection = sqlite3.connect(settings.file("strategies").path)
    made = connection.execute("SELECT 1 FROM sqlite_schema WHERE name LIKE 'domain_%'").fetchall()
    connection.close()
    assert not made
