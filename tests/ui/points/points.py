"""Restore points made up for tests of what is done with them (never of how they are stored)."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.backup.models import (
    Annotations,
    DatabaseFacts,
    ListedPoint,
    Proof,
    Reason,
    RestorePoint,
    StoredFile,
)


def facts(*, sound: bool = True) -> DatabaseFacts:
    return DatabaseFacts(
        page_size=4096,
        page_count=10,
        encoding="UTF-8",
        user_version=0,
        application_id=0,
        integrity=("ok",) if sound else ("*** in database main ***",),
        tables=(),
        objects=(),
    )


def point(
    created: datetime,
    reason: Reason = Reason.SCHEDULED,
    *,
    sound: bool = True,
    proven: bool | None = None,
    pinned: bool = False,
    moment: datetime | None = None,
    note: str = "",
    number: int = 0,
) -> ListedPoint:
    proof = None if proven is None else Proof(kind="full", at=created, ok=proven)
    stamp = f"{created:%Y%m%dT%H%M%S}{created.microsecond // 1000:03d}Z-{number:06x}"
    return ListedPoint(
        point=RestorePoint(
            id=stamp,
            created=created,
            reason=reason,
            by="operator@desk",
            program_version=None,
            console_version="0.1.0",
            files=tuple(
                StoredFile(
                    name=name,
                    live_path=f"data/{name}.sqlite3",
                    size=40_960,
                    digest="00",
                    index=(),
                    mode=0o600,
                    database=facts(sound=sound),
                )
                for name in ("settings", "strategies", "market_data")
            ),
            added_bytes=1_000,
            moment=moment,
        ),
        annotations=Annotations(note=note, pinned=pinned, full=proof),
    )


def hourly(until: datetime, count: int) -> list[ListedPoint]:
    return [point(until - timedelta(hours=hour), number=hour) for hour in range(count)]
