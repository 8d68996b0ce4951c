"""Keeps the history within its times and its size; belongs to the writer's thread."""

from __future__ import annotations

import apsw

from core.monitoring.history.tiers import DAY_MS, HOUR_MS, ROLLUPS, TIERS

FUTURE_MS = DAY_MS
"""What lies further ahead was written under a clock that was wrong."""
MOST_EVENTS = 20_000
MOST_INCIDENTS = 20_000
"""A program that crashes every second for a year is still to be told in some megabytes."""
MANY_LAYOUTS = 100
"""Beyond so many the layouts that no row uses any more are looked for."""


def prune(connection: apsw.Connection, now: int) -> None:
    """Delete what is older than its tier keeps; *now* in Unix milliseconds."""
    oldest = now - ROLLUPS[-1].keep
    with connection:
        for tier in TIERS:
            connection.execute(
                f"DELETE FROM {tier.table} WHERE t < ? OR t > ?", (now - tier.keep, now + FUTURE_MS)
            )
        connection.execute(
            "DELETE FROM health_event WHERE t < ?1 OR id <= "
            "(SELECT id FROM health_event ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            (oldest, MOST_EVENTS),
        )
        # One that goes on is never forgotten.
        connection.execute(
            "DELETE FROM alert_incident WHERE resolved IS NOT NULL AND (resolved < ?1 OR id <= "
            "(SELECT id FROM alert_incident ORDER BY id DESC LIMIT 1 OFFSET ?2))",
            (oldest, MOST_INCIDENTS),
        )
        connection.execute("DELETE FROM alert_silence WHERE until < ?", (now - DAY_MS,))
        if int(str(connection.execute("SELECT count(*) FROM health_layout").get)) > MANY_LAYOUTS:
            used = " UNION ".join(f"SELECT layout FROM {tier.table}" for tier in TIERS)
            connection.execute(
                "DELETE FROM health_layout WHERE id NOT IN "
                f"({used} UNION SELECT max(id) FROM health_layout)"
            )


def cap(connection: apsw.Connection, limit: int) -> None:
    """Delete the oldest of the finest tier until what is in use is within *limit* bytes."""
    for tier in TIERS:
        while used_bytes(connection) > limit:
            first, last = connection.execute(
                f"SELECT min(t), max(t) FROM {tier.table}"
            ).fetchone() or (None, None)
            if first is None or last - first < HOUR_MS:
                break  # leave the last hour; the next tier has to give
            with connection:
                connection.execute(
                    f"DELETE FROM {tier.table} WHERE t <= ?", (first + (last - first) // 10,)
                )


def used_bytes(connection: apsw.Connection) -> int:
    """Return the bytes in use in the console's database."""
    pages, free, size = (
        int(str(connection.execute(f"PRAGMA {name}").get))
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size
