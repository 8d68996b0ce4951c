"""What the first start sets up does not get in the way of what it starts."""

from __future__ import annotations

from core.base.bootstrap import DEV_LOCK, INSIDE, LOCK
from core.base.config.load import PREFIX


def test_the_mark_of_a_prepared_environment_is_no_setting() -> None:
    assert not INSIDE.startswith(PREFIX)


def test_both_locks_pin_every_package_by_hash_and_name_no_registry() -> None:
    for lock in (LOCK, DEV_LOCK):
        text = lock.read_text(encoding="utf-8")
        pinned = [
            line for line in text.splitlines() if "==" in line and not line.startswith(("#", " "))
        ]
        assert pinned and text.count("--hash=sha256:") >= len(pinned)
        assert "://" not in text
