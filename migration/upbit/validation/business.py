"""Whether strategies decide after the migration what they decided before it, and how fast.

The program's typical queries are timed before and after, on this machine.
"""

from __future__ import annotations

import contextlib
import math
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import apsw

from core.base.cleanup import attempt, concluding
from core.base.operation import Context
from core.base.sqlite import open_memory, open_quietly, quote
from core.base.text import Text, translate
from migration.engine.lint import confined, schema_of
from migration.engine.scripts import NotVerified
from migration.models import ValidatorResult
from migration.sql import Source, Value, number, rows
from migration.upbit.rules.evaluator import Candle, Decision, Rule, UnknownRule, decide
from migration.upbit.rules.strategies import (
    basic_seven_rules,
    create_strategy,
    legacy_rules,
    linked_conditions,
    migrated_rules,
)
from migration.upbit.sources.detect import Kind, Shape
from migration.upbit.transforms.convert import read_rows
from migration.upbit.transforms.versions import add_version, wrong_versions
from migration.upbit.validation.rule_counts import repeated_rules

MARKET_DATA = "market_data"
"""The database of the candles."""
CANDLES = re.compile(r"candles_.+_1m", re.IGNORECASE)
TABLES = 2
CANDLES_A_TABLE = 2_000
LISTED = 50
REMEMBERED = 256
"""Sets of rules whose decisions are kept: many strategies have the same ones."""
Series = dict[str, tuple[Candle, ...]]
Decisions = dict[str, tuple[Decision, ...]]


def practice_walk() -> tuple[Candle, ...]:
    """Return a made-up series in which falls, rises, a crash and a spike make every rule act."""
    price, found = 1_000.0, []
    for minute in range(1_500):
        swing = 0.012 * math.sin(minute / 17.0) + 0.004 * math.sin(minute / 3.1)
        jump = {400: -0.08, 700: 0.07, 1_100: -0.12}.get(minute, 0.0)
        price *= 1.0 + swing / 3.0 + jump
        found.append(Candle(1_756_000_000 + 60 * minute, price))
    return tuple(found)


def read_candles(path: Path | None) -> Series:
    """Return the newest candles of some tables, read-only; call it in a worker process."""
    series: Series = {"practice": practice_walk()}
    if path is None or not path.exists():
        return series
    connection = open_quietly(path)
    with concluding(connection.close):
        names = [
            str(name)
            for (name,) in rows(
                connection, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
            )
            if CANDLES.fullmatch(str(name))
        ]
        for name in names[:TABLES]:
            found = [
                Candle(_seconds(str(at)), float(close))
                for at, close in reversed(
                    rows(
                        connection,
                        f"SELECT candle_date_time_utc, trade_price FROM {quote(name)} "
                        "ORDER BY candle_date_time_utc DESC LIMIT ?",
                        (CANDLES_A_TABLE,),
                    )
                )
                if isinstance(close, int | float) and close > 0
            ]
            if found:
                series[name] = tuple(found)
    return series


def _seconds(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def validate_business_logic(
    context: Context,
    connection: apsw.Connection,
    sources: Sequence[Source],
    series: Series,
    moment: str,
) -> ValidatorResult:
    """Run every strategy, legacy and migrated, over the same candles.

    *connection* has the migrated database open as ``main`` and the one before attached, to which
    *sources* refer.
    """
    problems: list[Text] = []
    equal = decisions = 0
    unproven: list[str] = []
    decide_over = _deciding(series)
    for source in (one for one in sources if one.kind is Kind.STRATEGIES):
        ids = {
            int(str(row)): str(new)
            for row, new in rows(
                connection,
                "SELECT source_row, domain_id FROM domain_id_map WHERE source = ?",
                (source.id,),
            )
        }
        for row, values in read_rows(connection, source):
            context.check()
            if row not in ids or values is None:
                continue  # it needs review, and is listed there
            try:
                had = legacy_rules(Shape(source.shape), values)
                has = _migrated(connection, ids[row])
                before, after = decide_over(had), decide_over(has)
            except UnknownRule as why:
                unproven.append(f"{ids[row]}: {why}")
                continue
            decisions += sum(len(value) for value in after.values())
            linked = linked_conditions(connection, ids[row])
            if before != after:
                problems.append(_differs(ids[row], before, after))
            elif Counter(map(repr, had)) != Counter(map(repr, has)):
                # A rule that stands there twice may decide alike, until it fires twice.
                problems.append(
                    translate(
                        "migration", "The strategy {id} has not the same rules, each once.",
                        id=ids[row],
                    )
                )  # fmt: skip
            elif linked:
                # Its rules decide alike; what its conditions decide the evaluator cannot tell.
                unproven.append(f"{ids[row]}: {linked} conditions beside its rules")
            else:
                equal += 1
    problems += repeated_rules(connection, sources)
    basic, basic_problems = check_basic_strategy(connection, series["practice"], moment)
    problems += basic_problems
    return ValidatorResult(
        name="business_logic",
        ok=not problems,
        evidence={
            "strategies_equal": equal,
            "strategies_not_provable": len(unproven),
            "not_provable": list(unproven[:LISTED]),
            "decisions_compared": decisions,
            "candles": {name: len(candles) for name, candles in series.items()},
            "basic_seven_rule_strategy": dict(basic),
        },
        problems=tuple(problems),
    )


def _deciding(series: Series) -> Callable[[tuple[Rule, ...]], Decisions]:
    """Return what tells the decisions of rules over *series*.

    They depend on nothing else, so rules that were asked about lately are not run again.
    """
    known: dict[str, Decisions] = {}

    def decide_over(rules: tuple[Rule, ...]) -> Decisions:
        key = repr(rules)
        if key not in known:
            if len(known) >= REMEMBERED:
                del known[next(iter(known))]
            known[key] = {name: decide(rules, candles) for name, candles in series.items()}
        return known[key]

    return decide_over


def _migrated(connection: apsw.Connection, domain_id: str) -> tuple[Rule, ...]:
    try:
        return migrated_rules(connection, domain_id)
    except UnknownRule:
        return ()  # known before, unknown now: the decisions will differ


def _differs(
    domain_id: str,
    before: Decisions,
    after: Decisions,
) -> Text:
    name = next(one for one in before if before[one] != after[one])
    ticks = {one.tick for one in set(before[name]) ^ set(after[name])}
    return translate(
        "migration",
        "The strategy {id} decides otherwise than before, first at tick {tick} of {candles}.",
        id=domain_id,
        tick=min(ticks, default=0),
        candles=name,
    )


def check_basic_strategy(
    connection: apsw.Connection, candles: Sequence[Candle], moment: str
) -> tuple[dict[str, int | str], list[Text]]:
    """Create, read back, version and run the basic strategy, in a copy of the new schema."""
    scratch = open_memory()
    try:
        with confined(scratch):
            for sql in schema_of(connection):
                if re.search(r"\bdomain_|\bmigration_", sql):
                    scratch.execute(sql).fetchall()
        scratch.execute("PRAGMA foreign_keys = ON").fetchall()
        rules = basic_seven_rules()
        create_strategy(scratch, "basic_seven_rules", "기본 7규칙 전략", rules, moment)
        read_back = migrated_rules(scratch, "basic_seven_rules")
        version = add_version(scratch, "basic_seven_rules", "edited", moment)
        made = decide(read_back, candles)
        wrong = wrong_versions(scratch)
        parents = number(
            scratch, "SELECT count(*) FROM domain_strategy_versions WHERE parent_version = 1"
        )
    except (apsw.Error, UnknownRule, NotVerified) as error:
        return {"error": str(error)}, [
            translate(
                "migration",
                "The basic 7-rule strategy cannot be kept in the new schema: {why}",
                why=str(error),
            )
        ]
    finally:
        attempt(scratch.close)
    evidence: dict[str, int | str] = {
        "rules": len(read_back), "versions": version, "decisions": len(made),
        "rules_that_acted": len({one.rule for one in made}),
    }  # fmt: skip
    if len(read_back) == 7 and version == 2 and parents == 1 and not wrong and made:
        return evidence, []
    return evidence, [
        translate("migration", "The basic 7-rule strategy did not come back as it was made.")
    ]


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
