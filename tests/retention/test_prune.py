"""Pruning gives bytes back and never takes one that a listed restore point needs."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.backup import create as take_module
from core.backup.create import create_restore_point
from core.backup.exchange import ImportRestorePoint
from core.backup.models import Reason
from core.backup.retention import DeletePoints, KeepReason, Prune, Pruned, operations
from core.backup.retention import reclaim as reclaim_module
from core.backup.store import Chunks, PackWriter, Store
from core.backup.store import points as points_module
from core.backup.store.chunks import encode, encode_against
from core.backup.store.format import digest_of
from core.backup.verify import _full, verify
from core.base.config.models import GuardedFile, RetentionSettings, Settings
from core.base.operation import Cancelled, Context, OperationError, Progress
from tests.killing import KILL

Backup = Callable[[], str]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    data = tmp_path / "data"
    data.mkdir()
    for name in ("a", "b"):
        connection = sqlite3.connect(data / f"{name}.sqlite3")
        connection.execute("CREATE TABLE noise (n INTEGER PRIMARY KEY, bytes BLOB)")
        connection.executemany(
            "INSERT INTO noise VALUES (?, randomblob(3000))", [(n,) for n in range(150)]
        )
        connection.commit()
        connection.close()
    return Settings(
        app=tmp_path,
        home=data / "ops_console",
        store=data / "backups",
        files=tuple(GuardedFile(name=name, path=data / f"{name}.sqlite3") for name in ("a", "b")),
        retention=RetentionSettings(last=1, hourly=0, daily=0, weekly=0, monthly=0),
    )


@pytest.fixture
def back_up(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Backup:
    """Backs up in this process, which is quicker and enough where nobody writes."""
    monkeypatch.setattr(take_module, "run_in_process", lambda do, *rest: do(*rest))
    monkeypatch.setattr(take_module, "lower_priority", lambda: None)
    return lambda: create_restore_point(Context(), settings, Reason.MANUAL).id


def prune(context: Context, settings: Settings, *, dry_run: bool = False) -> Pruned:
    return operations.prune(context, settings, datetime.now(UTC), dry_run=dry_run)


def change(settings: Settings, name: str, rows: int) -> None:
    connection = sqlite3.connect(settings.file(name).path)
    connection.execute("UPDATE noise SET bytes = randomblob(3000) WHERE n < ?", (rows,))
    connection.commit()
    connection.close()


def nudge(settings: Settings, name: str) -> None:
    """Change a byte here and there, which is stored as differences."""
    connection = sqlite3.connect(settings.file(name).path)
    connection.execute(
        "UPDATE noise SET bytes = CAST(substr(bytes, 1, 2999) || x'07' AS BLOB) WHERE n % 20 = 3"
    )
    connection.commit()
    connection.close()


def history(settings: Settings, back_up: Backup) -> list[str]:
    """Restore points whose packs become needless, sparse, and bases of differences."""
    points = [back_up()]
    for _ in range(2):
        change(settings, "a", 150)
        points.append(back_up())
    for _ in range(2):
        nudge(settings, "b")
        points.append(back_up())
    return points


def disk(settings: Settings) -> int:
    return sum(path.stat().st_size for path in settings.store.rglob("*") if path.is_file())


def require_whole(settings: Settings) -> set[str]:
    """Restore every listed point fully and compare it with what was recorded."""
    listed = Store(settings.store).listed()
    for one in listed:
        full = Store(settings.store).get(one.point.id)
        assert _full(Context(), settings.store, full) == [], one.point.id
    return {one.point.id for one in listed}


def test_the_preview_tells_to_the_byte_what_returns(settings: Settings, back_up: Backup) -> None:
    points = history(settings, back_up)
    before = disk(settings)
    preview = Prune(settings, dry_run=True).run(Context())
    assert disk(settings) == before
    assert set(preview.deleted) == set(points[:-1])
    done = Prune(settings).run(Context())
    assert before - disk(settings) == preview.freed_bytes == done.freed_bytes > 500_000
    assert done.stored_bytes == preview.stored_bytes == Store(settings.store).size()
    assert require_whole(settings) == {points[-1]}
    again = Prune(settings).run(Context())
    assert (again.deleted, again.freed_bytes) == ((), 0)


def test_what_others_share_does_not_return(settings: Settings, back_up: Backup) -> None:
    first, second = back_up(), back_up()
    (fresh,) = (one for one in Store(settings.store).listed() if one.point.id == second)
    assert fresh.point.added_bytes < 1_000
    done = DeletePoints(settings, (first,)).run(Context())
    assert done.freed_bytes < 5_000
    assert require_whole(settings) == {second}


def test_the_base_of_a_difference_stays(settings: Settings, back_up: Backup) -> None:
    first = back_up()
    nudge(settings, "a")
    second = back_up()
    store = Store(settings.store)
    assert store.get(second).point.added_bytes < 50_000, "stored as differences"
    change(settings, "b", 100_000)  # so that the pack with the bases is worth rewriting
    third = back_up()
    before = disk(settings)
    DeletePoints(settings, (first, second)).run(Context())
    assert disk(settings) < before - 100_000
    assert require_whole(settings) == {third}


def test_a_pinned_point_and_the_last_good_one_cannot_be_deleted(
    settings: Settings, back_up: Backup
) -> None:
    first, second = back_up(), back_up()
    store = Store(settings.store)
    store.annotate(first, pinned=True)
    for ids in ((first,), (first, second), ("20250101T000000000Z-000000",), ("../x",)):
        with pytest.raises(OperationError):
            DeletePoints(settings, ids).run(Context())
    store.annotate(first, pinned=False)
    with pytest.raises(OperationError, match="No good restore point"):
        DeletePoints(settings, (first, second)).run(Context())
    assert require_whole(settings) == {first, second}


def test_nothing_is_reclaimed_while_a_manifest_cannot_be_read(
    settings: Settings, back_up: Backup
) -> None:
    first = back_up()
    change(settings, "a", 150)
    second = back_up()
    manifest = settings.store / "points" / f"{first}.json"
    whole = manifest.read_bytes()
    manifest.write_bytes(whole.replace(b'"size":', b'"sise":'))
    before = disk(settings)
    with pytest.raises(OperationError, match=first):
        Prune(settings).run(Context())
    assert disk(settings) == before
    manifest.write_bytes(whole)
    assert require_whole(settings) == {first, second}
    manifest.write_bytes(b"beyond repair")
    DeletePoints(settings, (first,)).run(Context())
    assert require_whole(settings) == {second}


def test_a_damaged_chunk_is_not_copied_as_if_it_were_sound(
    settings: Settings, back_up: Backup
) -> None:
    back_up()
    change(settings, "a", 150)
    last = back_up()
    store = Store(settings.store)
    chunks = store.chunks()
    digest = next(
        place.entry.digest
        for place in chunks.places.values()
        if place.entry.digest in store.needed(chunks, [store.get(last).point])
        and place.entry.stored > 30_000
        and place.pack == min(store.packs.iterdir())
    )
    place = chunks.places[digest]
    chunks.close()
    content = bytearray(place.pack.read_bytes())
    content[place.entry.offset + 1_000] ^= 4
    place.pack.write_bytes(content)
    context = Context()
    prune(context, settings)
    assert place.pack.exists(), "its hash still tells the damage"
    assert not store.get(last).good
    assert last in " ".join(str(step.what) for step in context.steps if step.warning)


def test_many_packs_are_rewritten_in_batches(
    settings: Settings, back_up: Backup, monkeypatch: pytest.MonkeyPatch
) -> None:
    for rows in (150, 120, 90, 60, 30):
        back_up()
        change(settings, "a", rows)
        nudge(settings, "b")
    last = back_up()
    monkeypatch.setattr(reclaim_module, "BATCH_BYTES", 1)
    before = disk(settings)
    preview = operations.prune(
        Context(), settings, operations.datetime.now().astimezone(), dry_run=True
    )
    done = prune(Context(), settings)
    assert before - disk(settings) == preview.freed_bytes == done.freed_bytes
    assert require_whole(settings) == {last}


def test_a_cancelled_prune_leaves_whole_points(settings: Settings, back_up: Backup) -> None:
    class Impatient(Context):
        def on_progress(self, progress: Progress) -> None:
            self.cancel()

    points = history(settings, back_up)
    with pytest.raises(Cancelled):
        prune(Impatient(), settings)
    assert not list((settings.store / "packs").glob("*.making"))
    assert points[-1] in require_whole(settings)


def test_failure_7_editing_a_note_loses_nothing(settings: Settings, back_up: Backup) -> None:
    """Neither why a restore point was made, nor its pin, nor its proofs, nor its place."""
    source = settings.app / "a_backup_20250803_140000.sqlite3"
    shutil.copyfile(settings.file("a").path, source)
    (point,) = ImportRestorePoint(settings, source, "before").run(Context()).points
    back_up()
    store = Store(settings.store)
    store.annotate(point.id, pinned=True)
    verify(Context(), settings, point.id, "full")
    before = store.get(point.id)
    store.annotate(point.id, note="메모: 바뀐 설명")
    after = store.get(point.id)
    assert after.point == before.point == point
    assert after.point.reason is Reason.IMPORTED
    assert after.annotations.note == "메모: 바뀐 설명"
    assert after.annotations.model_copy(update={"note": "before"}) == before.annotations
    assert after.annotations.pinned
    assert after.annotations.full.ok
    assert prune(Context(), settings).deleted == ()


def test_a_manifest_that_cannot_be_read_for_a_moment_loses_nothing(
    settings: Settings, back_up: Backup, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    history(settings, back_up)
    ids = {one.point.id for one in Store(settings.store).listed()}
    kept = shutil.copytree(settings.store, tmp_path / "kept")
    real = points_module.read_regular
    reads = failed = 0

    def read(path: Path, limit: int | None = None) -> bytes:
        nonlocal reads
        reads += path.name.removesuffix(".json") in ids
        if reads == failed and path.name.removesuffix(".json") in ids:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        return real(path, limit)

    while reads >= failed:
        shutil.rmtree(settings.store)
        shutil.copytree(kept, settings.store)
        reads, failed = 0, failed + 1
        with monkeypatch.context() as patch, contextlib.suppress(OperationError):
            patch.setattr(points_module, "read_regular", read)
            prune(Context(), settings)
        assert require_whole(settings)
    assert failed > 2 * len(ids)


def test_a_point_whose_note_cannot_be_read_may_be_pinned_and_stays(
    settings: Settings, back_up: Backup
) -> None:
    first, *_ = history(settings, back_up)
    notes = settings.store / "points" / f"{first}.notes.json"
    notes.write_bytes(b"{")
    for dry_run in (True, False):
        context = Context()
        done = prune(context, settings, dry_run=dry_run)
        assert first not in done.deleted
        assert KeepReason.NOTES_UNREAD in done.plan.reasons(first)
        assert [step.warning and first in str(step.what) for step in context.steps] == [True]


def test_an_empty_or_missing_store_is_pruned_of_nothing(settings: Settings) -> None:
    for _ in range(2):
        assert prune(Context(), settings).deleted == ()
        Store.create(settings.store)


def test_notes_of_a_point_that_is_gone_are_swept(settings: Settings, back_up: Backup) -> None:
    point_id = back_up()
    store = Store(settings.store)
    store.annotate(point_id, note="alive")
    orphan = store.points / "20250101T000000000Z-000000.notes.json"
    orphan.write_text("{}", encoding="utf-8")
    store.sweep()
    assert not orphan.exists()
    assert store.get(point_id).annotations.note == "alive"


def test_a_disk_that_fills_up_meanwhile_leaves_no_litter_and_the_points_whose_bytes_stay(
    settings: Settings, back_up: Backup, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = history(settings, back_up)
    before = disk(settings)
    with monkeypatch.context() as full:

        def fail(*_: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        full.setattr(PackWriter, "finish", fail)
        done = prune(Context(), settings)
    assert not list((settings.store / "packs").glob("*.making"))
    assert before - disk(settings) == done.freed_bytes
    assert done.held_back and require_whole(settings) == {*done.held_back, points[-1]}
    assert prune(Context(), settings).freed_bytes > 0
    assert require_whole(settings) == {points[-1]}


def test_no_point_goes_before_the_one_to_go_back_to_was_read(
    settings: Settings, back_up: Backup
) -> None:
    """The newest one is damaged where nobody looked: the sound one before it must not go."""
    first = back_up()
    for name in ("a", "b"):
        change(settings, name, 150)
    second = back_up()
    store = Store(settings.store)
    pack = max(store.packs.iterdir())
    content = bytearray(pack.read_bytes())
    content[len(content) // 2] ^= 1
    pack.write_bytes(content)
    context = Context()
    assert first not in prune(context, settings).deleted
    assert store.get(first).good and not store.get(second).good
    assert any(step.warning for step in context.steps)
    with pytest.raises(OperationError, match="No good restore point"):
        DeletePoints(settings, (first,)).run(Context())


def test_the_bases_of_every_copy_of_a_chunk_are_needed(tmp_path: Path) -> None:
    """Whichever copy is read when a pack is gone, its base is there."""
    first, second, wanted = (bytes([number]) * 60_000 for number in range(3))
    names = [digest_of(content) for content in (first, second, wanted)]
    for number, (base, name) in enumerate(((first, names[0]), (second, names[1]))):
        with PackWriter(tmp_path, f"{number}") as pack:
            plain, difference = encode(base), encode_against(wanted + base, base, name, 0)
            pack.add(name, plain.stored, len(base))
            pack.add(names[2], difference.stored, 60_000, 1, name)
            pack.finish()
            pack.publish()
    chunks = Chunks(tmp_path)
    assert chunks.places[names[2]].pack.name == "0.pack"
    assert chunks.with_bases({names[2]}) == set(names)


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
def test_sigkill_at_every_step_leaves_every_listed_point_whole(
    settings: Settings, back_up: Backup, tmp_path: Path
) -> None:
    points = history(settings, back_up)
    original = tmp_path / "original"
    shutil.copytree(settings.store, original)
    Prune(settings).run(Context())
    expected = disk(settings)
    step = 0
    interrupted_between = 0
    while True:
        shutil.rmtree(settings.store)
        shutil.copytree(original, settings.store)
        if not killed_at(step, settings):
            break
        left = require_whole(settings)
        assert points[-1] in left
        packs = len(list((settings.store / "packs").glob("*.pack")))
        done = prune(Context(), settings)
        interrupted_between += packs > 0 and done.deleted == () and done.freed_bytes > 0
        assert require_whole(settings) == {points[-1]}
        assert abs(disk(settings) - expected) < 200, "the next prune removes what was left"
        step += 1
    assert step > 20
    assert interrupted_between > 1


def killed_at(step: int, settings: Settings) -> bool:
    """Prune in a child that kills itself before its file operation number *step*."""
    child = os.fork()
    if child == 0:
        counted = 0

        def fatal(do: Callable[..., object]) -> Callable[..., object]:
            def call(*arguments: object, **named: object) -> object:
                nonlocal counted
                if counted == step:
                    os.kill(os.getpid(), KILL)
                counted += 1
                return do(*arguments, **named)

            return call

        for name in ("unlink", "replace", "fsync", "fdatasync"):
            setattr(os, name, fatal(getattr(os, name)))
        from core.backup.store import pack

        pack.PackWriter._append = fatal(pack.PackWriter._append)  # type: ignore[method-assign,assignment]
        code = 1
        try:
            prune(Context(), settings)
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0
    return False
