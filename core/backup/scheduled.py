"""What the schedule asks for now: a backup, else the proof of a restore point."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.backup.check import CheckPending
from core.backup.create import CreateRestorePoint
from core.backup.models import ListedPoint, Reason
from core.backup.schedule import due, due_drill, last_backup
from core.backup.verify import VerifyRestorePoint
from core.base.config.models import Settings
from core.base.operation import Operation


def scheduled_operation(
    settings: Settings, listed: Sequence[ListedPoint], now: datetime
) -> Operation[object] | None:
    """Return the operation that is due, or None; a missed one is due until it is made up for."""
    schedule = settings.schedule
    if due(schedule, last_backup(listed, now), now):
        return CreateRestorePoint(settings, Reason.SCHEDULED)
    if any(not one.checked and not one.damaged for one in listed):
        return CheckPending(settings)
    drill = due_drill(schedule, listed, now)
    if drill is not None:
        return VerifyRestorePoint(settings, drill.point_id, drill.kind)
    return None
