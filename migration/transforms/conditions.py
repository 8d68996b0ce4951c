"""Converts conditions into triggers: by SQL, in chunks, a million as well as a dozen.

Every legacy condition either becomes a row of `domain_conditions`, with a trigger for each
strategy that uses it, or goes to review whole.  Its columns keep their values and storage
classes; the JSON of a trigger is made from these columns alone, so that it can be proven.
"""

from __future__ import annotations

import apsw

from core.sqlite import quote
from core.text import translate
from migration.engine.scripts import Deployment
from migration.sources.detect import Source
from migration.sources.shapes import Kind, Shape
from migration.sql import number
from migration.transforms.candidates import make_candidates
from migration.transforms.carry import carried_of, storage_of
from migration.transforms.homes import COLUMNS, condition_id, home_of, problem_of

CHUNK = 50_000
PART = "\0part"
"""Stands in a statement where the rows of a chunk are named; no name of a table holds NUL."""


def _nested(column: str) -> str:
    return f"CASE WHEN json_valid({column}) THEN json({column}) ELSE {column} END"


VARIABLE_CONFIG = (
    "json_object('condition_id', c.id, 'name', c.name, 'variable_id', c.variable_id, "
    f"'variable_name', c.variable_name, 'variable_params', {_nested('c.variable_params')})"
)
"""The JSON of a trigger's variable, from its condition ``c``."""
EVALUATION_CONFIG = (
    "json_object('operator', c.operator, 'comparison_type', c.comparison_type, "
    f"'target_value', c.target_value, 'external_variable', {_nested('c.external_variable')}, "
    f"'external_params', {_nested('c.external_params')}, 'trend_direction', c.trend_direction, "
    "'logic', coalesce({link}.logic, c.logic), 'ordinal', coalesce({link}.ordinal, c.ordinal), "
    "'is_active', c.is_active)"
)
"""The JSON of a trigger's evaluation, from its condition ``c`` and its link."""
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
    _insert_triggers(connection, deployment)
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
    _in_chunks(
        connection, deployment, source,
        f"INSERT INTO domain_conditions (id, source, source_row, {columns}, storage, carried) "
        f"SELECT {condition_id(source.id, 'o.source_row')}, {source.id}, o.source_row, "
        f"{condition_select(source)} FROM {source.rows_sql} AS o "
        f"JOIN temp.{chosen} AS g ON g.source = {source.id} AND g.row = o.source_row "
        f"WHERE {PART}",
    )  # fmt: skip


def _insert_duplicates(connection: apsw.Connection, deployment: Deployment, source: Source) -> None:
    """Take conditions that stand in another table under the same name and are converted there."""
    home = home_of(source).native
    if source.shape not in {Shape.UNIFIED_CONDITIONS, Shape.TEMPLATE_CONDITIONS}:
        return
    left = (
        f"FROM {source.rows_sql} AS o WHERE NOT EXISTS (SELECT 1 FROM temp.good AS g "
        f"WHERE g.source = {source.id} AND g.row = o.source_row)"
    )
    if not number(connection, f"SELECT EXISTS (SELECT 1 {left})"):
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


def _insert_triggers(connection: apsw.Connection, deployment: Deployment) -> None:
    evaluation = EVALUATION_CONFIG.format(link="k")
    last = number(connection, "SELECT max(rowid) FROM temp.candidate")
    what = translate("migration", "Making triggers")
    for start in range(1, last + 1, CHUNK):
        connection.execute(
            f"INSERT INTO domain_triggers SELECT k.trigger_id, k.strategy_id, k.role, "
            f"{VARIABLE_CONFIG}, {evaluation}, {CREATED_AT} FROM temp.candidate AS k "
            f"CROSS JOIN domain_conditions AS c ON c.id = {condition_id('k.source', 'k.row')} "
            "WHERE k.problem IS NULL AND k.rowid BETWEEN ? AND ?",
            (start, start + CHUNK - 1),
        ).fetchall()
        deployment.progress(min(last, start + CHUNK - 1), last, what)


def link_rest(source: Source) -> tuple[list[str], str]:
    """Return the columns of a link that are carried, which is all of them, and their SQL."""
    listed = [f"o.{quote(one)}" for one in source.columns]
    return listed, f"{storage_of(listed, {})}, {carried_of(listed, {})}"


def _insert_links(connection: apsw.Connection, deployment: Deployment, source: Source) -> None:
    _, rest = link_rest(source)
    _in_chunks(
        connection, deployment, source,
        f"INSERT INTO domain_trigger_conditions SELECT k.trigger_id, "
        f"{condition_id('k.source', 'k.row')}, k.role_from, k.ordinal, k.logic, {source.id}, "
        f"o.source_row, {rest} FROM {source.rows_sql} AS o "
        f"JOIN temp.candidate AS k ON k.trigger_id = printf('trg{source.id}_%012d', o.source_row) "
        f"WHERE k.problem IS NULL AND {PART}",
    )  # fmt: skip


def _insert_own_links(connection: apsw.Connection) -> None:
    connection.execute(
        f"INSERT INTO domain_trigger_conditions SELECT k.trigger_id, "
        f"{condition_id('k.source', 'k.row')}, k.role_from, k.ordinal, k.logic, NULL, NULL, NULL, "
        "NULL FROM temp.candidate AS k WHERE k.link_source IS NULL AND k.problem IS NULL"
    ).fetchall()


def _review_conditions(connection: apsw.Connection, deployment: Deployment, source: Source) -> None:
    listed = [f"o.{quote(one)}" for one in source.columns]
    _in_chunks(
        connection, deployment, source,
        f"INSERT INTO migration_review (source, source_row, reason, storage, carried) "
        f"SELECT {source.id}, o.source_row, coalesce({problem_of(source)}, "
        f"(SELECT k.problem FROM temp.candidate AS k WHERE k.source = {source.id} "
        "AND k.row = o.source_row AND k.problem IS NOT NULL), 'no_strategy'), "
        f"{storage_of(listed, {})}, {carried_of(listed, {})} FROM {source.rows_sql} AS o "
        f"WHERE NOT EXISTS (SELECT 1 FROM temp.good AS g WHERE g.source = {source.id} "
        f"AND g.row = o.source_row) AND {PART}",
    )  # fmt: skip


def _review_links(connection: apsw.Connection, source: Source) -> None:
    _, rest = link_rest(source)
    connection.execute(
        f"INSERT INTO migration_review (source, source_row, reason, storage, carried) "
        f"SELECT {source.id}, o.source_row, k.problem, {rest} FROM {source.rows_sql} AS o "
        f"JOIN temp.candidate AS k ON k.trigger_id = printf('trg{source.id}_%012d', o.source_row) "
        "WHERE k.problem IS NOT NULL"
    ).fetchall()


def _review_parts(connection: apsw.Connection) -> None:
    connection.execute(
        "INSERT INTO migration_review (source, source_row, part, reason, carried) "
        "SELECT source, row, path, 'no_condition', text FROM temp.lost_part"
    ).fetchall()
