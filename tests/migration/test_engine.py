"""Scripts, their history and their states; what is refused and why."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from benchmarks.legacy import make_legacy
from core.base.operation import Cancelled, Context, OperationError
from core.base.sqlite import open_own
from migration.engine import history, plan
from migration.engine.apply import Staged, apply
from migration.engine.lint import lint
from migration.engine.plan import State, plan_database
from migration.engine.scripts import Deployment, Script, read_scripts, statements
from migration.upbit.sources.detect import Shape, detect
from migration.upbit.transforms import candidates
from tests.migration.shapes import (
    MOMENT,
    SCRIPTS,
    SET,
    everything,
    make,
    prepare,
    template_settings,
    unified,
)

SQL = """-- database: strategies
-- deploy
CREATE TABLE one{n} (a TEXT, b INTEGER);
-- verify
SELECT count(*) = 0 FROM one{n};
-- revert
DROP TABLE one{n};
"""


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def three(tmp_path: Path) -> Path:
    folder = tmp_path / "scripts"
    for number in (1, 2, 3):
        write(folder, f"00{number}_make_one{number}.sql", SQL.replace("{n}", str(number)))
    return folder


@pytest.fixture
def staged(tmp_path: Path) -> Staged:
    for name in ("s.before", "s"):
        make(tmp_path / name, lambda c: c.execute("CREATE TABLE kept (a TEXT, b REAL)"))
    return Staged("strategies", tmp_path / "s", {"strategies": tmp_path / "s.before"})


@pytest.fixture
def connection(staged: Staged) -> Iterator[apsw.Connection]:
    found = open_own(staged.path)
    yield found
    found.close()


def deployment() -> Deployment:
    return Deployment(Context(), MOMENT, frozenset())


def states(connection: apsw.Connection, scripts: tuple[Script, ...]) -> list[State]:
    return [one.state for one in plan_database(connection, "strategies", scripts).scripts]


def test_the_three_scripts_of_the_task_are_there_word_by_word() -> None:
    names = [script.name for script in SET.read()]
    assert names[:3] == [
        "001_add_clean_architecture_tables.sql",
        "002_create_domain_entity_tables.sql",
        "003_add_strategy_version_control.sql",
    ]
    text = (SCRIPTS / names[0]).read_text(encoding="utf-8")
    assert "trigger_type TEXT NOT NULL, -- 'ENTRY', 'EXIT', 'MANAGEMENT'" in text
    assert "-- 성능 최적화 인덱스" in text


def test_a_hash_does_not_depend_on_line_endings(three: Path) -> None:
    before = read_scripts(three)[0]
    path = three / before.name
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_scripts(three)[0].sha256 == before.sha256
    assert before.sha256 == hashlib.sha256(SQL.replace("{n}", "1").encode()).hexdigest()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("009_x.SQL", SQL),
        ("009_x.sql.txt", SQL),
        ("009_X.sql", SQL),
        ("9_x.sql", SQL),
        ("009_x.sql~", SQL),
        ("009-x", SQL),
        ("x.sql.bak", SQL),
        ("009_x.PY", ""),
        ("004_x.sql", "SELECT 1;"),
        ("004_x.sql", SQL.replace("-- revert\nDROP TABLE one{n};\n", "")),
        ("004_x.sql", SQL + "-- deploy\nSELECT 1;"),
        ("x.sql", SQL),
        ("003_again.sql", SQL),
        ("004_x.py", "DATABASE = 'strategies'\n"),
    ],
)
def test_an_unsound_script_is_refused(three: Path, name: str, text: str) -> None:
    write(three, name, text)
    with pytest.raises(OperationError, match="not sound"):
        read_scripts(three)


def test_statements_end_where_sqlite_says() -> None:
    trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT 2; END;"
    assert list(statements(f"SELECT ';'; {trigger} -- end\n")) == ["SELECT ';';", trigger]


def test_pending_scripts_run_once_and_are_recorded(three: Path, staged: Staged) -> None:
    scripts = read_scripts(three)
    done = apply(staged, scripts, deployment())
    assert [one.version for one in done] == [1, 2, 3]
    found = open_own(staged.path)
    assert states(found, scripts) == [State.SUCCESS] * 3
    records = history.read_history(found)
    assert [one.outcome for one in records] == ["success"] * 3
    assert records[0].applied_at == MOMENT and "@" in records[0].console
    found.close()
    assert apply(staged, scripts, deployment()) == ()


def test_every_state_is_told_from_the_others(three: Path, staged: Staged) -> None:
    scripts = read_scripts(three)
    apply(staged, scripts, deployment())
    connection = open_own(staged.path)
    edited = (scripts[0]._replace(sha256="0" * 64), *scripts[1:])
    assert states(connection, edited)[0] is State.EDITED
    assert states(connection, (scripts[0], scripts[2])) == [
        State.SUCCESS, State.MISSING, State.SUCCESS,
    ]  # fmt: skip
    assert states(connection, scripts[:2])[-1] is State.MISSING
    late = scripts[1]._replace(version=4, name="004_late.sql")
    assert states(connection, (*scripts, late))[-1] is State.PENDING
    history.append(
        connection, version=6, name="006_x.sql", sha256="1" * 64, applied_at=MOMENT, seconds=0.1,
        outcome="failed",
    )  # fmt: skip
    six = scripts[1]._replace(version=6, name="006_x.sql", sha256="1" * 64)
    assert states(connection, (*scripts, late, six))[-2:] == [State.OUT_OF_ORDER, State.FAILED]
    connection.close()


def test_only_what_a_newer_console_wrote_is_told_as_such(
    three: Path, staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last script was gone, and its database "migrated by a newer console"."""
    scripts = read_scripts(three)
    monkeypatch.setattr(history, "__version__", "0.1.10")
    apply(staged, scripts, deployment())
    connection = open_own(staged.path)
    assert states(connection, scripts[:2])[-1] is State.MISSING
    assert "is missing" in str(plan_database(connection, "strategies", scripts[:2]).problems[0])
    monkeypatch.setattr(history, "__version__", "0.1.9")
    assert states(connection, scripts[:2])[-1] is State.FUTURE
    assert states(connection, (scripts[0], scripts[2]))[1] is State.MISSING
    with pytest.raises(OperationError, match="newer console"):
        plan.repair(connection, "strategies", scripts[:2], MOMENT)
    connection.close()


@pytest.mark.parametrize("change", ["edited", "missing", "future", "out_of_order"])
def test_what_is_not_in_order_is_refused_with_a_sentence(
    change: str, three: Path, staged: Staged
) -> None:
    scripts = read_scripts(three)
    apply(staged, scripts, deployment())
    other = {
        "edited": (scripts[0]._replace(sha256="0" * 64), *scripts[1:]),
        "missing": (scripts[0], scripts[2]),
        "future": scripts[:2],
        "out_of_order": (scripts[0], scripts[1]._replace(version=0), *scripts[1:]),
    }[change]
    with pytest.raises(OperationError) as caught:
        apply(staged, other, deployment())
    assert "Nothing was touched." in str(caught.value)


def test_repair_accepts_what_is_there(three: Path, staged: Staged) -> None:
    scripts = read_scripts(three)
    apply(staged, scripts, deployment())
    edited = (scripts[0]._replace(sha256="0" * 64), scripts[2])
    connection = open_own(staged.path)
    done = plan.repair(connection, "strategies", edited, MOMENT)
    assert [(one.version, one.state) for one in done] == [
        (1, State.EDITED), (2, State.MISSING),
    ]  # fmt: skip
    assert states(connection, edited) == [State.SUCCESS, State.SUCCESS]
    assert plan.repair(connection, "strategies", edited, MOMENT) == ()
    connection.close()


def test_a_baseline_counts_as_done(
    three: Path, staged: Staged, connection: apsw.Connection
) -> None:
    scripts = read_scripts(three)
    done = plan.baseline(connection, "strategies", scripts, 2, MOMENT)
    assert [one.version for one in done] == [1, 2]
    assert states(connection, scripts) == [State.BASELINE, State.BASELINE, State.PENDING]
    with pytest.raises(OperationError, match="already"):
        plan.baseline(connection, "strategies", scripts, 2, MOMENT)


@pytest.mark.parametrize("column", list(history.Record.model_fields))
def test_a_changed_history_shows(column: str, three: Path, staged: Staged) -> None:
    scripts = read_scripts(three)
    apply(staged, scripts, deployment())
    raw = sqlite3.connect(staged.path)
    value = 9 if column in {"id", "version"} else 0.25 if column == "seconds" else "f" * 64
    raw.execute(f"UPDATE ops_migration_history SET {column} = ? WHERE id = 2", (value,))
    raw.commit()
    raw.close()
    with pytest.raises(OperationError, match="tampered"):
        apply(staged, scripts, deployment())


def test_a_row_taken_out_of_the_history_shows(three: Path, staged: Staged) -> None:
    scripts = read_scripts(three)
    apply(staged, scripts, deployment())
    raw = sqlite3.connect(staged.path)
    raw.execute("DELETE FROM ops_migration_history WHERE id = 2")
    raw.commit()
    raw.close()
    connection = open_own(staged.path)
    assert str(plan_database(connection, "strategies", scripts).tampered) == "row 2 is missing"
    with pytest.raises(OperationError, match="tampered"):
        plan.repair(connection, "strategies", scripts, MOMENT)
    connection.close()


SCHEMA = [
    "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT, price REAL)",
    "CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent(id) "
    "ON DELETE CASCADE)",
]


@pytest.mark.parametrize(
    ("deploy", "said"),
    [
        ("DROP TABLE child;", "drops the table child"),
        ("DELETE FROM parent;", "deletes every row of parent"),
        ("DELETE FROM parent /* where */;", "deletes every row of parent"),
        ("ALTER TABLE parent DROP COLUMN name;", "takes the column name out of parent"),
        (
            "CREATE TABLE new (id INTEGER PRIMARY KEY, name TEXT, price INTEGER); "
            "INSERT INTO new SELECT * FROM parent; DROP TABLE parent; "
            "ALTER TABLE new RENAME TO parent;",
            "changes parent.price from REAL to INTEGER",
        ),
        (
            "CREATE TABLE new AS SELECT * FROM parent; DROP TABLE parent; "
            "ALTER TABLE new RENAME TO parent;",
            "rebuilds parent, from which rows of child are deleted in cascade",
        ),
    ],
)
def test_the_linter_tells_what_would_be_destroyed(three: Path, deploy: str, said: str) -> None:
    write(three, "004_x.sql", SQL.replace("CREATE TABLE one{n} (a TEXT, b INTEGER);", deploy))
    found = [str(one.what) for one in lint(read_scripts(three)[-1], SCHEMA)]
    assert said in found


def test_the_linter_is_content_with_our_own_scripts(tmp_path: Path) -> None:
    schema: list[str] = []
    for script in SET.read():
        if script.database == "strategies" and script.sql is not None:
            assert lint(script, [*SCHEMA, *schema]) == ()
            schema += list(statements(script.sql))
    assert lint(SET.read()[0], ["CREATE TABLE a (x)"]) == ()


def test_a_destroying_script_is_refused(three: Path, staged: Staged) -> None:
    write(three, "004_x.sql", SQL.replace("CREATE TABLE one{n} (a TEXT, b INTEGER);",
                                          "DROP TABLE kept;"))  # fmt: skip
    with pytest.raises(OperationError, match="drops the table kept"):
        apply(staged, read_scripts(three), deployment())


@pytest.mark.parametrize(
    "sql", ["DELETE FROM kept", "UPDATE kept SET b = 1", "DROP TABLE kept",
            "ALTER TABLE kept RENAME TO gone"],
)  # fmt: skip
def test_sqlite_itself_refuses_what_a_python_script_must_not_do(
    sql: str, three: Path, staged: Staged
) -> None:
    write(
        three, "004_x.py",
        "DATABASE = 'strategies'\n"
        f"def deploy(connection, deployment): connection.execute({sql!r}).fetchall()\n"
        "def verify(connection, deployment): pass\n"
        "def revert(connection, deployment): pass\n",
    )  # fmt: skip
    with pytest.raises(OperationError, match="that is to stay: kept"):
        apply(staged, read_scripts(three), deployment())


def test_new_violations_of_foreign_keys_are_refused_and_old_ones_are_not(
    three: Path, tmp_path: Path
) -> None:
    def build(c: sqlite3.Connection) -> None:
        c.executescript(";".join(SCHEMA))
        c.execute("INSERT INTO child VALUES (1, 404)")

    for name in ("k.before", "k"):
        make(tmp_path / name, build)
    staged = Staged("strategies", tmp_path / "k", {"strategies": tmp_path / "k.before"})
    assert len(apply(staged, read_scripts(three), deployment())) == 3
    write(three, "004_x.sql", SQL.replace("{n}", "4").replace(
        "-- verify", "INSERT INTO child VALUES (2, 405);\n-- verify"))  # fmt: skip
    with pytest.raises(OperationError, match="refer to nothing"):
        apply(staged, read_scripts(three), deployment())


@pytest.mark.parametrize("step", ["deploy", "verify"])
@pytest.mark.parametrize("name", [script.name for script in SET.read()])
def test_an_error_in_any_script_leaves_the_original_untouched(
    name: str, step: str, tmp_path: Path
) -> None:
    migrated = prepare(tmp_path, unified, template_settings)
    before = {one: path.read_bytes() for one, path in migrated.sources.items()}

    def broken(connection: apsw.Connection, _: Deployment) -> None:
        connection.execute("SELECT * FROM no_such_table").fetchall()

    migrated.scripts = tuple(
        script._replace(**{step: broken}) if script.name == name else script
        for script in migrated.scripts
    )
    with pytest.raises(OperationError, match="no_such_table"):
        migrated.run()
    assert {one: path.read_bytes() for one, path in migrated.sources.items()} == before
    # One transaction for a database: nothing of it is there.
    owner = next(one for one in migrated.scripts if one.name == name).database
    assert migrated.query(
        "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'domain%' "
        "OR name LIKE 'ops_migration%'", owner,
    ) == [(0,)]  # fmt: skip


def test_a_second_run_gives_the_same_bytes_of_every_row(tmp_path: Path) -> None:
    dumps = []
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        migrated = prepare(folder, everything, template_settings).run()
        connection = sqlite3.connect(migrated.staged["strategies"].path)
        dumps.append([line for line in connection.iterdump() if "ops_migration_h" not in line])
        connection.close()
    assert dumps[0] == dumps[1]


def test_the_staged_copy_is_at_rest_afterwards(tmp_path: Path) -> None:
    migrated = prepare(tmp_path, unified).run()
    path = migrated.staged["strategies"].path
    assert not Path(f"{path}-wal").exists() and not Path(f"{path}-journal").exists()
    copy = tmp_path / "alone"
    shutil.copyfile(path, copy)
    raw = sqlite3.connect(copy)
    assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    raw.close()


def test_thousands_of_decisions_are_looked_up_and_not_read_for_every_row(
    tmp_path: Path,
) -> None:
    """With one OR in the condition, 20,000 decisions about 20,000 rows took 170 s instead of 7."""
    make(tmp_path / "s", unified)
    connection = apsw.Connection(str(tmp_path / "s"))
    source = next(
        one
        for one in detect(connection, {"strategies": "main"})
        if one.shape is Shape.UNIFIED_CONDITIONS
    )
    for sql in candidates._TABLES:
        connection.execute(sql).fetchall()
    asked = candidates._decided(source, "role", "o.rowid")
    plan = connection.execute(
        f"EXPLAIN QUERY PLAN SELECT {asked} FROM main.trading_conditions AS o"
    ).fetchall()
    looks = [str(line[3]) for line in plan if str(line[3]).startswith(("SEARCH d", "SCAN d"))]
    assert len(looks) == 3 and all("row=?" in look for look in looks), looks
    connection.close()


class CancelledAt(Context):
    """Is cancelled when it has been asked so many times."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.left = at

    def check(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.cancel()
        super().check()


def test_a_cancel_within_any_statement_is_a_cancel_and_no_failure(tmp_path: Path) -> None:
    before = tmp_path / "before"
    make_legacy(before, 1_000)

    def run(context: CancelledAt) -> CancelledAt:
        copy = Path(shutil.copy(before, tmp_path / "s"))
        staged = Staged("strategies", copy, {"strategies": before})
        apply(staged, SET.read(), Deployment(context, MOMENT, frozenset({"strategies"})))
        return context

    asked = -run(CancelledAt(0)).left
    assert asked > 40
    cancelled = 0
    for at in range(1, asked + 1, asked // 10):
        context = CancelledAt(at)
        try:
            run(context)
        except Cancelled:
            cancelled += 1
        else:
            # How often it is asked differs a little from run to run.
            assert context.left > 0
    assert cancelled >= 5


def test_a_script_that_only_moved_is_the_one_that_ran(tmp_path: Path) -> None:
    """Databases were migrated while what the scripts import lay elsewhere."""
    migrated = prepare(tmp_path, unified).run()
    elsewhere = [one._replace(sha256="f" * 64) for one in migrated.scripts]
    moved = [
        new._replace(former=frozenset({old.sha256}))
        for new, old in zip(elsewhere, migrated.scripts, strict=True)
    ]
    connection = open_own(migrated.staged["strategies"].path)
    for scripts, expected in ((moved, State.SUCCESS), (elsewhere, State.EDITED)):
        plan = plan_database(connection, "strategies", tuple(scripts))
        assert {one.state for one in plan.scripts} == {expected}
    connection.close()
    assert all(len(one.former) == 2 for one in migrated.scripts if one.sql is None)
