"""Takes restore points by a clock that is wrong, in this process, and tells of their order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from core.backup.models import Reason, RestorePoint
from core.backup.take import take
from core.base.config.models import Settings
from core.base.operation import Context


def take_at(
    settings: Settings, ahead: timedelta, reason: Reason = Reason.MANUAL, note: str = ""
) -> RestorePoint:
    """Take a restore point while the clock is *ahead* of the right time."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz or UTC) + ahead

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.backup.freeze.datetime", Clock)
        patch.setattr("core.backup.take.datetime", Clock)
        patch.setattr("core.backup.take.lower_priority", lambda: None)
        # The worker process would look at the machine's own clock.
        patch.setattr(
            "core.backup.take.run_in_process", lambda do, *rest, **named: do(*rest, **named)
        )
        return take(Context(), settings, reason, note)
