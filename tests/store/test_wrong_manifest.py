"""A manifest that was changed is no restore point."""

from __future__ import annotations

import pytest

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.backup.store import Store
from core.base.config.models import Settings
from core.base.operation import Context, OperationError


def test_a_manifest_that_says_something_else_is_damaged(settings: Settings) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    store = Store(settings.store)
    path = store.points / f"{point.id}.json"
    path.write_bytes(path.read_bytes().replace(b'"reason":"manual"', b'"reason":"scheduled"'))
    assert [one.point.id for one in store.listed()] == []
    assert list(store.damaged()) == [point.id]
    with pytest.raises(OperationError, match="digest"):
        store.get(point.id)
