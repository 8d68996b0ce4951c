"""What scripts are made of cannot reach beyond the staged copy, wherever it is run."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from core.base.config.models import GuardedFile
from core.base.operation import Context, OperationError
from core.base.sqlite import open_immutable, open_memory, open_own
from migration import adapter
from migration.engine.apply import Staged, apply, revert
from migration.engine.lint import confined, lint
from migration.engine.scripts import (
    Deployment,
    NotVerified,
    Script,
    StatementFailed,
    read_scripts,
)
from migration.run import stage
from migration.upbit.validation.business import check_basic_strategy, practice_walk
from tests.migration.shapes import MOMENT, SET, make, prepare, unified

SCRIPT = """-- database: strategies
-- deploy
{deploy}
-- verify
{verify}
-- revert
{revert}
"""


def script(folder: Path, **sections: str) -> Script:
    """Return a script, number 9, whose other sections do nothing."""
    folder.mkdir(exist_ok=True)
    plain = {"deploy": "CREATE TABLE nine (a);", "verify": "SELECT 1;", "revert": "SELECT 1;"}
    path = folder / "009_reach_out.sql"
    path.write_text(SCRIPT.format(**plain | sections), encoding="utf-8", newline="\n")
    return read_scripts(folder)[-1]


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A live database that no script of another one has any business with."""
    path = tmp_path / "market_data.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE candles (a)")
    connection.execute("INSERT INTO candles VALUES (1)")
    connection.commit()
    connection.close()
    return path


@pytest.fixture
def staged(tmp_path: Path) -> Staged:
    for name in ("s.before", "s"):
        make(tmp_path / name, lambda c: c.execute("CREATE TABLE kept (a TEXT)"))
    return Staged("strategies", tmp_path / "s", {"strategies": tmp_path / "s.before"})


def deployment() -> Deployment:
    return Deployment(Context(), MOMENT, frozenset())


def listing(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


REACHING = [
    "ATTACH '{victim}' AS v; DELETE FROM v.candles;",
    "/* harmless */ attach database '{victim}' as v;",
    "ATTACH 'file:{victim}?mode=rw' AS v;",
    "ATTACH '' AS v;",
    "VACUUM INTO '{folder}/copied';",
    "DETACH main;",
    "SELECT load_extension('{folder}/x');",
    "CREATE TEMP TRIGGER t AFTER INSERT ON nine BEGIN SELECT load_extension('x'); END; "
    "CREATE TABLE nine (a); INSERT INTO nine VALUES (1);",
    "PRAGMA writable_schema = ON;",
    "PRAGMA main.journal_mode = DELETE;",
    "PRAGMA user_version = 7;",
    "PRAGMA temp_store_directory = '{folder}';",
    "PRAGMA wal_checkpoint;",
    "PRAGMA optimize;",
    "CREATE VIRTUAL TABLE temp.d USING dbstat(main);",
    "SELECT fts3_tokenizer('x');",
    "COMMIT; BEGIN;",
    "ROLLBACK;",
    "SAVEPOINT mine;",
]


@pytest.mark.parametrize("sql", REACHING)
@pytest.mark.parametrize("section", ["deploy", "verify", "revert"])
def test_no_section_of_a_script_reaches_beyond_the_staged_copy(
    section: str, sql: str, staged: Staged, victim: Path, tmp_path: Path
) -> None:
    told = sql.replace("{victim}", victim.as_posix()).replace("{folder}", tmp_path.as_posix())
    reaching = script(tmp_path / "scripts", **{section: told})
    before = listing(tmp_path)
    with pytest.raises((OperationError, StatementFailed), match=r"009_reach_out\.sql"):
        apply(staged, (reaching,), deployment())
        revert(staged, (reaching,), deployment(), 0)
    after = listing(tmp_path)
    del before[str(staged.path)], after[str(staged.path)]  # it is discarded
    assert {name: one for name, one in after.items() if not name.endswith("-journal")} == before


def test_the_authorizer_and_the_limit_each_refuse_another_file(tmp_path: Path) -> None:
    connection = open_memory()
    with (
        pytest.raises(NotVerified, match="it would open another file"),
        confined(connection),
    ):
        connection.execute(f"ATTACH '{(tmp_path / 'other').as_posix()}' AS other")
    with confined(connection):
        assert connection.limit(apsw.SQLITE_LIMIT_ATTACHED) == 0
    assert connection.limit(apsw.SQLITE_LIMIT_ATTACHED) > 0
    connection.close()


@pytest.mark.parametrize("sql", REACHING[:5])
def test_planning_does_not_run_what_would_leave_memory(
    sql: str, victim: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "strategies.sqlite3", unified)
    told = sql.replace("{victim}", victim.as_posix()).replace("{folder}", tmp_path.as_posix())
    reaching = script(tmp_path / "scripts", deploy=told)
    monkeypatch.setattr(adapter, "read_scripts", lambda _: (reaching,))
    before = listing(tmp_path)
    file = GuardedFile(name="strategies", path=tmp_path / "strategies.sqlite3")
    found = stage.read_plan(Context(), SET, (file,))
    assert listing(tmp_path) == before
    assert "009_reach_out.sql, section 'deploy', statement 1 in line 3: it would" in str(
        found.lint[0]
    )


def test_a_plan_lints_each_script_on_what_the_one_before_it_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "strategies.sqlite3", unified)
    first = script(tmp_path / "scripts", deploy="CREATE TABLE nine (a);")
    second = script(tmp_path / "other", deploy="ALTER TABLE nine DROP COLUMN a;")
    third = script(tmp_path / "third", deploy="ALTER TABLE nine ADD COLUMN b;")
    scripts = (first, third._replace(version=10), second._replace(version=11))
    monkeypatch.setattr(adapter, "read_scripts", lambda _: scripts)
    file = GuardedFile(name="strategies", path=tmp_path / "strategies.sqlite3")
    found = stage.read_plan(Context(), SET, (file,))
    assert [str(one) for one in found.lint] == ["takes the column a out of nine"]


def test_a_schema_that_would_open_a_file_is_refused(victim: Path, tmp_path: Path) -> None:
    """SQLite reads no such schema from a file today; the linter does not rest on that."""
    before = listing(tmp_path)
    attack = f"CREATE TABLE x (a); ATTACH '{victim.as_posix()}' AS v; DELETE FROM v.candles"
    with pytest.raises(NotVerified, match="another file"):
        lint(script(tmp_path / "scripts"), [attack])
    assert {name: one for name, one in listing(tmp_path).items() if name in before} == before


def test_the_basic_strategy_is_tried_in_a_schema_that_cannot_reach_out(tmp_path: Path) -> None:
    """A trigger of a hostile database runs where the strategy is tried; it may call nothing."""
    migrated = prepare(tmp_path, unified).run()
    raw = sqlite3.connect(migrated.staged["strategies"].path)
    raw.execute(
        "CREATE TRIGGER domain_hostile AFTER INSERT ON domain_strategies BEGIN "
        "SELECT load_extension('/nowhere'); END"
    )
    raw.commit()
    raw.close()
    connection = open_immutable(migrated.staged["strategies"].path)
    evidence, problems = check_basic_strategy(connection, practice_walk(), MOMENT)
    connection.close()
    assert "unsafe use of load_extension" in str(evidence["error"]) and problems


def test_a_script_may_ask_and_keep_a_full_text_index(staged: Staged, tmp_path: Path) -> None:
    fine = script(
        tmp_path / "scripts",
        deploy="CREATE VIRTUAL TABLE words USING fts5(a);\n"
        "INSERT INTO words SELECT name FROM pragma_table_info('kept');\n"
        "CREATE TEMP TABLE mine AS SELECT 1 AS a; DROP TABLE temp.mine;\n"
        "CREATE INDEX kept_a ON kept(a); REINDEX kept_a; ANALYZE kept;",
        verify="SELECT count(*) FROM words; SELECT count(*) FROM pragma_table_info('kept');\n"
        "PRAGMA integrity_check;",
        revert="DROP TABLE words; DROP INDEX kept_a;",
    )
    assert [one.version for one in apply(staged, (fine,), deployment())] == [9]
    revert(staged, (fine,), deployment(), 0)


@pytest.mark.parametrize("sql", ["DELETE FROM kept;", "CREATE TABLE more (a);", "DROP TABLE kept;"])
def test_a_verify_step_only_looks(sql: str, staged: Staged, tmp_path: Path) -> None:
    writing = script(tmp_path / "scripts", verify=sql)
    with pytest.raises(OperationError, match="section 'verify', statement 1 in line 5"):
        apply(staged, (writing,), deployment())


@pytest.mark.parametrize("opened", [open_immutable, open_own, lambda _path: open_memory()])
def test_no_connection_trusts_what_a_schema_calls_or_writes_it_as_text(
    opened: Callable[[Path], apsw.Connection], victim: Path
) -> None:
    connection = opened(victim)
    connection.create_scalar_function("dangerous", lambda: 1, 0)
    connection.execute("CREATE TEMP TABLE t (a)").fetchall()
    connection.execute("CREATE TEMP VIEW v AS SELECT dangerous()").fetchall()
    assert connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, -1) == 0
    with pytest.raises(apsw.SQLError):
        connection.execute("UPDATE sqlite_temp_schema SET sql = 'x'").fetchall()
    connection.execute("PRAGMA writable_schema = ON").fetchall()
    with pytest.raises(apsw.SQLError):
        connection.execute("UPDATE sqlite_temp_schema SET sql = 'x'").fetchall()
    connection.close()


def test_the_scripts_of_the_console_need_nothing_that_is_refused(tmp_path: Path) -> None:
    prepare(tmp_path, unified).run()


LITERAL = "a\u2028b\u0085c\x0bd\x1ce\x0cf\u2029g\x1d\x1eh\ri"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_some_call_line_ends_stays_in_literals(
    end: str, mark: str, staged: Staged, tmp_path: Path
) -> None:
    script(tmp_path / "scripts", deploy=f"CREATE TABLE nine AS SELECT '{LITERAL}' AS a;\n")
    path = tmp_path / "scripts" / "009_reach_out.sql"
    plain = path.read_bytes()
    path.write_bytes(mark.encode("utf-8") + plain.replace(b"\n", end.encode()))
    read = read_scripts(tmp_path / "scripts")
    assert read[0].sha256 == hashlib.sha256(plain).hexdigest()
    apply(staged, read, deployment())
    connection = sqlite3.connect(staged.path)
    assert connection.execute("SELECT a FROM nine").fetchall() == [(LITERAL,)]
    connection.close()


def test_a_marker_within_a_literal_is_a_part_of_it(staged: Staged, tmp_path: Path) -> None:
    text = "it's\n-- verify\n/* or -- revert"
    written = text.replace("'", "''")
    read = script(tmp_path / "scripts", deploy=f"CREATE TABLE nine AS SELECT '{written}' AS a;")
    apply(staged, (read,), deployment())
    connection = sqlite3.connect(staged.path)
    assert connection.execute("SELECT a FROM nine").fetchall() == [(text,)]
    connection.close()


def test_a_failing_statement_is_named_by_script_section_number_and_line(
    staged: Staged, tmp_path: Path
) -> None:
    deploy = "-- first\nCREATE TABLE nine (a);\n\n/* then\n two */ INSERT INTO nowhere VALUES (1);"
    failing = script(tmp_path / "scripts", deploy=deploy)
    place = r"009_reach_out\.sql, section 'deploy', statement 2 in line 7: no such table: nowhere"
    with pytest.raises(OperationError, match=place):
        apply(staged, (failing,), deployment())
    wrong = script(tmp_path / "wrong", verify="SELECT 1;\nSELECT 1 = 2;")
    place = r"009_reach_out\.sql, section 'verify', statement 2 in line 6: this does not hold"
    with pytest.raises(OperationError, match=place):
        apply(staged, (wrong,), deployment())


def test_a_failing_script_in_python_is_named(staged: Staged, tmp_path: Path) -> None:
    folder = tmp_path / "scripts"
    folder.mkdir()
    (folder / "009_x.py").write_text(
        "DATABASE = 'strategies'\n"
        "def deploy(connection, deployment): connection.execute('SELECT x FROM kept')\n"
        "def verify(connection, deployment): pass\n"
        "def revert(connection, deployment): pass\n",
        encoding="utf-8",
    )
    with pytest.raises(OperationError, match=r"009_x\.py, function 'deploy': no such column: x"):
        apply(staged, read_scripts(folder), deployment())
