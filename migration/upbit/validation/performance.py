"""How long the program's typical queries take, before and after, on this machine."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Sequence

import apsw

from core.base.sqlite import quote
from core.base.text import Text, translate
from migration.models import ValidatorResult
from migration.sql import Source, Value, rows
from migration.upbit.sources.evidence import Kind

LIMIT_MS = 100.0
TIMES = 5

_NEW = (
    (
        translate("migration", "list of strategies"),
        "SELECT id, name, updated_at FROM domain_strategies ORDER BY id LIMIT 200",
    ),
    (translate("migration", "one strategy"), "SELECT * FROM domain_strategies WHERE id = :id"),
    (
        translate("migration", "its configuration"),
        "SELECT * FROM domain_strategy_configurations WHERE strategy_id = :id",
    ),
    (
        translate("migration", "its triggers"),
        "SELECT * FROM domain_triggers WHERE strategy_id = :id ORDER BY id LIMIT 500",
    ),
    (
        translate("migration", "entry triggers"),
        "SELECT * FROM domain_triggers WHERE trigger_type = 'ENTRY' LIMIT 100",
    ),
    (
        translate("migration", "its newest version"),
        "SELECT version, sha256 FROM domain_strategy_versions WHERE strategy_id = :id "
        "ORDER BY version DESC LIMIT 1",
    ),
    (
        translate("migration", "what needs review"),
        "SELECT source, source_row, reason FROM migration_review LIMIT 200",
    ),
)


def validate_performance(connection: apsw.Connection, sources: Sequence[Source]) -> ValidatorResult:
    """Time the queries; *sources* refer to the database before, attached to *connection*."""
    evidence: dict[str, float] = {}
    ratios: dict[str, float] = {}
    names: dict[str, Text] = {}
    for shown, sql in _NEW:
        found = rows(connection, "SELECT id FROM domain_strategies ORDER BY id LIMIT 1")
        names[str(shown)] = shown
        evidence[str(shown)] = _median_ms(connection, sql, {"id": found[0][0] if found else ""})
    for source in sources:
        if source.schema != "was_strategies":
            continue
        was, now = _legacy(source, source.schema), _legacy(source, "main")
        for (shown, sql_before), (_, sql_after) in zip(was, now, strict=True):
            name = str(shown)
            names[name] = shown
            before = _median_ms(connection, sql_before, {})
            after = _median_ms(connection, sql_after, {})
            evidence[name] = after
            ratios[name] = round(after / before, 3) if before else 1.0
    slow = [name for name, taken in evidence.items() if taken >= LIMIT_MS]
    return ValidatorResult(
        name="performance",
        ok=not slow,
        evidence={
            "milliseconds_after": {name: round(value, 4) for name, value in evidence.items()},
            "ratio_to_before": dict(ratios),
            "limit_milliseconds": LIMIT_MS,
        },
        problems=tuple(
            translate(
                "migration", "The query '{name}' takes {ms} ms.", name=names[name],
                ms=round(evidence[name], 1),
            )
            for name in slow
        ),
    )  # fmt: skip


def _legacy(source: Source, schema: str) -> list[tuple[Text, str]]:
    place = f"{quote(schema)}.{quote(source.table)}"
    first = translate("migration", "first rows of {table}", table=source.table)
    queries = [(first, f"SELECT * FROM {place} LIMIT 200")]
    if source.key is not None and source.kind in {Kind.STRATEGIES, Kind.CONDITIONS}:
        key = quote(source.name(source.key) or source.key)
        queries.append(
            (
                translate("migration", "newest row of {table}", table=source.table),
                f"SELECT * FROM {place} WHERE {key} = (SELECT max({key}) FROM {place})",
            )
        )
    return queries


def _median_ms(connection: apsw.Connection, sql: str, bindings: dict[str, Value]) -> float:
    taken = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        # Text that is none ends the reading, as it does for the program.
        with contextlib.suppress(UnicodeDecodeError):
            for _row in connection.execute(sql, bindings):
                pass
        taken.append((time.perf_counter() - begun) * 1000.0)
    return statistics.median(taken)
