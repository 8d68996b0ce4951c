"""Nothing is published or removed in a store by two at a time, whichever consoles share it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.backup.copy import CopyStore
from core.backup.create import create_restore_point
from core.backup.models import Proof, Reason
from core.backup.retention import DeletePoints, Prune
from core.backup.store import Store
from core.backup.store import lock as lock_module
from core.backup.verify import verify
from core.base.config.models import RetentionSettings, Settings
from core.base.lock import Locked
from core.base.operation import Cancelled, Context, Progress

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys
from pathlib import Path
from core.backup.store import Store
with Store(Path(sys.argv[1])).exclusive():
    print("held", flush=True)
    sys.stdin.read()
"""
TRY = """
import sys
from pathlib import Path
from core.base.lock import Locked
from core.backup.store.lock import store_lock
try:
    with store_lock(Path(sys.argv[1]), wait=False):
        print("free")
except Locked:
    print("held")
"""


@pytest.fixture
def point_id(settings: Settings) -> str:
    return create_restore_point(Context(), settings, Reason.MANUAL).id


@pytest.fixture
def other(settings: Settings, tmp_path: Path) -> Settings:
    """Another console with a folder, and so a lock, of its own, and the same store."""
    return settings.model_copy(
        update={"home": tmp_path / "other", "retention": RetentionSettings(last=1, daily=0)}
    )


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Does what a worker process does in this one, so that it can be looked at meanwhile."""
    for module in ("create", "verify", "retention.operations"):
        monkeypatch.setattr(
            f"core.backup.{module}.run_in_process", lambda do, *rest, **named: do(*rest, **named)
        )
    monkeypatch.setattr("core.backup.create.lower_priority", lambda: None)


@pytest.fixture
def held(
    settings: Settings, point_id: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[subprocess.Popen[str]]:
    """A process that writes to the store."""
    monkeypatch.setattr(lock_module, "WAIT_SECONDS", 0)
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, settings.store],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def picture(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("here")
def test_nothing_is_published_or_removed_while_another_process_writes(
    other: Settings, point_id: str, held: subprocess.Popen[str]
) -> None:
    store = Store(other.store)
    (store.packs / "20260101T000000000Z-000000.making").write_bytes(b"somebody's")
    (store.root / "scratch").mkdir()
    before = picture(store.root)
    pack = next(store.packs.glob("*.pack"))
    point = store.get(point_id).point
    tries: list[Callable[[], object]] = [
        lambda: create_restore_point(Context(), other, Reason.MANUAL),
        lambda: Prune(other).run(Context()),
        lambda: DeletePoints(other, (point_id,)).run(Context()),
        lambda: verify(Context(), other, point_id, "full"),
        lambda: store.annotate(point_id, proof=Proof(kind="quick", at=point.created, ok=False)),
        lambda: store.publish(point, store.listed()),
        lambda: store.delete([point_id]),
        lambda: store.remove_packs([pack]),
        lambda: store.new_pack("20260101T000000000Z-000001").__enter__(),
    ]
    for attempt in tries:
        with pytest.raises(Locked):
            attempt()
    assert store.sweep() == 0
    assert picture(store.root) == before
    held.kill()
    held.wait()
    assert store.sweep() > 0
    assert not (store.root / "scratch").exists()


def test_a_copy_waits_for_who_writes_to_its_target(
    other: Settings, held: subprocess.Popen[str], tmp_path: Path
) -> None:
    source = Settings(app=tmp_path, home=tmp_path / "h", store=tmp_path / "empty", files=())
    Store.create(source.store)
    with pytest.raises(Locked):
        CopyStore(source, other.store, "to").run(Context())


def test_whoever_waits_for_a_store_can_be_cancelled(
    other: Settings, held: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_module, "WAIT_SECONDS", 250)
    context = Context()
    context.cancel()
    with pytest.raises(Cancelled), Store(other.store).exclusive(context):
        raise AssertionError("held by another")


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("work", ["take", "prune", "delete", "verify"])
def test_whoever_works_holds_the_lock_itself(
    settings: Settings, other: Settings, point_id: str, work: str
) -> None:
    """So that another console stays out even where the one that started the worker is dead."""
    if work in {"prune", "delete"}:
        make_sparse(settings)
    told = set()

    class Asking(Context):
        def on_progress(self, progress: Progress) -> None:
            command = [sys.executable, "-c", TRY, settings.store]
            if progress.done == progress.total or not told:
                told.add(subprocess.check_output(command, cwd=ROOT, encoding="utf-8").strip())

    does: dict[str, Callable[[Context], object]] = {
        "take": lambda context: create_restore_point(context, settings, Reason.MANUAL),
        "prune": Prune(other).run,
        "delete": DeletePoints(other, (point_id,)).run,
        "verify": lambda context: verify(context, settings, point_id, "quick"),
    }
    does[work](Asking())
    assert told == {"held"}


def make_sparse(settings: Settings) -> None:
    """Change so much that the first pack is rewritten when its restore point goes."""
    with closing(sqlite3.connect(settings.file("market_data").path)) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in found.fetchall():
            connection.execute(f"DELETE FROM {table}")
        connection.commit()
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    create_restore_point(Context(), settings, Reason.MANUAL)
