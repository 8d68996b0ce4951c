"""One flipped bit stops nothing, passes nowhere as sound, and is told."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.backup.create import create_restore_point
from core.backup.materialise import materialise_all
from core.backup.models import Reason, RestorePoint
from core.backup.store import Chunks, Damage, Store
from core.backup.store.chunks import Place, decode, encode, encode_against
from core.backup.store.format import Entry, digest_of, pack_directory, unpack_directory
from core.backup.verify import verify
from core.base.config.models import GuardedFile, Settings
from core.base.operation import Context, OperationError
from core.switchover.rollback import Rollback

SCALE = int(os.environ.get("OPS_CONSOLE_TEST_SCALE", "1"))
ROWS = 200


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    data = tmp_path / "data"
    data.mkdir()
    for name in ("a", "b"):
        connection = sqlite3.connect(data / f"{name}.sqlite3")
        connection.execute("CREATE TABLE noise (n INTEGER PRIMARY KEY, bytes BLOB)")
        connection.executemany(
            "INSERT INTO noise VALUES (?, randomblob(3000))", [(n,) for n in range(ROWS)]
        )
        connection.commit()
        connection.close()
    return Settings(
        app=tmp_path,
        home=data / "ops_console",
        store=data / "backups",
        files=tuple(GuardedFile(name=name, path=data / f"{name}.sqlite3") for name in ("a", "b")),
    )


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Works in this process, which is quicker and enough where nobody writes."""
    for module in ("create", "verify"):
        monkeypatch.setattr(f"core.backup.{module}.run_in_process", lambda do, *rest: do(*rest))
    monkeypatch.setattr("core.backup.create.lower_priority", lambda: None)


def change(settings: Settings, name: str, first: int, last: int) -> None:
    """Change a few bytes in each of some rows, which is stored as differences.

    One would be what it was before in one of 256 times, and the file, in WAL mode, too.
    """
    connection = sqlite3.connect(settings.file(name).path)
    connection.execute(
        "UPDATE noise SET bytes = CAST(substr(bytes, 1, 2992) || ? AS BLOB) "
        "WHERE n BETWEEN ? AND ?",
        (os.urandom(8), first, last),
    )
    connection.commit()
    connection.close()


def flip(place: Place, at: int | None = None) -> None:
    content = bytearray(place.pack.read_bytes())
    first = place.entry.offset + (place.entry.stored // 2 if at is None else at)
    # One bit of a small frame may be one that its decoder does not look at.
    for position in range(first, min(first + 4, place.entry.offset + place.entry.stored)):
        content[position] ^= 0xFF
    place.pack.write_bytes(content)


def places(settings: Settings, point: RestorePoint) -> dict[bytes, Place]:
    """Where the chunks of *point* lie, its index blocks included."""
    store = Store(settings.store)
    chunks = store.chunks()
    needed = store.needed(chunks, [point])
    chunks.close()
    return {digest: chunks.places[digest] for digest in needed}


def first_chunk(settings: Settings, point: RestorePoint, name: str, number: int) -> Place:
    """Return where chunk *number* of a file lies."""
    chunks = Store(settings.store).chunks()
    block = chunks.read(bytes.fromhex(point.file(name).index[0]))
    chunks.close()
    return chunks.places[block[number * 32 : (number + 1) * 32]]


def live(settings: Settings) -> dict[str, bytes]:
    return {file.name: file.path.read_bytes() for file in settings.files}


def restored(settings: Settings, point_id: str, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    try:
        listed = Store(settings.store).get(point_id)
        where = {file.name: folder / file.name for file in listed.point.files}
        materialise_all(Context(), settings.store, listed, where)
        return {name: path.read_bytes() for name, path in where.items()}
    finally:
        shutil.rmtree(folder)


def warnings(context: Context) -> str:
    return " ".join(str(step.what) for step in context.steps if step.warning)


def damaged(settings: Settings) -> set[str]:
    return {one.point.id for one in Store(settings.store).listed() if one.damaged}


def test_a_damaged_base_is_marked_and_what_differs_from_it_is_stored_whole(
    settings: Settings, tmp_path: Path
) -> None:
    first = create_restore_point(Context(), settings, Reason.MANUAL)
    old = live(settings)
    change(settings, "a", 0, 5)
    second = create_restore_point(Context(), settings, Reason.MANUAL)
    flip(first_chunk(settings, second, "a", 0))
    change(settings, "a", 0, 5)
    context = Context()
    third = create_restore_point(context, settings, Reason.MANUAL)
    assert third.sound and restored(settings, third.id, tmp_path / "out") == live(settings)
    assert damaged(settings) == {second.id}
    assert second.id in warnings(context)
    assert not Store(settings.store).get(second.id).good
    assert restored(settings, first.id, tmp_path / "out") == old
    again = Context()
    change(settings, "a", 0, 5)
    fourth = create_restore_point(again, settings, Reason.MANUAL)
    assert fourth.added_bytes < 20_000, "differences again, to what is sound"
    assert not warnings(again), "told once"


def test_a_rollback_to_a_sound_point_goes_on_beside_a_damaged_one(settings: Settings) -> None:
    first = create_restore_point(Context(), settings, Reason.MANUAL)
    old = live(settings)
    change(settings, "a", 0, 5)
    second = create_restore_point(Context(), settings, Reason.MANUAL)
    flip(first_chunk(settings, second, "a", 0))
    change(settings, "a", 0, 5)
    done = Rollback(settings, first.id).run(Context())
    assert live(settings) == old
    assert done.safety_point_id is not None and damaged(settings) == {second.id}


@pytest.mark.usefixtures("here")
def test_a_damaged_chunk_that_a_backup_would_use_again_is_stored_anew(
    settings: Settings, tmp_path: Path
) -> None:
    """The last chunk is unchanged, so nobody would read it but SQLite in its check."""
    first = create_restore_point(Context(), settings, Reason.MANUAL)
    flip(first_chunk(settings, first, "a", 8))
    change(settings, "a", 0, 5)
    context = Context()
    second = create_restore_point(context, settings, Reason.MANUAL)
    assert second.sound and restored(settings, second.id, tmp_path / "out") == live(settings)
    assert not damaged(settings) and "stored anew" in warnings(context)
    assert restored(settings, first.id, tmp_path / "out")
    assert verify(Context(), settings, first.id, "full").ok, "made good"


@pytest.mark.usefixtures("here")
def test_what_is_known_to_be_damaged_is_not_relied_on_by_an_unchanged_database(
    settings: Settings, tmp_path: Path
) -> None:
    first = create_restore_point(Context(), settings, Reason.MANUAL)
    flip(first_chunk(settings, first, "b", 3))
    assert not verify(Context(), settings, first.id, "quick").ok
    second = create_restore_point(Context(), settings, Reason.MANUAL)
    assert restored(settings, second.id, tmp_path / "out") == live(settings)
    assert verify(Context(), settings, second.id, "full").ok
    assert verify(Context(), settings, first.id, "full").ok, "made good"


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("damage", ["index", "directory"])
def test_a_damaged_index_or_directory_stops_no_backup(
    settings: Settings, tmp_path: Path, damage: str
) -> None:
    first = create_restore_point(Context(), settings, Reason.MANUAL)
    index = places(settings, first)[bytes.fromhex(first.file("a").index[0])]
    if damage == "index":
        flip(index)
    else:
        content = bytearray(index.pack.read_bytes())
        content[-200] ^= 1
        index.pack.write_bytes(content)
        assert (
            Chunks(index.pack.parent).damaged
            or not verify(Context(), settings, first.id, "quick").ok
        )
    change(settings, "a", 0, 5)
    second = create_restore_point(Context(), settings, Reason.MANUAL)
    assert restored(settings, second.id, tmp_path / "out") == live(settings)
    assert damaged(settings) <= {first.id}


@pytest.mark.usefixtures("here")
def test_verifying_one_point_marks_all_that_need_what_is_damaged(settings: Settings) -> None:
    points = []
    for _ in range(3):
        points.append(create_restore_point(Context(), settings, Reason.MANUAL))
        change(settings, "a", 0, 1)
    flip(first_chunk(settings, points[0], "b", 3))
    assert not verify(Context(), settings, points[1].id, "quick").ok
    assert damaged(settings) == {point.id for point in points}


@pytest.mark.usefixtures("here")
def test_a_flip_that_a_point_does_not_need_makes_no_bad_point_of_it(settings: Settings) -> None:
    first = create_restore_point(Context(), settings, Reason.MANUAL)
    connection = sqlite3.connect(settings.file("a").path)
    connection.execute("UPDATE noise SET bytes = randomblob(3000)")
    connection.commit()
    connection.close()
    second = create_restore_point(Context(), settings, Reason.MANUAL)
    only_first = places(settings, first).keys() - places(settings, second).keys()
    flip(places(settings, first)[only_first.pop()])
    context = Context()
    assert verify(context, settings, second.id, "quick").ok
    assert "needs nothing of that" in warnings(context)
    assert not verify(Context(), settings, first.id, "quick").ok


@pytest.mark.usefixtures("here")
def test_a_drill_that_a_full_disk_stops_says_nothing_of_the_point(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    usage = shutil.disk_usage(settings.store)._replace(free=1_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OperationError, match="Not enough free space"):
        verify(Context(), settings, point.id, "full")
    assert not damaged(settings)


@pytest.mark.usefixtures("here")
def test_flips_anywhere_stop_no_backup_and_hide_nowhere(settings: Settings, tmp_path: Path) -> None:
    """Whatever bit flips: the next backup is whole, and what is listed as good can be restored."""
    random_ = random.Random(11)
    create_restore_point(Context(), settings, Reason.MANUAL)
    change(settings, "a", 0, 5)
    create_restore_point(Context(), settings, Reason.MANUAL)
    original = shutil.copytree(settings.store, tmp_path / "original")
    for number in range(12 * SCALE):
        shutil.rmtree(settings.store)
        shutil.copytree(original, settings.store)
        pack = max((settings.store / "packs").iterdir()) if number % 2 else min(
            (settings.store / "packs").iterdir()
        )  # fmt: skip
        content = bytearray(pack.read_bytes())
        content[random_.randrange(len(content))] ^= 1 << random_.randrange(8)
        pack.write_bytes(content)
        for name in ("a", "b"):  # what changed is checked by SQLite, and so read
            change(settings, name, 0, 10)
        newest = create_restore_point(Context(), settings, Reason.MANUAL)
        assert newest.sound
        for listed in Store(settings.store).listed():
            proof = verify(Context(), settings, listed.point.id, "quick")
            if proof.ok:
                found = restored(settings, listed.point.id, tmp_path / "out")
                assert listed.point != newest or found == live(settings)
            else:
                assert listed.point != newest
                with pytest.raises(OperationError):
                    restored(settings, listed.point.id, tmp_path / "out")


LIMIT = 512 * 1024 * 1024
"""Bytes of memory that a decoder may take: far less than a flipped length can claim."""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit of memory")
def test_a_flipped_length_is_damage_and_never_takes_the_memory_that_it_claims() -> None:
    import resource

    former = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT + _address_space(), former[1]))
    try:
        base, random_ = os.urandom(65_536), random.Random(5)
        for size in (1, 300, 65_536):
            content = base[: size // 2] + random_.randbytes(size - size // 2)
            for form in (encode(content), encode_against(content, base, digest_of(base), 0)):
                entry = Entry(digest_of(content), 0, 0, size, form.depth, form.base)
                _every_flip(
                    form.stored[:24],
                    lambda head, form=form, entry=entry: decode(
                        head + form.stored[24:], entry, base if entry.depth else None
                    ),
                )
        entries = [Entry(os.urandom(32), 0, 1, 1, 0, bytes(32)) for _ in range(3_000)]
        directory = pack_directory(entries)
        _every_flip(
            directory[:24], lambda head: unpack_directory(head + directory[24:], 3_000, 1 << 40)
        )
        for count in (2_999, 3_001, 1 << 31):
            with pytest.raises(Damage):
                unpack_directory(directory, count, 1 << 40)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, former)


@pytest.mark.parametrize(
    "wrong",
    [{"offset": 1 << 41}, {"stored": 1 << 30}, {"raw": 0}, {"raw": 1 << 20}, {"depth": 99}],
)
def test_one_impossible_entry_of_a_directory_hides_no_other(wrong: dict[str, int]) -> None:
    entries = [Entry(os.urandom(32), 8, 10, 20, 0, bytes(32)) for _ in range(3)]
    damaged = [entries[0], entries[1]._replace(**wrong), entries[2]]
    found = unpack_directory(pack_directory(damaged), 3, 1 << 40)
    assert found == [entries[0], entries[2]]


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0]) * 4096


def _every_flip(head: bytes, read: Callable[[bytes], object]) -> None:
    for bit in range(len(head) * 8):
        flipped = bytearray(head)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            read(bytes(flipped))
        except Damage:
            continue


@pytest.mark.usefixtures("here")
def test_the_script_of_the_store_reads_on_beside_damage(settings: Settings, tmp_path: Path) -> None:
    first = create_restore_point(Context(), settings, Reason.MANUAL)
    old = live(settings)
    change(settings, "a", 0, 5)
    second = create_restore_point(Context(), settings, Reason.MANUAL)

    def restore(point: RestorePoint, folder: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, settings.store / "restore.py", point.id, folder],
            capture_output=True, text=True, check=False, encoding="utf-8",
        )  # fmt: skip

    newest = max((settings.store / "packs").iterdir())
    whole = newest.read_bytes()
    footer = len(whole) - 56
    for place in (footer + 8, footer + 11, footer + 12, footer + 15, footer - 200):
        content = bytearray(whole)
        content[place] ^= 0x40
        newest.write_bytes(content)
        folder = tmp_path / f"out{place}"
        assert restore(first, folder).returncode == 0
        assert (folder / "a.sqlite3").read_bytes() == old["a"]
        told = restore(second, tmp_path / f"second{place}")
        assert "Traceback" not in told.stderr and "MemoryError" not in told.stderr
        assert told.returncode == 1
    newest.write_bytes(whole)
    flip(first_chunk(settings, first, "b", 3))
    for bit in range(0, 64):
        place = first_chunk(settings, second, "a", 0)
        content = bytearray(whole)
        content[place.entry.offset + bit // 8] ^= 1 << bit % 8
        newest.write_bytes(content)
        told = restore(second, tmp_path / f"bit{bit}")
        assert told.returncode == 1 and "Traceback" not in told.stderr
    newest.write_bytes(whole)
    # Stored anew in another pack: the script finds the copy that is sound.
    assert not verify(Context(), settings, first.id, "quick").ok
    create_restore_point(Context(), settings, Reason.MANUAL)
    assert restore(first, tmp_path / "healed").returncode == 0
