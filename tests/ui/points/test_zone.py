"""A time in full has a zone that anybody reads, on every system."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest

from ui.points.messages import exact_time


class Elsewhere(datetime):
    """A moment on a machine in another zone."""

    zone: tzinfo = UTC

    def astimezone(self, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime(2026, 11, 30, 16, 44, 9, tzinfo=self.zone)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("KST", "2026-11-30 16:44:09 KST"),
        ("대한민국 표준시", "2026-11-30 16:44:09 UTC+09:00"),
        ("Korea Standard Time", "2026-11-30 16:44:09 UTC+09:00"),
    ],
)
def test_a_zone_is_short(name: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Elsewhere, "zone", timezone(timedelta(hours=9), name))
    assert exact_time(Elsewhere(2026, 11, 30, tzinfo=UTC)) == shown
