"""Restore points against the live files and against each other."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.backup.retention import DeletePoints
from core.backup.store import Store
from core.base.config.models import Settings
from core.base.operation import Cancelled, Context, OperationError, Progress, Unit
from core.diff.models import Comparison, RowKind, Status, TableDifference
from core.diff.operation import Compare, row_page
from tests.rights import is_private

TABLE = "candles_KRW_BTC_1m"


def sql(settings: Settings, name: str, *statements: str) -> None:
    with closing(sqlite3.connect(settings.file(name).path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def table(found: Comparison, database: str, name: str) -> TableDifference:
    (one,) = (one for one in found.databases if one.name == database)
    (wanted,) = (table for table in one.tables if table.table == name)
    return wanted


def test_what_going_back_would_do_to_the_live_databases(settings: Settings) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    assert Compare(settings, point.id).run(Context()).same
    sql(
        settings, "market_data",
        f"DELETE FROM {TABLE} WHERE rowid <= 3",
        f"UPDATE {TABLE} SET trade_price = 1 WHERE rowid = 5",
    )  # fmt: skip
    sql(settings, "strategies", "CREATE TABLE 새표 (a)", "INSERT INTO 새표 VALUES (1)")
    secret = json.dumps({"access_key": "very secret indeed"})
    settings.file("api_credentials").path.write_text(secret, encoding="utf-8")
    seen: list[Progress] = []

    class Watching(Context):
        def on_progress(self, progress: Progress) -> None:
            seen.append(progress)

    found = Compare(settings, point.id).run(Watching())
    assert {one.name: one.status for one in found.databases} == {
        "settings": Status.SAME, "strategies": Status.CHANGED, "market_data": Status.CHANGED,
    }  # fmt: skip
    candles = table(found, "market_data", TABLE)
    assert (candles.rows_returning, candles.rows_leaving, candles.rows_changing) == (3, 0, 1)
    assert candles.left_rows == candles.right_rows + 3
    assert table(found, "strategies", "새표").status is Status.REMOVED
    assert {one.name: one.status for one in found.files} == {"api_credentials": Status.CHANGED}
    assert {progress.unit for progress in seen} == {Unit.BYTES, Unit.ROWS}
    kept = [path.read_bytes() for path in (settings.home / "compare").rglob("*") if path.is_file()]
    assert kept
    assert not any(b"very secret" in content for content in kept)
    assert all(is_private(path) for path in (settings.home / "compare").rglob("*"))


def test_rows_are_shown_as_they_were_compared(settings: Settings) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    sql(settings, "market_data", f"UPDATE {TABLE} SET trade_price = -rowid WHERE rowid <= 25")
    Compare(settings, point.id).run(Context())
    sql(settings, "market_data", f"DELETE FROM {TABLE}")
    asked = (settings, point.id, None, "market_data", TABLE.lower(), RowKind.CHANGING)
    pages = [row_page(*asked, offset, 10) for offset in (0, 10, 20, 30)]
    assert [len(page.rows) for page in pages] == [10, 10, 5, 0]
    assert [page.has_more for page in pages] == [True, True, False, False]
    assert {page.total for page in pages} == {25}
    place = pages[0].columns.index("trade_price")
    prices = [row.right[place] for page in pages for row in page.rows]
    assert prices == [-float(number) for number in range(1, 26)]
    assert row_page(*asked[:5], None, 0, 100).total == 25
    everything = Compare(settings, point.id).run(Context())
    assert (
        table(everything, "market_data", TABLE).rows_returning
        == table(everything, "market_data", TABLE).left_rows
    )


def test_a_page_without_a_comparison_makes_one(settings: Settings) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    sql(settings, "settings", "DELETE FROM cfg_app_settings WHERE key = 'theme'")
    page = row_page(settings, point.id, None, "settings", "cfg_app_settings", None, 0, 10)
    assert [row.kind for row in page.rows] == [RowKind.RETURNING]
    for database, name in (("settings", "nowhere"), ("nowhere", "x"), ("api_credentials", "x")):
        with pytest.raises(OperationError):
            row_page(settings, point.id, None, database, name, None, 0, 10)


def test_two_restore_points(settings: Settings) -> None:
    first = create_restore_point(Context(), settings, Reason.MANUAL)
    sql(settings, "market_data", f"UPDATE {TABLE} SET trade_price = 7 WHERE rowid = 9")
    second = create_restore_point(Context(), settings, Reason.MANUAL)
    sql(settings, "market_data", f"DELETE FROM {TABLE}")
    found = Compare(settings, first.id, second.id).run(Context())
    assert (found.rows, found.moment) == (1, second.created)
    assert table(found, "market_data", TABLE).rows_changing == 1
    page = row_page(settings, first.id, second.id, "market_data", TABLE, None, 0, 10)
    place = page.columns.index("trade_price")
    assert page.rows[0].right[place] == 7
    assert page.rows[0].left[place] != 7
    assert Compare(settings, second.id, second.id).run(Context()).same


def test_while_the_program_writes(
    settings: Settings, trading_program: subprocess.Popen[bytes]
) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    for _ in range(3):
        found = Compare(settings, point.id).run(Context())
        for database in found.databases:
            for one in database.tables:
                assert one.status in {Status.SAME, Status.CHANGED}, one
    assert trading_program.poll() is None
    later = create_restore_point(Context(), settings, Reason.MANUAL)
    found = Compare(settings, point.id, later.id).run(Context())
    for stored in later.files:
        for facts in stored.database.tables if stored.database else ():
            if not facts.name.startswith("sqlite_stat"):
                assert table(found, stored.name, facts.name).right_rows == facts.rows


def test_databases_that_are_missing_or_no_databases(settings: Settings, tmp_path: Path) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    settings.file("settings").path.unlink()
    settings.file("strategies").path.write_bytes(b"no database" * 1000)
    for name in ("settings", "strategies"):
        for suffix in ("-wal", "-shm"):
            Path(f"{settings.file(name).path}{suffix}").unlink(missing_ok=True)
    found = Compare(settings, point.id).run(Context())
    status = {one.name: one for one in found.databases}
    assert status["settings"].status is Status.ADDED
    assert status["settings"].rows == point.file("settings").database.rows - sum(
        table.rows
        for table in point.file("settings").database.tables
        if table.name.startswith("sqlite_stat")
    )
    assert status["strategies"].status is Status.UNREADABLE
    second = create_restore_point(Context(), settings, Reason.MANUAL)
    backwards = Compare(settings, second.id, point.id).run(Context())
    (one,) = (one for one in backwards.databases if one.name == "settings")
    assert one.status is Status.NOT_HELD, "a rollback to it leaves alone what it does not hold"


def test_nothing_is_made_beside_the_live_files(settings: Settings) -> None:
    folder = settings.file("settings").path.parent
    point = create_restore_point(Context(), settings, Reason.MANUAL)

    def picture() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}

    before = picture()
    Compare(settings, point.id).run(Context())
    assert picture() == before


def test_only_the_last_comparison_is_kept_and_a_cancelled_one_leaves_nothing(
    settings: Settings,
) -> None:
    class Impatient(Context):
        def on_progress(self, progress: Progress) -> None:
            self.cancel()

    point = create_restore_point(Context(), settings, Reason.MANUAL)
    with pytest.raises(Cancelled):
        Compare(settings, point.id).run(Impatient())
    assert list((settings.home / "compare").iterdir()) == []
    for _ in range(2):
        Compare(settings, point.id).run(Context())
    assert len(list((settings.home / "compare").iterdir())) == 1


@pytest.mark.parametrize("unit", list(Unit))
def test_it_stops_wherever_it_is(settings: Settings, unit: Unit) -> None:
    class Impatient(Context):
        def on_progress(self, progress: Progress) -> None:
            if progress.unit is unit and not self.cancelled:
                seen.append(progress)
                self.cancel()
            elif self.cancelled:
                late.append(progress)

    seen: list[Progress] = []
    late: list[Progress] = []
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    sql(settings, "market_data", f"UPDATE {TABLE} SET trade_price = 0")
    sql(settings, "market_data", "UPDATE candles_KRW_ETH_1m SET trade_price = 0")
    with pytest.raises(Cancelled):
        Compare(settings, point.id).run(Impatient())
    assert seen
    assert len(late) <= 1
    assert list((settings.home / "compare").iterdir()) == []


def test_a_restore_point_that_went_meanwhile_is_a_sentence(settings: Settings) -> None:
    first = create_restore_point(Context(), settings, Reason.MANUAL)
    create_restore_point(Context(), settings, Reason.MANUAL)
    sql(settings, "market_data", f"DELETE FROM {TABLE}")
    Compare(settings, first.id).run(Context())
    DeletePoints(settings, (first.id,)).run(Context())
    with pytest.raises(OperationError):
        row_page(settings, first.id, None, "market_data", TABLE, None, 0, 10)
    with pytest.raises(OperationError):
        Compare(settings, first.id).run(Context())


def test_a_damaged_store_is_a_sentence(settings: Settings) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    sql(settings, "market_data", f"DELETE FROM {TABLE}")
    store = Store(settings.store)
    shutil.rmtree(store.packs)
    with pytest.raises(OperationError):
        Compare(settings, point.id).run(Context())
