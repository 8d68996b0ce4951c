"""Whatever name leads to a database, the console uses the real file, or says before why not."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.backup.store import Store
from core.backup.verify import verify
from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.files import real_path
from core.base.open_files import holders
from core.base.operation import Context, OperationError
from core.status import read_status
from core.switchover.obstacles import obstacles
from core.switchover.plan import plan_rollback
from core.switchover.rollback import Rollback
from core.verification.system import VerifySystem
from migration.run.preflight import Preflight
from tests.links import make_link
from tests.skips import needs_links, needs_mount

NAME = "market_data.sqlite3"
IN_WAL = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("CREATE TABLE in_wal (a)")
connection.execute("INSERT INTO in_wal VALUES (7)")
os._exit(0)
"""


def leave_rows_in_wal(path: Path) -> None:
    subprocess.run([sys.executable, "-c", IN_WAL, path], check=True)
    assert Path(f"{os.path.realpath(path)}-wal").stat().st_size


def link_file(workspace: Path, elsewhere: Path) -> Path:
    """Move the database away and leave a link; return the real file."""
    elsewhere.mkdir()
    for path in (workspace / "data").glob(f"{NAME}*"):
        shutil.move(path, elsewhere / path.name.replace("market_data", "candles-2025"))
    real = elsewhere / "candles-2025.sqlite3"
    make_link(workspace / "data" / NAME, real)
    return real


def link_folder(workspace: Path, elsewhere: Path) -> Path:
    """Move the whole folder away and leave a link; return the real file."""
    shutil.move(workspace / "data", elsewhere)
    make_link(workspace / "data", elsewhere, folder=True)
    return elsewhere / NAME


def relative_chain(workspace: Path, elsewhere: Path) -> Path:
    """A link to a link, both relative."""
    real = link_file(workspace, elsewhere)
    link = workspace / "data" / NAME
    link.unlink()
    make_link(workspace / "between", Path(os.path.relpath(real, workspace)))
    make_link(link, Path("../between"))
    return real


@pytest.mark.parametrize(
    "link",
    [
        pytest.param(link_file, marks=needs_links),
        link_folder,
        pytest.param(relative_chain, marks=needs_links),
    ],
)
def test_a_database_behind_a_link_is_saved_and_restored_with_its_wal(
    workspace: Path, tmp_path: Path, link: Callable[[Path, Path], Path]
) -> None:
    real = link(workspace, tmp_path / "elsewhere")
    settings = load_settings(workspace, {}, workspace)
    file = settings.file("market_data")
    assert file.path == real and file.known_as == workspace / "data" / NAME
    leave_rows_in_wal(workspace / "data" / NAME)
    state = next(one for one in read_status(settings).files if one.name == "market_data")
    assert state.wal_size > 0 and state.configured == workspace / "data" / NAME

    full = create_restore_point(Context(), settings, Reason.MANUAL)
    facts = full.file("market_data").database
    assert facts is not None and "in_wal" in {table.name for table in facts.tables}
    assert full.file("market_data").live_path == f"data/{NAME}", "as the program knows it"
    assert verify(Context(), settings, full.id, "full").ok

    with sqlite3.connect(workspace / "data" / NAME) as connection:
        connection.execute("DROP TABLE in_wal")
    connection.close()
    leave_rows_in_wal(settings.file("strategies").path)
    assert plan_rollback(settings, full.id).problem is None
    Rollback(settings, full.id).run(Context())
    assert (workspace / "data" / NAME).resolve() == real
    assert real_path(workspace / "data" / NAME) == real != workspace / "data" / NAME
    assert not Path(f"{real}-wal").exists()
    with sqlite3.connect(workspace / "data" / NAME) as connection:
        assert connection.execute("SELECT a FROM in_wal").fetchall() == [(7,)]
    connection.close()
    litter = [path for path in real.parent.rglob("*") if ".ops_console" in path.name]
    assert litter == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows itself knows files by identity")
def test_a_file_that_a_process_opened_by_another_name_is_held(
    settings: Settings, tmp_path: Path
) -> None:
    path = settings.file("strategies").path
    os.link(path, tmp_path / "another name")
    code = "import sys; f = open(sys.argv[1]); print('open', flush=True); input()"
    other = subprocess.Popen(
        [sys.executable, "-c", code, tmp_path / "another name"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    assert other.stdout is not None and other.stdout.readline() == "open\n"
    (held,) = holders([path])
    assert (held.pid, held.paths) == (other.pid, (str(path),))
    other.communicate("\n")


def test_a_name_in_another_case_leads_to_the_real_one(workspace: Path) -> None:
    shouted = workspace / "DATA" / NAME.upper()
    if not shouted.exists():
        pytest.skip("names in another case are other names here")
    overrides = {
        "files": [
            {"name": "market_data", "path": str(shouted)},
            {"name": "settings", "path": "data/settings.sqlite3"},
        ]
    }
    (workspace / "ops_console.yaml").write_text(json.dumps(overrides), encoding="utf-8")
    file = load_settings(workspace, {}, workspace).file("market_data")
    assert str(file.path) == str(workspace / "data" / NAME)
    overrides["files"][1]["path"] = str(workspace / "data" / NAME)
    (workspace / "ops_console.yaml").write_text(json.dumps(overrides), encoding="utf-8")
    with pytest.raises(OperationError, match="one file"):
        load_settings(workspace, {}, workspace)


@pytest.mark.parametrize(
    "make",
    [pytest.param(lambda real, link: make_link(link, real), marks=needs_links), os.link],
)
def test_one_file_under_two_names_is_refused(
    workspace: Path, make: Callable[[Path, Path], None]
) -> None:
    data = workspace / "data"
    (data / "strategies.sqlite3").unlink()
    make(data / "settings.sqlite3", data / "strategies.sqlite3")
    with pytest.raises(OperationError, match=r"settings and strategies are (one|the same) file"):
        load_settings(workspace, {}, workspace)


def hard_link(settings: Settings, tmp_path: Path) -> None:
    os.link(settings.file("market_data").path, tmp_path / "second name")


def wal_elsewhere(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "wal").touch()
    Path(f"{settings.file('market_data').path}-wal").symlink_to(tmp_path / "wal")


def led_elsewhere(settings: Settings, tmp_path: Path) -> None:
    link = settings.file("market_data").known_as
    shutil.copyfile(settings.file("market_data").path, tmp_path / "another.sqlite3")
    link.unlink()
    link.symlink_to(tmp_path / "another.sqlite3")


def disk_gone(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").rename(tmp_path / "not connected")


def pipe(settings: Settings, tmp_path: Path) -> None:
    path = settings.file("market_data").path
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("hinder", [hard_link, wal_elsewhere, led_elsewhere, disk_gone, pipe])
@needs_links
def test_what_cannot_be_swapped_is_told_before_anything_is_stopped(
    workspace: Path, tmp_path: Path, hinder: Callable[[Settings, Path], None]
) -> None:
    if sys.platform == "win32" and hinder in {pipe, wal_elsewhere}:
        pytest.skip("Windows has no such files, or asks for a privilege")
    link_file(workspace, tmp_path / "elsewhere")
    settings = load_settings(workspace, {}, workspace)
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    program = subprocess.Popen([sys.executable, "-c", "input()", "run_desktop_ui.py"],
                               cwd=settings.app, stdin=subprocess.PIPE)  # fmt: skip
    try:
        hinder(settings, tmp_path)
        (told,) = obstacles(settings)
        assert told.name == "market_data"
        assert [one.name for one in read_status(settings).obstacles] == ["market_data"]
        plan = plan_rollback(settings, point.id)
        assert (plan.problem, plan.to_do) == (told.what, told.to_do)
        findings = {one.name: one.state for one in VerifySystem(settings).run(Context()).findings}
        assert findings["swappable"] == "failed"
        points = [one.point.id for one in Store(settings.store).listed()]
        with pytest.raises(OperationError) as caught:
            Rollback(settings, point.id).run(Context())
        assert caught.value.happened == told.what
        assert [one.point.id for one in Store(settings.store).listed()] == points
        assert program.poll() is None, "nothing was stopped"
    finally:
        program.kill()
        program.wait()


def test_a_migration_is_told_that_its_database_cannot_be_swapped(
    settings: Settings, tmp_path: Path
) -> None:
    os.link(settings.file("strategies").path, tmp_path / "second name")
    checks = {check.name: check.ok for check in Preflight(settings).run(Context()).checks}
    assert checks["swappable"] is False


@needs_links
def test_a_link_that_leads_to_itself_is_told(workspace: Path) -> None:
    path = workspace / "data" / NAME
    path.unlink()
    make_link(path, path)
    settings = load_settings(workspace, {}, workspace)
    (told,) = obstacles(settings)
    assert "leads nowhere" in str(told.what)


@needs_mount
def test_a_file_that_is_mounted_by_itself_is_told(settings: Settings, tmp_path: Path) -> None:
    path = settings.file("market_data").path
    shutil.copyfile(path, tmp_path / "inside")
    if subprocess.run(["mount", "--bind", tmp_path / "inside", path], check=False).returncode:
        pytest.skip("this machine forbids mounting")
    try:
        (told,) = obstacles(settings)
        assert "mounted" in str(told.what)
    finally:
        subprocess.run(["umount", path], check=True)


def test_names_that_the_console_gave_a_file_itself_are_no_obstacle(settings: Settings) -> None:
    path = settings.file("market_data").path
    area = path.parent / ".ops_console" / "rollback-0123456789ab" / "parked"
    area.mkdir(parents=True)
    os.link(path, area / path.name)
    assert obstacles(settings) == ()


@needs_links
def test_a_link_to_where_nothing_is_yet_leads_there_all_the_same(tmp_path: Path) -> None:
    make_link(tmp_path / "link", tmp_path / "folder" / "file")
    assert real_path(tmp_path / "link") == tmp_path / "folder" / "file"
