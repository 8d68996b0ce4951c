"""Takes restore points by a clock that is wrong, in this process, and tells of their order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from core.backup.create import create_restore_point
from core.backup.models import Reason, RestorePoint
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
        patch.setattr("core.backup.capture.engine.datetime", Clock)
        patch.setattr("core.backup.create.datetime", Clock)
        patch.setattr("core.backup.create.lower_priority", lambda: None)
        # The worker process would look at the machine's own clock.
        patch.setattr(
            "core.backup.create.run_in_process", lambda do, *rest, **named: do(*rest, **named)
        )
        return create_restore_point(Context(), settings, reason, note)
