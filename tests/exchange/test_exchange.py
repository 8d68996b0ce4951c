"""Restore points go out as ordinary files, and ordinary files come in as restore points."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.backup.create import create_restore_point
from core.backup.exchange import ExportRestorePoint, ImportRestorePoint, suggested_folder
from core.backup.exchange.exporting import MARK
from core.backup.models import Reason, RestorePoint
from core.backup.store import Store
from core.base.config.models import Settings
from core.base.operation import Cancelled, Context, OperationError, Progress
from tests.links import make_link
from tests.rights import is_private
from tests.skips import needs_links

MANIFEST = "backup_manifest.json"


def picture(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def database(path: Path, count: int = 3) -> Path:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE kept (n INTEGER)")
    connection.executemany("INSERT INTO kept VALUES (?)", [(n,) for n in range(count)])
    connection.commit()
    connection.close()
    return path


def unclosed_wal(path: Path) -> Path:
    """A database with its rows in the `-wal` alone, as a killed program leaves it."""
    live = path.with_name("live")
    connection = sqlite3.connect(live)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE kept (n INTEGER)")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.executemany("INSERT INTO kept VALUES (?)", [(n,) for n in range(15)])
    connection.commit()
    shutil.copyfile(live, path)
    shutil.copyfile(f"{live}-wal", f"{path}-wal")
    connection.close()
    live.unlink()
    return path


def imported(settings: Settings, source: Path) -> tuple[RestorePoint, ...]:
    return ImportRestorePoint(settings, source).run(Context()).points


def test_any_sqlite_tool_opens_an_export_and_secrets_stay(
    settings: Settings, tmp_path: Path
) -> None:
    point = create_restore_point(Context(), settings, Reason.BEFORE_MIGRATION, "메모")
    folder = tmp_path / "out" / "백업"
    result = ExportRestorePoint(settings, point.id, folder).run(Context())
    assert {path.name for path in folder.iterdir()} == {
        "settings.sqlite3", "strategies.sqlite3", "market_data.sqlite3", MANIFEST,
    }  # fmt: skip
    assert result.left_out == ("api_credentials",)
    assert rows(folder / "settings.sqlite3", "PRAGMA integrity_check") == [("ok",)]
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["timestamp"] == f"{point.created.astimezone():%Y%m%d_%H%M%S}"
    assert manifest["backup_type"] == "migration"
    assert manifest["left_out"] == ["api_credentials"]
    assert manifest["files"]["settings"] == "settings.sqlite3"
    content = (folder / "settings.sqlite3").read_bytes()
    assert manifest["sha256"]["settings"] == hashlib.sha256(content).hexdigest()
    assert all(is_private(path) for path in [folder, *folder.iterdir()])


def test_credentials_go_out_when_asked_for_and_come_back_in(
    settings: Settings, tmp_path: Path
) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    folder = tmp_path / "out"
    ExportRestorePoint(settings, point.id, folder, with_credentials=True).run(Context())
    (back,) = imported(settings, folder)
    assert {file.name: file.digest for file in back.files} == {
        file.name: file.digest for file in point.files
    }
    assert back.reason is Reason.IMPORTED
    assert back.moment == point.created
    assert Store(settings.store).get(back.id).point == back


def test_beside_the_running_program_and_in_processes_of_their_own(
    settings: Settings, tmp_path: Path, trading_program: subprocess.Popen[bytes]
) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    folder = tmp_path / "out"
    ExportRestorePoint(settings, point.id, folder).run(Context())
    before = picture(folder)
    (back,) = imported(settings, folder)
    assert picture(folder) == before
    assert {file.name for file in back.files} == {"settings", "strategies", "market_data"}
    assert all(point.file(file.name).digest == file.digest for file in back.files)
    assert trading_program.poll() is None


def test_an_export_never_mixes_with_what_is_there(settings: Settings, tmp_path: Path) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "mine").write_text("mine", encoding="utf-8")
    with pytest.raises(OperationError):
        ExportRestorePoint(settings, point.id, folder).run(Context())
    assert [path.name for path in folder.iterdir()] == ["mine"]
    (folder / "mine").unlink()
    ExportRestorePoint(settings, point.id, folder).run(Context())
    assert (folder / MANIFEST).exists()


def test_a_cancelled_export_leaves_nothing_and_a_cut_off_one_is_replaced(
    settings: Settings, tmp_path: Path
) -> None:
    class Impatient(Context):
        def on_progress(self, progress: Progress) -> None:
            self.cancel()

    point = create_restore_point(Context(), settings, Reason.MANUAL)
    parent = tmp_path / "parent"
    with pytest.raises(Cancelled):
        ExportRestorePoint(settings, point.id, parent / "out").run(Impatient())
    assert list(parent.iterdir()) == []
    making = parent / "out.making"
    making.mkdir()
    (making / MARK).touch()
    (making / "settings.sqlite3").write_bytes(b"half")
    ExportRestorePoint(settings, point.id, parent / "out").run(Context())
    assert [path.name for path in parent.iterdir()] == ["out"]
    theirs = parent / "second.making" / "thesis.txt"
    theirs.parent.mkdir()
    theirs.write_text("not ours", encoding="utf-8")
    with pytest.raises(OperationError):
        ExportRestorePoint(settings, point.id, parent / "second").run(Context())
    assert theirs.exists()


def test_failure_6_two_exports_of_the_same_second_do_not_collide(
    settings: Settings, tmp_path: Path
) -> None:
    store = Store(settings.store)
    points = [create_restore_point(Context(), settings, Reason.MANUAL) for _ in range(2)]
    second = points[0].created.replace(microsecond=0)
    same = [
        store.get(point.id).model_copy(
            update={"point": point.model_copy(update={"created": second})}
        )
        for point in points
    ]
    folders = [suggested_folder(tmp_path / "out", listed) for listed in same]
    assert len(set(folders)) == 2
    for point, folder in zip(points, folders, strict=True):
        ExportRestorePoint(settings, point.id, folder).run(Context())
    assert all((folder / MANIFEST).exists() for folder in folders)


def test_failure_6_states_of_the_same_second_are_imported_apart(
    settings: Settings, tmp_path: Path
) -> None:
    source = tmp_path / "loose"
    source.mkdir()
    database(source / "settings_backup_20250803_140000.sqlite3", 1)
    database(source / "strategies_backup_20250803_140000.sqlite3", 2)
    first = imported(settings, source)
    again = imported(settings, source)
    assert len({point.id for point in (*first, *again)}) == 2
    assert first[0].moment == again[0].moment == datetime(2025, 8, 3, 14).astimezone(UTC)
    assert {file.name for file in first[0].files} == {"settings", "strategies"}


def test_every_moment_in_a_folder_of_loose_backups_is_imported(
    settings: Settings, tmp_path: Path
) -> None:
    source = tmp_path / "loose"
    source.mkdir()
    for day in (3, 4, 5):
        database(source / f"settings_backup_2025080{day}_140000.sqlite3", day)
    database(source / "strategies.sqlite3", 9)
    database(source / "other.sqlite3")
    result = ImportRestorePoint(settings, source).run(Context())
    found = [(point.moment, point.files[0].name) for point in result.points]
    assert found == [
        *((datetime(2025, 8, day, 14).astimezone(UTC), "settings") for day in (3, 4, 5)),
        (None, "strategies"),
    ]
    assert result.left_out == ("other.sqlite3",)


def test_one_damaged_state_does_not_keep_the_others_out(settings: Settings, tmp_path: Path) -> None:
    source = tmp_path / "loose"
    source.mkdir()
    database(source / "settings_backup_20250803_140000.sqlite3")
    (source / "settings_backup_20250804_140000.sqlite3").write_bytes(b"rubbish")
    with pytest.raises(OperationError) as caught:
        imported(settings, source)
    assert "1 of 2" in str(caught.value.happened)
    assert len(Store(settings.store).listed()) == 1


def test_rows_in_a_wal_are_imported_and_the_read_only_source_stays_as_it_is(
    settings: Settings, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    unclosed_wal(source / "settings.sqlite3")
    assert (source / "settings.sqlite3-wal").stat().st_size
    for path in source.iterdir():
        path.chmod(0o400)
    source.chmod(0o500)
    before = picture(source)
    (point,) = imported(settings, source)
    assert picture(source) == before
    tables = {table.name: table.rows for table in point.file("settings").database.tables}
    assert tables == {"kept": 15}
    assert point.file("settings").mode & 0o200, "what goes back may be written"
    source.chmod(0o700)


def test_a_backup_in_the_layout_of_the_earlier_scripts_is_imported(
    settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "migration_backup_20250803_140000"
    folder.mkdir()
    database(folder / "settings.sqlite3")
    database(folder / "strategies.sqlite3")
    where = "data/backups/migration_backup_20250803_140000"
    document = {
        "timestamp": "20250803_140000",
        "backup_type": "migration",
        "files": {
            "settings": f"{where}/settings.sqlite3",
            "strategies": f"{where}/strategies.sqlite3".replace("/", "\\"),
        },
    }
    (folder / MANIFEST).write_text(json.dumps(document), encoding="utf-8")
    (point,) = imported(settings, folder)
    assert {file.name for file in point.files} == {"settings", "strategies"}
    assert point.moment == datetime(2025, 8, 3, 14).astimezone(UTC)


@pytest.mark.parametrize(
    "path",
    [
        "../settings.sqlite3",
        "x/../../settings.sqlite3",
        "..\\settings.sqlite3",
        "/etc/passwd",
        "C:\\data\\settings.sqlite3",
        "\\\\server\\share\\settings.sqlite3",
        "settings.sqlite3\0",
        "",
        "link.sqlite3",
        "settings.sqlite3:stream",
    ],
)
def test_a_manifest_cannot_name_a_file_elsewhere(
    settings: Settings, tmp_path: Path, path: str
) -> None:
    folder = tmp_path / "source"
    folder.mkdir()
    database(tmp_path / "settings.sqlite3")
    database(folder / "settings.sqlite3")
    (folder / "link.sqlite3").symlink_to(tmp_path / "settings.sqlite3")
    document = {"timestamp": "20250803_140000", "files": {"settings": path}}
    (folder / MANIFEST).write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(OperationError):
        imported(settings, folder)
    assert not Store(settings.store).listed()


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "[" * 100_000,
        '{"timestamp": "20250803_140000", "files": []}',
        '{"timestamp": "20251345_140000", "files": {"settings": "settings.sqlite3"}}',
        '{"timestamp": "20250803_140000", "files": {"unknown": "settings.sqlite3"}}',
        '{"timestamp": "20250803_140000", "files": {"settings": "settings.sqlite3"}, '
        '"sha256": {"settings": "00"}}',
    ],
)
def test_a_manifest_that_cannot_be_true_is_refused(
    settings: Settings, tmp_path: Path, text: str
) -> None:
    folder = tmp_path / "source"
    folder.mkdir()
    database(folder / "settings.sqlite3")
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(OperationError):
        imported(settings, folder)
    assert not Store(settings.store).listed()


def test_failure_5_a_database_without_a_table_is_no_backup(
    settings: Settings, tmp_path: Path
) -> None:
    empty = tmp_path / "settings.sqlite3"
    connection = sqlite3.connect(empty)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE gone (n)")
    connection.execute("DROP TABLE gone")
    connection.execute("VACUUM")
    connection.close()
    assert empty.stat().st_size == 4096
    with pytest.raises(OperationError, match="no table"):
        imported(settings, empty)
    header_only = tmp_path / "strategies.sqlite3"
    header_only.write_bytes(empty.read_bytes()[:100].ljust(4096, b"\0"))
    with pytest.raises(OperationError):
        imported(settings, header_only)
    assert not Store(settings.store).root.exists() or not Store(settings.store).listed()


def test_a_damaged_database_is_no_backup(settings: Settings, tmp_path: Path) -> None:
    path = database(tmp_path / "settings.sqlite3", 5_000)
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 4] = b"\xff" * 4096
    path.write_bytes(content)
    with pytest.raises(OperationError, match="damaged"):
        imported(settings, path)
    assert not list((settings.home / "scratch").glob("*"))


def test_the_live_folder_is_no_backup(settings: Settings) -> None:
    with pytest.raises(OperationError, match="live"):
        imported(settings, settings.file("settings").path.parent)


def test_a_preserved_wal_is_merged_where_sqlite_can(settings: Settings, tmp_path: Path) -> None:
    """The bytes were preserved because SQLite could not read them; here it can again."""
    live = settings.file("settings").path
    whole = unclosed_wal(tmp_path / "whole")
    live.write_bytes(b"not a database")
    Path(f"{live}-wal").write_bytes(Path(f"{whole}-wal").read_bytes())
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    assert {file.name for file in point.files} >= {"settings", "settings-wal"}
    folder = tmp_path / "damaged"
    ExportRestorePoint(settings, point.id, folder).run(Context())
    assert (folder / "settings.sqlite3").read_bytes() == b"not a database"
    assert (folder / "settings.sqlite3-wal").exists(), "a recovery tool needs the bytes"

    from core.backup.exchange.exporting import _merge

    _merge(whole)
    assert not Path(f"{whole}-wal").exists()
    assert rows(whole, "SELECT count(*) FROM kept") == [(15,)]


@pytest.mark.parametrize("beside", ["", "-wal", "-journal"])
@needs_links
def test_a_link_among_the_files_of_an_import_brings_nothing_in(
    settings: Settings, tmp_path: Path, beside: str
) -> None:
    folder = tmp_path / "backup"
    folder.mkdir()
    database(folder / "settings.sqlite3")
    secret = tmp_path / "shadow"
    secret.write_text("root:secret", encoding="utf-8")
    name = f"settings.sqlite3{beside}" if beside else "api_credentials.json"
    make_link(folder / name, secret)
    with pytest.raises(OperationError, match="link to elsewhere"):
        ImportRestorePoint(settings, folder).run(Context())
    assert not Store(settings.store).listed()


@pytest.mark.skipif(os.name != "posix", reason="pipes by name are POSIX's")
@pytest.mark.timeout(120)
def test_a_pipe_among_the_files_of_an_import_is_not_waited_for(
    settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    folder.mkdir()
    database(folder / "settings.sqlite3")
    for name in ("strategies.sqlite3", "settings.sqlite3-wal", MANIFEST):
        os.mkfifo(folder / name)
    (point,) = ImportRestorePoint(settings, folder).run(Context()).points
    assert [file.name for file in point.files] == ["settings"]


def test_a_folder_that_only_looks_like_an_exports_is_not_removed(
    settings: Settings, tmp_path: Path
) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    theirs = tmp_path / "out.making" / "settings.sqlite3"
    theirs.parent.mkdir()
    theirs.write_text("precious", encoding="utf-8")
    with pytest.raises(OperationError, match="in the way"):
        ExportRestorePoint(settings, point.id, tmp_path / "out").run(Context())
    assert theirs.read_text(encoding="utf-8") == "precious"
