"""Lists which condition is to become which trigger of which strategy, or why it cannot.

The list is the temporary table ``candidate``; conditions with at least one way to become a
trigger are in ``good``.
"""

from __future__ import annotations

import apsw

from core.base.sqlite import quote
from migration.engine.scripts import Deployment
from migration.sql import Source, literal, rows
from migration.upbit.sources.detect import Kind, Shape
from migration.upbit.transforms.convert import map_of
from migration.upbit.transforms.homes import home_of, problem_of
from migration.upbit.transforms.strategies import role_sql

_TABLES = (
    """
    CREATE TEMP TABLE candidate (
        trigger_id TEXT NOT NULL, link_source INTEGER, link_row INTEGER, source INTEGER,
        row INTEGER, strategy_id TEXT, role TEXT, role_from TEXT, ordinal INTEGER, logic TEXT,
        problem TEXT)
    """,
    "CREATE INDEX temp.problem_row ON candidate(source, row) WHERE problem IS NOT NULL",
    "CREATE INDEX temp.problem_link ON candidate(link_source, link_row) WHERE problem IS NOT NULL",
    "CREATE TEMP TABLE good (source INTEGER, row INTEGER, PRIMARY KEY (source, row)) WITHOUT ROWID",
    """
    CREATE TEMP TABLE duplicate (
        source INTEGER, row INTEGER, first TEXT, PRIMARY KEY (source, row)) WITHOUT ROWID
    """,
    "CREATE TEMP TABLE lost_part (source INTEGER, row INTEGER, path TEXT, text TEXT)",
    """
    CREATE TEMP TABLE decision (
        database TEXT, table_name TEXT COLLATE NOCASE, row INTEGER, role TEXT, strategy_id TEXT,
        leave INTEGER)
    """,
    "CREATE INDEX temp.decision_row ON decision(database, table_name, row)",
)
_OWN = {Shape.NEWEST_CONDITIONS: Shape.NEWEST, Shape.TASK_CONDITIONS: Shape.TASK}


def make_candidates(
    connection: apsw.Connection, deployment: Deployment, sources: tuple[Source, ...]
) -> None:
    """Fill the temporary tables."""
    for table in ("candidate", "good", "duplicate", "lost_part", "decision", "named"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}").fetchall()
    for sql in _TABLES:
        connection.execute(sql).fetchall()
    connection.executemany(
        "INSERT INTO temp.decision VALUES (?, ?, ?, ?, ?, ?)",
        [
            (
                decision.get("database"),
                decision.get("table"),
                decision.get("row"),
                None if decision.get("leave") else decision.get("role"),
                None if decision.get("leave") else decision.get("strategy"),
                decision.get("leave"),
            )
            for decision in deployment.decisions
            if not decision.get("part")
        ],
    )
    conditions = [one for one in sources if one.kind is Kind.CONDITIONS]
    for source in sources:
        if source.kind is Kind.LINKS:
            _from_links(connection, source, conditions)
    for source in conditions:
        if source.shape in _OWN:
            _from_own_row(connection, source, _OWN[Shape(source.shape)])
        else:
            _from_decisions(connection, source)
    for source in sources:
        if source.shape is Shape.USER:
            _from_arrays(connection, source, conditions)
    _take_decided_roles(connection, conditions)
    _leave_repeated(connection)
    connection.execute(
        "INSERT OR IGNORE INTO temp.good SELECT source, row FROM temp.candidate "
        "WHERE problem IS NULL ORDER BY source, row"
    ).fetchall()


def _decided(source: Source, column: str, row: str) -> str:
    """Return the SQL of what the operator decided for row ``o``: for it alone before for all."""
    # Two look-ups in an index: with OR, SQLite would read all decisions about the table.
    found = (
        f"SELECT d.{column} FROM temp.decision AS d WHERE d.database = {literal(source.database)} "
        f"AND d.table_name = {literal(source.table)}"
    )
    left = found.replace(f"d.{column}", "1", 1)
    return (
        f"iif(EXISTS ({left} AND d.row = {row} AND d.leave), NULL, "
        f"coalesce(({found} AND d.row = {row}), ({found} AND d.row IS NULL)))"
    )


def unambiguous(source: Source) -> str:
    """Return the FROM term of the conditions whose legacy id only one row has."""
    native = home_of(source).native
    if source.rowid is not None and source.primary == (native["legacy_id"],):
        return source.rows_sql
    key = quote(native["legacy_id"])
    return f"(SELECT * FROM {source.rows_sql} GROUP BY {key} HAVING count(*) = 1)"


def _word(column: str) -> str:
    return f"iif(typeof({column}) = 'blob', NULL, CAST({column} AS TEXT))"


def own_role(source: Source, alias: str = "o") -> str:
    """Return the SQL of the role that a condition itself states."""
    home = home_of(source).native
    parts = [
        role_sql(f"{alias}.{quote(home[name])}") for name in ("role", "category") if name in home
    ]
    if source.shape is Shape.TASK_CONDITIONS:
        data = f"{alias}.{quote(home['variable_params'])}"
        parts += [
            role_sql(f"iif(json_valid({data}), json_extract({data}, '$.{key}'), NULL)")
            for key in ("role", "condition_type", "trigger_type")
        ]
    return f"coalesce({', '.join([*parts, 'NULL', 'NULL'])})"


def _from_links(connection: apsw.Connection, source: Source, conditions: list[Source]) -> None:
    matching = [
        condition for condition in conditions if condition.shape is Shape.UNIFIED_CONDITIONS
    ]
    # A link means the conditions of its own database, and others only where it has none.
    here = [one for one in matching if one.database == source.database] or matching
    row_id = f"printf('trg{source.id}_%012d', o.source_row), {source.id}, o.source_row"
    if not here:
        connection.execute(
            f"INSERT INTO temp.candidate SELECT {row_id}, NULL, NULL, NULL, NULL, "
            f"NULL, NULL, NULL, 'no_condition' FROM {source.rows_sql} AS o"
        ).fetchall()
        return
    named = dict(source.references).get("condition_id")
    target = next(
        (one for one in here if one.database == source.database and one.table.lower() == named),
        here[0],
    )
    key = f"c.{quote(home_of(target).native['legacy_id'])}"
    linked = next(
        (
            role_sql(f"o.{quote(found)}")
            for name in ("role", "condition_type")
            if (found := source.name(name)) is not None
        ),
        "NULL",
    )
    connection.execute(
        f"INSERT INTO temp.candidate SELECT {row_id}, {target.id}, c.source_row, "
        f"m.domain_id, coalesce({linked}, {own_role(target, 'c')}), 'legacy', "
        f"CAST({source.col('condition_order')} AS INTEGER), "
        f"{_word(source.col('condition_logic'))}, "
        f"CASE WHEN c.source_row IS NULL THEN 'no_condition' "
        f"WHEN m.domain_id IS NULL THEN 'no_strategy' ELSE {problem_of(target, 'c')} END "
        f"FROM {source.rows_sql} AS o "
        f"LEFT JOIN {unambiguous(target)} AS c ON {key} = {source.col('condition_id')} "
        f"LEFT JOIN {map_of(Shape.UNIFIED)} AS m "
        f"ON m.legacy_text = CAST({source.col('strategy_id')} AS TEXT)"
    ).fetchall()


def _from_own_row(connection: apsw.Connection, source: Source, strategies: Shape) -> None:
    native = home_of(source).native

    def cast(column: str, kind: str) -> str:
        return f"CAST(o.{quote(native[column])} AS {kind})" if column in native else "NULL"

    logic = f"o.{quote(native['logic'])}" if "logic" in native else "NULL"
    chosen = _decided(source, "strategy_id", "o.source_row")
    strategy = (
        f"coalesce(m.domain_id, (SELECT s.id FROM domain_strategies AS s WHERE s.id = {chosen}))"
    )
    connection.execute(
        f"INSERT INTO temp.candidate SELECT printf('trg{source.id}_%012d', o.source_row), NULL, "
        f"NULL, {source.id}, o.source_row, {strategy}, {own_role(source)}, "
        f"iif(m.domain_id IS NULL, 'operator', 'legacy'), "
        f"{cast('ordinal', 'INTEGER')}, {_word(logic)}, "
        f"coalesce({problem_of(source)}, iif({strategy} IS NULL, 'no_strategy', NULL)) "
        f"FROM {source.rows_sql} AS o LEFT JOIN {map_of(strategies)} AS m "
        f"ON m.legacy_text = CAST({source.col('strategy_id')} AS TEXT)"
    ).fetchall()


def _from_decisions(connection: apsw.Connection, source: Source) -> None:
    """Give conditions that belong to no strategy to the one that the operator chose."""
    chosen = _decided(source, "strategy_id", "o.source_row")
    connection.execute(
        f"INSERT INTO temp.candidate SELECT printf('trg{source.id}_%012d', o.source_row), NULL, "
        f"NULL, {source.id}, o.source_row, s.id, {own_role(source)}, 'operator', NULL, NULL, "
        f"{problem_of(source)} "
        f"FROM {source.rows_sql} AS o JOIN domain_strategies AS s ON s.id = {chosen} "
        f"WHERE EXISTS (SELECT 1 FROM temp.decision)"
    ).fetchall()


def _take_decided_roles(connection: apsw.Connection, conditions: list[Source]) -> None:
    """Give candidates that state no role the one that the operator decided, or a problem."""
    silent = rows(connection, "SELECT DISTINCT source FROM temp.candidate WHERE role IS NULL")
    for source in (condition for condition in conditions if (condition.id,) in silent):
        where = f"WHERE source = {source.id} AND role IS NULL"
        connection.execute(
            f"UPDATE temp.candidate SET role_from = 'operator', "
            f"role = {_decided(source, 'role', 'candidate.row')} {where}"
        ).fetchall()
        connection.execute(
            f"UPDATE temp.candidate SET problem = coalesce(problem, 'no_role') {where}"
        ).fetchall()


def _leave_repeated(connection: apsw.Connection) -> None:
    """Let a strategy have a condition once in a role, however often rows link the two.

    A decision that gives it what it has already changes nothing.  Ids that a strategy lists twice
    itself stay: it fired them twice before.
    """
    connection.execute("DROP TABLE IF EXISTS temp.repeated").fetchall()
    connection.execute(
        "CREATE TEMP TABLE repeated AS SELECT place, linked FROM (SELECT rowid AS place, "
        "link_source IS NOT NULL AS linked, role_from, row_number() OVER (PARTITION BY "
        "strategy_id, source, row, role ORDER BY link_source IS NULL, role_from = 'operator', "
        "link_source, link_row) AS nth FROM temp.candidate WHERE problem IS NULL) "
        "WHERE nth > 1 AND (linked OR role_from = 'operator')"
    ).fetchall()
    connection.execute(
        "UPDATE temp.candidate SET problem = 'repeated_link' "
        "WHERE rowid IN (SELECT place FROM temp.repeated WHERE linked)"
    ).fetchall()
    connection.execute(
        "DELETE FROM temp.candidate "
        "WHERE rowid IN (SELECT place FROM temp.repeated WHERE NOT linked)"
    ).fetchall()
    connection.execute("DROP TABLE temp.repeated").fetchall()


def _from_arrays(connection: apsw.Connection, source: Source, conditions: list[Source]) -> None:
    """Take the triggers whose ids stand in a strategy's JSON arrays."""
    triggers = [condition for condition in conditions if condition.shape is Shape.USER_TRIGGERS]
    here = [trigger for trigger in triggers if trigger.database == source.database] or triggers
    for column, role in (("entry_triggers", "ENTRY"), ("exit_triggers", "EXIT")):
        array = source.col(column)
        elements = (
            f"{source.rows_sql} AS o JOIN domain_id_map AS m ON m.source = {source.id} "
            f"AND m.source_row = o.source_row "
            f"JOIN json_each(iif(json_valid({array}), {array}, '[]')) AS e"
        )
        path = f"printf('$.{column}[%s]', e.key)"
        if not here:
            connection.execute(
                f"INSERT INTO temp.lost_part SELECT {source.id}, o.source_row, {path}, "
                f"json_quote(e.value) FROM {elements}"
            ).fetchall()
            continue
        target = here[0]
        key = f"t.{quote(home_of(target).native['legacy_id'])}"
        joined = (
            f"{elements} LEFT JOIN {unambiguous(target)} AS t ON e.type IN ('text', 'integer') "
            f"AND CAST({key} AS TEXT) = CAST(e.value AS TEXT) "
            f"AND ({problem_of(target, 't')}) IS NULL"
        )
        connection.execute(
            f"INSERT INTO temp.candidate SELECT printf('trg{source.id}_%012d_{role[1].lower()}%s', "
            f"o.source_row, e.key), NULL, NULL, {target.id}, t.source_row, m.domain_id, '{role}', "
            f"'legacy', e.key, NULL, NULL FROM {joined} WHERE t.source_row IS NOT NULL "
            f"AND typeof(e.key) = 'integer'"
        ).fetchall()
        connection.execute(
            f"INSERT INTO temp.lost_part SELECT {source.id}, o.source_row, {path}, "
            f"json_quote(e.value) FROM {joined} WHERE t.source_row IS NULL "
            f"OR typeof(e.key) <> 'integer'"
        ).fetchall()
