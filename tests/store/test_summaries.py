"""A list of restore points reads no manifest that it has read before."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from core.backup.catalogue import Catalogue
from core.backup.create import create_restore_point, new_id
from core.backup.models import Reason, RestorePoint
from core.backup.retention.operations import DeletePoints
from core.backup.store import Store
from core.backup.store.points import manifest_path, write_point
from core.backup.verify import VerifyAll
from core.base.config.models import Settings
from core.base.operation import Context, OperationError


@pytest.fixture
def many(settings: Settings) -> Store:
    """A store of twenty restore points that was listed once."""
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    store = Store(settings.store)
    for number in range(1, 20):
        at = point.created + timedelta(seconds=number)
        more = {"id": new_id(at), "created": at, "sequence": number + 1}
        write_point(store.points, point.model_copy(update=more))
    assert len(store.listed()) == 20
    return store


def path_of(store: Store, point: RestorePoint) -> Path:
    return manifest_path(store.points, point.id)


def test_what_was_read_is_remembered_and_what_is_used_is_read(many: Store) -> None:
    listed = many.listed()
    newest = listed[0].point
    assert newest == many.get(newest.id).point.summarised()
    with pytest.raises(TypeError, match="summarised"):
        assert newest.file("strategies").facts
    path = path_of(many, newest)
    before = path.stat()
    path.write_bytes(b"x" * before.st_size)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert many.listed() == listed, "a manifest of the same size and time is not read again"
    with pytest.raises(OperationError, match="manifest"):
        many.get(newest.id)


def test_a_bit_that_flipped_is_met_before_anything_is_removed(
    many: Store, settings: Settings
) -> None:
    """Neither size nor time of the manifest tell of it."""
    oldest, *_, newest = [listed.point.id for listed in reversed(many.listed())]
    path = manifest_path(many.points, oldest)
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert many.damaged() == {}, "a list does not look"
    others = [listed.point.id for listed in many.listed() if listed.point.id != oldest]
    with pytest.raises(OperationError):
        DeletePoints(settings, tuple(others)).run(Context())
    assert many.get(newest)
    assert list(VerifyAll(settings).run(Context()).damaged) == [oldest]


def test_a_manifest_that_changed_or_went_is_seen(many: Store) -> None:
    catalogue = Catalogue(many.root)
    newest, second, *rest = [listed.point for listed in catalogue.read().points]
    whole = many.get(second.id).point
    many.replace(whole.model_copy(update={"unchecked": ("strategies",)}))
    path_of(many, newest).write_bytes(b"damaged")
    many.delete([rest[-1].id])
    listing = catalogue.read()
    for listed, damaged in (many.read(), (listing.points, listing.damaged)):
        assert list(damaged) == [newest.id]
        assert [item.point.id for item in listed] == [second.id, *(point.id for point in rest[:-1])]
        assert not listed[0].checked


@pytest.mark.parametrize("content", [b"", b"x", b"{}", None])
def test_what_is_remembered_may_be_lost(many: Store, content: bytes | None) -> None:
    listed = many.listed()
    path = many.root / "summaries"
    kept = path.read_bytes()
    if content is None:
        path.unlink()
    else:
        path.write_bytes(kept[:100] + content + kept[101:] if content == b"x" else content)
    assert many.listed() == listed
    assert path.read_bytes() == kept, "written anew"


def test_a_store_that_cannot_be_written_is_listed(many: Store) -> None:
    path = many.root / "summaries"
    path.unlink()
    path.mkdir()
    assert len(many.listed()) == 20
    assert many.left_behind() == []
