"""What the journal tells the rollback tab: flags for the time line, and past downtimes."""

from __future__ import annotations

import json
from collections.abc import Iterable

from core.base.journal import Entry, Outcome
from core.base.kind import Kind
from ui.format import duration_text, operation_name, outcome_text
from ui.points.messages import exact_time
from ui.rollback.timeline_layout import Flag, FlagKind

KINDS = {
    Kind.ROLLBACK: FlagKind.ROLLBACK,
    Kind.RECOVER: FlagKind.RECOVERY,
    Kind.MIGRATE_RUN: FlagKind.MIGRATION,
    Kind.MIGRATE_UNDO: FlagKind.ROLLBACK,
    Kind.DEPLOY_RUN: FlagKind.DEPLOYMENT,
    Kind.DEPLOY_ROLLBACK: FlagKind.ROLLBACK,
}


def flags(entries: Iterable[Entry]) -> tuple[Flag, ...]:
    """Return the operations that changed live data as flags."""
    return tuple(
        Flag(
            at=entry.begun,
            kind=KINDS[entry.kind],
            ok=entry.outcome is Outcome.OK,
            label=operation_name(entry.operation),
            tip=_tip(entry),
            target=_target(entry),
        )
        for entry in entries
        if entry.kind in KINDS and entry.outcome is not Outcome.RUNNING
    )


def _tip(entry: Entry) -> str:
    lines = [
        f"{operation_name(entry.operation)} · {outcome_text(entry.outcome)}",
        exact_time(entry.begun),
    ]
    if entry.length_seconds is not None:
        lines.append(duration_text(entry.length_seconds))
    return "\n".join(lines)


def _result(entry: Entry) -> dict[str, object]:
    found = json.loads(entry.result) if entry.result else {}
    return found if isinstance(found, dict) else {}


def _target(entry: Entry) -> str | None:
    target = _result(entry).get("point_id")
    return target if isinstance(target, str) else None
