"""How many rules each strategy has, counted in the legacy tables and in the new ones.

Neither count knows how rows were converted: the one before asks what the legacy tables say of a
strategy, its own rules, the conditions linked to it and those that name it; the one after asks
what fires for it now, and what of it waits for review.  A trigger too many buys once too often.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import apsw
from pydantic import JsonValue

from core.base.text import Text, translate
from migration.models import ValidatorResult
from migration.sql import Source, Value, number, rows
from migration.upbit.sources.detect import Kind, Shape
from migration.upbit.transforms.convert import map_of, read_rows
from migration.upbit.transforms.verbatim import Json, Malformed, Pairs, parse
from migration.upbit.validation.lossless import rebuilt

LISTED = 20
_OWNERS = {
    Shape.UNIFIED_LINKS: Shape.UNIFIED,
    Shape.NEWEST_CONDITIONS: Shape.NEWEST,
    Shape.TASK_CONDITIONS: Shape.TASK,
}
"""The strategies that the column ``strategy_id`` of a shape names."""
_ROLES = ("role", "condition_type")
_FIRED = "domain_trigger_conditions AS l CROSS JOIN domain_triggers AS t ON t.id = l.trigger_id"
Counts = Counter[str]


def compare_rule_counts(
    connection: apsw.Connection, sources: Sequence[Source]
) -> tuple[JsonValue, list[Text]]:
    """Return evidence and what is wrong; *connection* has the databases before attached."""
    parts = {
        "in_strategies": (_own_rules(connection, sources), _own_triggers(connection, sources)),
        "linked": _linked(connection, sources),
    }
    wrong: dict[str, tuple[int, int]] = {}
    for before, after in parts.values():
        for strategy in sorted(before.keys() | after.keys()):
            if before[strategy] != after[strategy]:
                wrong[strategy] = before[strategy], after[strategy]
    problems = [
        translate(
            "migration", "The strategy {id} had {before} rules and has {after}.",
            id=strategy, before=had, after=has,
        )
        for strategy, (had, has) in wrong.items()
    ]  # fmt: skip
    evidence: dict[str, JsonValue] = {
        name: {"strategies": len(before), "before": before.total(), "after": after.total()}
        for name, (before, after) in parts.items()
    }
    return evidence, problems[:LISTED]


def _own_rules(connection: apsw.Connection, sources: Sequence[Source]) -> Counts:
    found: Counts = Counter()
    for source in (one for one in sources if one.kind is Kind.STRATEGIES):
        ids = {
            row: str(new)
            for row, new in rows(
                connection,
                "SELECT source_row, domain_id FROM domain_id_map WHERE source = ?",
                (source.id,),
            )
        }
        for row, values in read_rows(connection, source):
            if row in ids and values is not None:
                found[ids[row]] = rules_in(Shape(source.shape), values)
    return found


def rules_in(shape: Shape, row: Mapping[str, Value]) -> int:
    """Return how many rules a legacy strategy holds itself, or names by their ids."""
    count = 0
    match shape:
        case Shape.ORM_V1:
            count = 1
        case Shape.UNIFIED:
            count = _listed(_json(row, "strategy_data"))
        case Shape.TASK:
            count = _listed(_json(row, "strategy_config"))
        case Shape.COMPONENT:
            count = _embedded(_json(row, "triggers"))
        case Shape.USER:
            count = sum(_elements(row, f"{one}_triggers") for one in ("entry", "exit"))
    return count


def _embedded(held: Json) -> int:
    if not isinstance(held, Pairs):
        return len(held) if isinstance(held, list) else 0
    conditions = [held.get(f"{one}_conditions") for one in ("entry", "exit")]
    own = _listed(held) if held.has("rules") else 0
    return own + sum(len(one) for one in conditions if isinstance(one, list))


def _json(row: Mapping[str, Value], column: str) -> Json:
    text = row.get(column)
    try:
        return parse(str(text)) if text is not None and text != "" else None
    except Malformed:
        return None


def _listed(value: Json) -> int:
    if isinstance(value, Pairs) and value.has("rules"):
        listed = value.get("rules")
        return len(listed) if isinstance(listed, list) else 1
    if isinstance(value, Pairs):
        return int(value.has("rule_id") or value.has("trigger"))
    return len(value) if isinstance(value, list) else 0


def _elements(row: Mapping[str, Value], column: str) -> int:
    if row.get(column) in {None, ""}:
        return 0
    value = _json(row, column)
    if isinstance(value, Pairs):
        return len(value.items)
    return len(value) if isinstance(value, list) else 1


def _own_triggers(connection: apsw.Connection, sources: Sequence[Source]) -> Counts:
    """Count what fires for a strategy by itself or by the ids that it lists, and its parts."""
    listed = [one.id for one in sources if one.shape is Shape.USER_TRIGGERS]
    by_id = ", ".join(str(one) for one in listed)
    strategies = ", ".join(str(one.id) for one in sources if one.kind is Kind.STRATEGIES)
    found: Counts = Counter()
    for sql in (
        "SELECT strategy_id, count(*) FROM domain_triggers WHERE strategy_id IN "
        "(SELECT domain_id FROM domain_id_map WHERE kind = 'strategy') GROUP BY 1",
        # Less those that were made from conditions: one pass, where NOT IN looks up every trigger.
        f"SELECT t.strategy_id, -count(*) FROM {_FIRED} WHERE t.strategy_id IN "
        "(SELECT domain_id FROM domain_id_map WHERE kind = 'strategy') GROUP BY 1",
        "SELECT t.strategy_id, count(*) FROM domain_conditions AS c "
        "JOIN domain_trigger_conditions AS l ON l.condition_id = c.id "
        "JOIN domain_triggers AS t ON t.id = l.trigger_id "
        f"WHERE c.source IN ({by_id}) AND l.source IS NULL AND l.role_from = 'legacy' GROUP BY 1",
        "SELECT m.domain_id, count(*) FROM migration_review AS r JOIN domain_id_map AS m "
        "ON m.source = r.source AND m.source_row = r.source_row "
        f"WHERE r.part <> '' AND r.source IN ({strategies}) GROUP BY 1",
    ):
        found.update(_counted(connection, sql))
    return found


def _linked(connection: apsw.Connection, sources: Sequence[Source]) -> tuple[Counts, Counts]:
    """Count the conditions that rows give to a strategy, but for those that wait for review."""
    before: Counts = Counter()
    after: Counts = Counter()
    for source in (one for one in sources if one.shape in _OWNERS):
        strategy = (
            f"JOIN {map_of(_OWNERS[Shape(source.shape)])} AS m "
            f"ON m.legacy_text = CAST({source.col('strategy_id')} AS TEXT)"
        )
        converted = (
            f"NOT EXISTS (SELECT 1 FROM migration_review AS v WHERE v.source = {source.id} "
            "AND v.source_row = o.source_row AND v.part = '')"
        )
        if source.kind is Kind.LINKS:
            # Rows that link the two over and over are one link: a log of it is no more.
            told = ", ".join(
                source.col(name) for name in ("condition_id", *_ROLES) if source.name(name)
            )
            before.update(
                _counted(
                    connection,
                    f"SELECT domain_id, count(*) FROM (SELECT DISTINCT m.domain_id, {told} "
                    f"FROM {source.rows_sql} AS o {strategy} WHERE {converted}) GROUP BY 1",
                )
            )
            made = f"l.source = {source.id}"
        else:
            before.update(
                _counted(
                    connection,
                    f"SELECT m.domain_id, count(*) FROM {source.rows_sql} AS o {strategy} "
                    f"WHERE {converted} GROUP BY 1",
                )
            )
            made = (
                f"l.source IS NULL AND l.condition_id IN (SELECT c.id FROM domain_conditions AS c "
                f"JOIN {source.rows_sql} AS o ON o.source_row = c.source_row {strategy} "
                f"WHERE c.source = {source.id})"
            )
        after.update(
            _counted(
                connection,
                f"SELECT t.strategy_id, count(*) FROM {_FIRED} WHERE {made} GROUP BY 1",
            )
        )
    return before, after


def _counted(connection: apsw.Connection, sql: str) -> Counts:
    return Counter({str(strategy): int(str(count)) for strategy, count in rows(connection, sql)})


def repeated_rules(connection: apsw.Connection, sources: Sequence[Source]) -> list[Text]:
    """Return which strategies fire a condition in one role more often than they ever did.

    Only a strategy that lists ids can name one twice; those are counted by `compare_rule_counts`.
    """
    listed = ", ".join(str(one.id) for one in sources if one.shape is Shape.USER_TRIGGERS)
    return [
        translate(
            "migration", "The strategy {id} fires the condition {condition} {count} times.",
            id=str(strategy), condition=str(condition), count=int(str(count)),
        )
        for strategy, condition, count in rows(
            connection,
            # Most conditions fire for one strategy alone, and need no second look.
            "WITH several AS MATERIALIZED (SELECT condition_id FROM domain_trigger_conditions "
            "GROUP BY 1 HAVING count(*) > 1) "
            f"SELECT t.strategy_id, l.condition_id, count(*) FROM {_FIRED} "
            "JOIN domain_conditions AS c ON c.id = l.condition_id "
            "WHERE l.condition_id IN several "
            f"AND NOT (c.source IN ({listed}) AND l.source IS NULL AND l.role_from = 'legacy') "
            "GROUP BY t.strategy_id, l.condition_id, t.trigger_type HAVING count(*) > 1 "
            f"LIMIT {LISTED}",
        )
    ]  # fmt: skip


def count_legacy_rows(connection: apsw.Connection, sources: Sequence[Source]) -> ValidatorResult:
    """Count of every legacy table what was converted, and the rules of strategies."""
    problems: list[Text] = []
    listed: list[JsonValue] = []
    for source in sources:
        before = number(connection, f"SELECT count(*) FROM {source.rows_sql}")
        converted, review = (
            number(connection, f"SELECT count(*) FROM {way.place}") for way in rebuilt(source)
        )
        listed.append(
            {"database": source.database, "table": source.table, "shape": source.shape.value,
             "rows": before, "converted": converted, "needing_review": review}
        )  # fmt: skip
        if before != converted + review:
            problems.append(
                translate(
                    "migration",
                    "Of {rows} rows of {table} {converted} were converted, {review} need review.",
                    rows=before, table=source.table, converted=converted, review=review,
                )
            )  # fmt: skip
    rules, wrong = compare_rule_counts(connection, sources)
    problems += wrong
    return ValidatorResult(
        name="record_counts",
        ok=not problems,
        evidence={"legacy_tables": listed, "rules": rules},
        problems=tuple(problems),
    )
