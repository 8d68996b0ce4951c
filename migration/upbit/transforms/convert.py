"""Converts the strategies and their components into the new tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import apsw

from core.base.sqlite import quote
from core.base.text import translate
from migration.engine.scripts import Deployment
from migration.sql import Row, Source, Value, number, rows
from migration.upbit.sources.detect import Kind, Shape, detect
from migration.upbit.transforms.homes import carried_of, carried_whole, new_id, storage_of
from migration.upbit.transforms.strategies import NAMES, Derived, NotConvertible, derive

Roles = dict[str, str]


class Converted(NamedTuple):
    """A strategy row as it is to be, or why it is not."""

    row: int
    legacy: Value
    domain_id: str
    derived: Derived | None
    reason: str


def schemas_of(connection: apsw.Connection) -> dict[str, str]:
    """Return the databases that *connection* has open by name: its own one and those attached."""
    attached = [
        str(name)
        for _, name, _ in rows(connection, "PRAGMA database_list")
        if name not in {"main", "temp"} and not str(name).startswith("was_")
    ]
    return {"strategies": "main"} | {name: name for name in attached if name != "strategies"}


def register_sources(connection: apsw.Connection) -> tuple[Source, ...]:
    """Find the legacy tables and write down which they are."""
    sources = detect(connection, schemas_of(connection))
    connection.executemany(
        "INSERT INTO migration_sources VALUES (?, ?, ?, ?, ?)",
        [
            (source.id, source.database, source.table, source.shape.value,
             json.dumps(source.columns, ensure_ascii=False))
            for source in sources
        ],
    )  # fmt: skip
    return sources


def read_rows(
    connection: apsw.Connection, source: Source
) -> Iterator[tuple[int, dict[str, Value] | None]]:
    """Yield number and values of each row, columns in lower case.

    None stands for a row with text that is no text: bytes that do not decode.
    """
    encoding = str(rows(connection, f"PRAGMA {quote(source.schema)}.encoding")[0][0])
    listed = ", ".join(
        f"typeof({name}), CASE typeof({name}) WHEN 'text' THEN CAST({name} AS BLOB) ELSE {name} END"
        for name in map(quote, source.columns)
    )
    for found in connection.execute(
        f"SELECT source_row, {listed} FROM {source.rows_sql} ORDER BY source_row"
    ):
        yield int(str(found[0])), _decoded(source, found, encoding)


def _decoded(source: Source, found: Row, encoding: str) -> dict[str, Value] | None:
    values: dict[str, Value] = {}
    for position, column in enumerate(source.columns):
        kind, value = found[1 + 2 * position], found[2 + 2 * position]
        if kind == "text" and isinstance(value, bytes):
            try:
                value = value.decode(encoding)
            except UnicodeDecodeError:
                return None
        values[column.lower()] = value
    return values


def roles_of(
    deployment_decisions: tuple[Mapping[str, Value], ...], source: Source
) -> dict[int, Roles]:
    """Return the decided roles of the parts of the rows of *source*."""
    found: dict[int, Roles] = {}
    for decision in deployment_decisions:
        part, row, role = decision.get("part"), decision.get("row"), decision.get("role")
        if (
            decision.get("database") == source.database
            and str(decision.get("table")).lower() == source.table.lower()
            and part and role and row is not None and not decision.get("leave")
        ):  # fmt: skip
            found.setdefault(int(str(row)), {})[str(part)] = str(role)
    return found


def converted(
    connection: apsw.Connection,
    source: Source,
    decisions: tuple[Mapping[str, Value], ...],
    taken: dict[str, tuple[Source, int]],
) -> Iterator[Converted]:
    """Yield what each row of *source* becomes; *taken* collects the ids in use."""
    roles = roles_of(decisions, source)
    for row, values in read_rows(connection, source):
        if values is None:
            yield Converted(row, None, "", None, "not_text")
            continue
        legacy = values.get(source.key) if source.key else None
        if legacy is None:
            yield Converted(row, legacy, "", None, "no_id")
            continue
        domain_id = new_id(Shape(source.shape), legacy)
        if domain_id in taken:
            same = taken[domain_id][0].id not in {0, source.id} and _equal(
                connection, source, row, *taken[domain_id]
            )
            reason = "duplicate" if same else "id_taken"
            yield Converted(row, legacy, domain_id, None, reason)
            continue
        try:
            derived = derive(Shape(source.shape), values, roles.get(row, {}))
        except NotConvertible as why:
            yield Converted(row, legacy, domain_id, None, why.reason)
            continue
        taken[domain_id] = (source, row)
        yield Converted(row, legacy, domain_id, derived, "")


def _equal(
    connection: apsw.Connection, source: Source, row: int, other: Source, other_row: int
) -> bool:
    return source.columns == other.columns and _whole(connection, source, row) == _whole(
        connection, other, other_row
    )


def _whole(connection: apsw.Connection, source: Source, row: int) -> Row:
    listed = [quote(column) for column in source.columns]
    return rows(
        connection,
        f"SELECT {storage_of(listed, {})}, CAST({carried_of(listed, {})} AS BLOB) "
        f"FROM {source.rows_sql} WHERE source_row = ?",
        (row,),
    )[0]


def existing_ids(connection: apsw.Connection) -> dict[str, tuple[Source, int]]:
    """Return the ids that were in `domain_strategies` before; they are nobody's to take."""
    nobody = Source(0, "", "main", "", Shape.TASK, Kind.STRATEGIES, (), None, None, ())
    return {
        str(one): (nobody, 0) for (one,) in rows(connection, "SELECT id FROM domain_strategies")
    }


def natives(source: Source) -> dict[int, str]:
    """Return which columns of a strategy stand in `domain_strategies`, and when."""
    names = (*NAMES.get(Shape(source.shape), ("name",)), "description")
    first = next((name for name in names if source.name(name)), None)
    return {
        position: f"typeof(o.{quote(column)}) = 'text'"
        for position, column in enumerate(source.columns)
        if column.lower() in {first, "description"}
    }


def convert_strategies(connection: apsw.Connection, deployment: Deployment) -> None:
    """Convert every strategy of every shape; what cannot be goes to review, whole."""
    sources = register_sources(connection)
    taken = existing_ids(connection)
    for source in (one for one in sources if one.kind is Kind.STRATEGIES):
        total = number(connection, f"SELECT count(*) FROM {source.rows_sql}")
        what = translate("migration", "Converting {table}", table=source.table)
        for done, one in enumerate(
            converted(connection, source, deployment.decisions, taken), start=1
        ):
            if one.derived is None:
                review(connection, source, one.row, one.reason)
            else:
                _insert(connection, source, one, one.derived)
            if done % 500 == 0 or done == total:
                deployment.progress(done, total, what)
    for source in (one for one in sources if one.kind is Kind.COMPONENTS):
        convert_components(connection, source)


def strategy_rows(
    source: Source, one: Converted, derived: Derived
) -> dict[str, list[tuple[Value, ...]]]:
    """Return the rows of one strategy by table, apart from what is carried in SQL."""
    base = f"{source.id}_{one.row:012d}"
    return {
        "domain_strategies": [
            (one.domain_id, 1, derived.name, derived.description, derived.created_at,
             derived.updated_at)
        ],
        "domain_triggers": [
            (f"rule{base}_{t.suffix}", one.domain_id, t.role, t.variable_config,
             t.evaluation_config, derived.created_at)
            for t in derived.triggers
        ],
        "domain_management_rules": [
            (f"mgt{base}_{r.suffix}", one.domain_id, f"rule{base}_{r.suffix}", r.rule_type,
             r.priority, r.parameters)
            for r in derived.rules
        ],
        "domain_id_map": [(source.id, one.row, one.legacy, "strategy", one.domain_id)],
    }  # fmt: skip


def configuration_row(derived: Derived) -> tuple[Value, ...]:
    """Return the derived columns of a configuration."""
    return (
        derived.strategy_type, derived.is_active, derived.entry_logic, derived.exit_logic,
        derived.configuration,
    )  # fmt: skip


def _insert(connection: apsw.Connection, source: Source, one: Converted, derived: Derived) -> None:
    for table, found in strategy_rows(source, one, derived).items():
        if found:
            marks = ", ".join("?" * len(found[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", found)
    listed = [f"o.{quote(column)}" for column in source.columns]
    native = natives(source)
    connection.execute(
        f"INSERT INTO domain_strategy_configurations SELECT ?, ?, o.source_row, ?, ?, ?, ?, ?, "
        f"{storage_of(listed, native)}, {carried_of(listed, native)} "
        f"FROM {source.rows_sql} AS o WHERE o.source_row = ?",
        (one.domain_id, source.id, *configuration_row(derived), one.row),
    ).fetchall()
    for part in derived.parts:
        connection.execute(
            "INSERT INTO migration_review (source, source_row, part, reason, carried) "
            "VALUES (?, ?, ?, ?, ?)",
            (source.id, one.row, part.path, part.reason, part.text),
        ).fetchall()


def review(connection: apsw.Connection, source: Source, row: int, reason: str) -> None:
    """Carry one row whole, for somebody to look at."""
    connection.execute(
        f"INSERT INTO migration_review (source, source_row, reason, storage, carried) "
        f"SELECT ?, o.source_row, ?, {carried_whole(source)} "
        f"FROM {source.rows_sql} AS o WHERE o.source_row = ?",
        (source.id, reason, row),
    ).fetchall()


COMPONENT_ID = "printf('part%d_%012d', {source}, o.source_row)"


def convert_components(connection: apsw.Connection, source: Source) -> None:
    """Convert the rows that say of what a strategy is put together."""
    joined = component_join(source)
    fits = component_fits(source)
    connection.execute(
        f"INSERT INTO domain_strategy_components SELECT {COMPONENT_ID.format(source=source.id)}, "
        f"m.domain_id, {source.col('component_type')}, {source.col('component_data')}, "
        f"{component_ordinal(source)}, {source.id}, o.source_row, {carried_whole(source)} "
        f"FROM {joined} WHERE {fits}"
    ).fetchall()
    connection.execute(
        f"INSERT INTO migration_review (source, source_row, reason, storage, carried) "
        f"SELECT {source.id}, o.source_row, iif(m.domain_id IS NULL, 'no_strategy', "
        f"'malformed_json'), {carried_whole(source)} "
        f"FROM {joined} WHERE NOT ({fits})"
    ).fetchall()


def component_ordinal(source: Source) -> str:
    """Return the SQL of the place of a component among its strategy's."""
    return f"CAST({source.col('order_index')} AS INTEGER)"


def component_fits(source: Source) -> str:
    """Return the condition under which a component is converted."""
    kind, data = source.col("component_type"), source.col("component_data")
    return (
        f"m.domain_id IS NOT NULL AND typeof({kind}) = 'text' AND typeof({data}) = 'text' "
        f"AND json_valid({data})"
    )


def component_join(source: Source) -> str:
    """Return the FROM term of components with the strategies that they belong to."""
    reference = source.col("strategy_id")
    return (
        f"{source.rows_sql} AS o LEFT JOIN {map_of(Shape.COMPONENT)} AS m "
        f"ON m.legacy_text = CAST({reference} AS TEXT)"
    )


def map_of(shape: Shape) -> str:
    """Return a FROM term with the new ids of all strategies of *shape* by their legacy ids.

    An id that could mean two strategies (1 and '1') means none.
    """
    return (
        "(SELECT CAST(legacy_id AS TEXT) AS legacy_text, min(domain_id) AS domain_id "
        "FROM domain_id_map "
        "WHERE kind = 'strategy' AND source IN (SELECT id FROM migration_sources "
        f"WHERE shape = '{shape.value}') GROUP BY 1 HAVING count(*) = 1)"
    )
