"""Converts conditions into triggers: by SQL, in chunks, a million as well as a dozen.

Every legacy condition either becomes a row of `domain_conditions`, with a trigger for each
strategy that uses it, or goes to review whole.  Its columns keep their values and storage
classes; the JSON of a trigger is made from these columns alone, so that it can be proven.
"""

from __future__ import annotations

import apsw

from core.base.sqlite import quote
from core.base.text import Text, translate
from migration.engine.scripts import Deployment
from migration.sql import Source, number
from migration.upbit.sources.detect import Kind, Shape
from migration.upbit.transforms.candidates import make_candidates
from migration.upbit.transforms.homes import (
    COLUMNS,
    JSON,
    carried_of,
    carried_whole,
    condition_id,
    home_of,
    problem_of,
    storage_of,
)

CHUNK = 50_000
PART = "\0part"
"""Stands in a statement where the rows of a chunk are named; no name of a table holds NUL."""


def _variable_config(source: Source) -> str:
    """Return the JSON of a trigger's variable, from its condition ``c``."""
    parameters = _nested(source, "variable_params")
    return (
        "json_object('condition_id', c.id, 'name', c.name, 'variable_id', c.variable_id, "
        f"'variable_name', c.variable_name, 'variable_params', {parameters})"
    )


def _evaluation_config(source: Source) -> str:
    """Return the JSON of a trigger's evaluation, from its condition ``c`` and its link ``k``."""
    return (
        "json_object('operator', c.operator, 'comparison_type', c.comparison_type, "
        f"'target_value', c.target_value, "
        f"'external_variable', {_nested(source, 'external_variable')}, "
        f"'external_params', {_nested(source, 'external_params')}, "
        "'trend_direction', c.trend_direction, 'logic', coalesce(k.logic, c.logic), "
        "'ordinal', coalesce(k.ordinal, c.ordinal), 'is_active', c.is_active)"
    )


def _nested(source: Source, name: str) -> str:
    if name in JSON[Shape(source.shape)]:
        # Whatever else it was, `problem_of` found; parsing it once more would be for nothing.
        return f"CASE WHEN c.{name} = '' THEN c.{name} ELSE json(c.{name}) END"
    return f"CASE WHEN json_valid(c.{name}) THEN json(c.{name}) ELSE c.{name} END"


CREATED_AT = "iif(typeof(c.created_at) = 'blob', NULL, c.created_at)"
"""When a trigger was made; a blob is no time, and stays with its condition alone."""


def convert_conditions(connection: apsw.Connection, deployment: Deployment,
                       sources: tuple[Source, ...]) -> None:  # fmt: skip
    """Convert all conditions and links; what cannot be goes to review, whole."""
    make_candidates(connection, deployment, sources)
    # Built again at once afterwards: sorted, which is several times faster.
    for index in ("idx_domain_triggers_strategy_id", "idx_domain_triggers_type"):
        connection.execute(f"DROP INDEX IF EXISTS {index}").fetchall()
    conditions = [one for one in sources if one.kind is Kind.CONDITIONS]
    for source in conditions:
        _insert_conditions(connection, deployment, source, "good")
    for source in conditions:
        if len(conditions) > 1:
            _insert_duplicates(connection, deployment, source)
    for source in conditions:
        _insert_triggers(connection, deployment, source)
    for source in sources:
        if source.kind is Kind.LINKS:
            _insert_links(connection, deployment, source)
    _insert_own_links(connection)
    for source in conditions:
        _review_conditions(connection, deployment, source)
    for source in sources:
        if source.kind is Kind.LINKS:
            _review_links(connection, source)
    _review_parts(connection)
    connection.execute(
        "CREATE INDEX idx_domain_triggers_strategy_id ON domain_triggers(strategy_id)"
    ).fetchall()
    connection.execute(
        "CREATE INDEX idx_domain_triggers_type ON domain_triggers(trigger_type)"
    ).fetchall()
    for table in ("good", "candidate", "duplicate", "lost_part", "decision", "named"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}").fetchall()


def chunks(connection: apsw.Connection, deployment: Deployment, source: Source) -> list[str]:
    """Return conditions on ``o.source_row`` that divide the rows of *source*."""
    if source.rowid is None:
        return ["1"]
    place = f"{quote(source.schema)}.{quote(source.table)}"
    low = number(connection, f"SELECT min({source.rowid}) FROM {place}")
    high = number(connection, f"SELECT max({source.rowid}) FROM {place}")
    if high - low > CHUNK * 10_000:
        return ["1"]  # numbers far apart: dividing them evenly would divide nothing
    return [
        f"o.source_row BETWEEN {start} AND {start + CHUNK - 1}"
        for start in range(low, high + 1, CHUNK)
    ]


def _in_chunks(
    connection: apsw.Connection, deployment: Deployment, source: Source, sql: str
) -> None:
    what = translate("migration", "Converting {table}", table=source.table)
    total = number(connection, f"SELECT count(*) FROM {quote(source.schema)}.{quote(source.table)}")
    parts = chunks(connection, deployment, source)
    for done, part in enumerate(parts, start=1):
        connection.execute(sql.replace(PART, part)).fetchall()
        deployment.progress(total * done // len(parts), total, what)


def condition_select(source: Source) -> str:
    """Return the SQL of the values of a condition in the order of `domain_conditions`."""
    home = home_of(source)
    values = ", ".join(
        f"o.{quote(home.native[name])}" if name in home.native else "NULL" for name in COLUMNS
    )
    listed = [f"o.{quote(one)}" for one in home.carried]
    rest = f"{storage_of(listed, {})}, {carried_of(listed, {})}" if listed else "NULL, NULL"
    return f"{values}, {rest}"


def _insert_conditions(
    connection: apsw.Connection, deployment: Deployment, source: Source, chosen: str
) -> None:
    columns = ", ".join(COLUMNS)
    # Looking each one up where all are chosen would be for nothing.
    some = chosen != "good" or _left(connection, source)
    join = f"JOIN temp.{chosen} AS g ON g.source = {source.id} AND g.row = o.source_row"
    _in_chunks(
        connection, deployment, source,
        f"INSERT INTO domain_conditions (id, source, source_row, {columns}, storage, carried) "
        f"SELECT {condition_id(source.id, 'o.source_row')}, {source.id}, o.source_row, "
        f"{condition_select(source)} FROM {source.rows_sql} AS o "
        f"{join if some else ''} WHERE {PART}",
    )  # fmt: skip


def _insert_duplicates(connection: apsw.Connection, deployment: Deployment, source: Source) -> None:
    """Take conditions that stand in another table under the same name and are converted there."""
    home = home_of(source).native
    if source.shape not in {Shape.UNIFIED_CONDITIONS, Shape.TEMPLATE_CONDITIONS}:
        return
    if not _left(connection, source):
        return
    name = quote(home["name"])
    connection.execute(
        "CREATE TEMP TABLE IF NOT EXISTS named AS SELECT name, min(id) AS id "
        "FROM domain_conditions WHERE typeof(name) = 'text' AND name <> '' GROUP BY name"
    ).fetchall()
    connection.execute("CREATE INDEX IF NOT EXISTS temp.named_name ON named(name)").fetchall()
    connection.execute(
        f"INSERT INTO temp.duplicate SELECT {source.id}, o.source_row, n.id "
        f"FROM {source.rows_sql} AS o JOIN temp.named AS n ON n.name = o.{name} COLLATE BINARY "
        f"WHERE ({problem_of(source)}) IS NULL AND NOT EXISTS (SELECT 1 FROM temp.good AS g "
        f"WHERE g.source = {source.id} AND g.row = o.source_row) "
        f"AND n.id NOT LIKE 'cond{source.id}\\_%' ESCAPE '\\'"
    ).fetchall()
    _insert_conditions(connection, deployment, source, "duplicate")
    connection.execute(
        "UPDATE domain_conditions SET duplicate_of = (SELECT d.first FROM temp.duplicate AS d "
        f"WHERE d.source = {source.id} AND d.row = domain_conditions.source_row) "
        f"WHERE source = {source.id} AND EXISTS (SELECT 1 FROM temp.duplicate AS d "
        f"WHERE d.source = {source.id} AND d.row = domain_conditions.source_row)"
    ).fetchall()
    connection.execute(
        "INSERT INTO temp.good SELECT source, row FROM temp.duplicate WHERE source = ?",
        (source.id,),
    ).fetchall()


def _for_candidates(
    connection: apsw.Connection, deployment: Deployment, source: Source, what: Text, sql: str
) -> None:
    """Run *sql*, which joins candidates ``k`` with rows of *source*, in chunks of candidates."""
    last = number(connection, "SELECT max(rowid) FROM temp.candidate")
    # Numbers of rows that have to be counted first are counted once, not once a chunk.
    size = CHUNK if source.rowid is not None else last
    for start in range(1, last + 1, size):
        end = min(last, start + size - 1)
        connection.execute(sql.replace(PART, f"k.rowid BETWEEN {start} AND {end}")).fetchall()
        deployment.progress(end, last, what)


def _insert_triggers(connection: apsw.Connection, deployment: Deployment, source: Source) -> None:
    _for_candidates(
        connection, deployment, source, translate("migration", "Making triggers"),
        f"INSERT INTO domain_triggers SELECT k.trigger_id, k.strategy_id, k.role, "
        f"{_variable_config(source)}, {_evaluation_config(source)}, {CREATED_AT} "
        f"FROM temp.candidate AS k CROSS JOIN domain_conditions AS c "
        f"ON c.id = {condition_id(source.id, 'k.row')} WHERE k.source = {source.id} "
        f"AND k.problem IS NULL AND {PART}",
    )  # fmt: skip


def _insert_links(connection: apsw.Connection, deployment: Deployment, source: Source) -> None:
    _for_candidates(
        connection, deployment, source,
        translate("migration", "Converting {table}", table=source.table),
        f"INSERT INTO domain_trigger_conditions SELECT k.trigger_id, "
        f"{condition_id('k.source', 'k.row')}, k.role_from, k.ordinal, k.logic, {source.id}, "
        f"k.link_row, {carried_whole(source)} FROM temp.candidate AS k "
        f"CROSS JOIN {source.rows_sql} AS o ON o.source_row = k.link_row "
        f"WHERE k.link_source = {source.id} AND k.problem IS NULL AND {PART}",
    )  # fmt: skip


def _insert_own_links(connection: apsw.Connection) -> None:
    connection.execute(
        f"INSERT INTO domain_trigger_conditions SELECT k.trigger_id, "
        f"{condition_id('k.source', 'k.row')}, k.role_from, k.ordinal, k.logic, NULL, NULL, NULL, "
        "NULL FROM temp.candidate AS k WHERE k.link_source IS NULL AND k.problem IS NULL"
    ).fetchall()


def _left(connection: apsw.Connection, source: Source) -> int:
    """Return how many conditions of *source* are not to be converted, as far as is known."""
    place = f"{quote(source.schema)}.{quote(source.table)}"
    good = number(connection, "SELECT count(*) FROM temp.good WHERE source = ?", (source.id,))
    return number(connection, f"SELECT count(*) FROM {place}") - good


def _review_conditions(connection: apsw.Connection, deployment: Deployment, source: Source) -> None:
    if not _left(connection, source):
        return
    _in_chunks(
        connection, deployment, source,
        f"INSERT INTO migration_review (source, source_row, reason, storage, carried) "
        f"SELECT {source.id}, o.source_row, coalesce({problem_of(source)}, "
        f"(SELECT k.problem FROM temp.candidate AS k WHERE k.source = {source.id} "
        "AND k.row = o.source_row AND k.problem IS NOT NULL), 'no_strategy'), "
        f"{carried_whole(source)} FROM {source.rows_sql} AS o "
        f"WHERE NOT EXISTS (SELECT 1 FROM temp.good AS g WHERE g.source = {source.id} "
        f"AND g.row = o.source_row) AND {PART}",
    )  # fmt: skip


def _review_links(connection: apsw.Connection, source: Source) -> None:
    connection.execute(
        f"INSERT INTO migration_review (source, source_row, reason, storage, carried) "
        f"SELECT {source.id}, k.link_row, k.problem, {carried_whole(source)} "
        f"FROM temp.candidate AS k CROSS JOIN {source.rows_sql} AS o ON o.source_row = k.link_row "
        f"WHERE k.link_source = {source.id} AND k.problem IS NOT NULL ORDER BY k.link_row"
    ).fetchall()


def _review_parts(connection: apsw.Connection) -> None:
    connection.execute(
        "INSERT INTO migration_review (source, source_row, part, reason, carried) "
        "SELECT source, row, path, 'no_condition', text FROM temp.lost_part"
    ).fetchall()
