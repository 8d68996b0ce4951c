"""Takes conditions that the program wrote meanwhile into what was made of them.

Of a converted condition the columns that nothing is derived from (`PASSIVE`) are taken over, in
what it became as in its table; `validation.lossless` turns them back afterwards.
"""

from __future__ import annotations

import apsw

from core.base.sqlite import quote
from migration.engine.source import Source
from migration.run.apply_delta import Impossible, same_sql
from migration.sql import number
from migration.upbit.sources.shapes import Kind
from migration.upbit.transforms.carry import carried_of, storage_of
from migration.upbit.transforms.homes import condition_id, home_of

PASSIVE = frozenset({"description", "updated_at", "usage_count", "success_rate", "chart_category"})
"""Columns of `domain_conditions` of which no trigger, link or snapshot holds anything."""


def renew(connection: apsw.Connection, source: Source, chosen: str, old: str) -> None:
    """Take the passive columns of changed conditions into what these became.

    *chosen* holds their numbers; *old* is the schema in which the copy that was migrated is open.
    """
    if source.kind is not Kind.CONDITIONS or not chosen:
        raise Impossible(f"{source.table} changed")
    passive = {
        target: column for target, column in home_of(source).native.items() if target in PASSIVE
    }
    fixed = [column for column in source.columns if column not in passive.values()]
    there = f"{chosen} AS k CROSS JOIN {source.rows_sql} AS o ON o.source_row = k.row"
    stays = number(
        connection,
        f"SELECT count(*) FROM {there} JOIN {source._replace(schema=old).rows_sql} AS w "
        f"ON w.source_row = k.row AND {' AND '.join(map(same_sql, fixed))}",
    )
    if not passive or stays != number(connection, f"SELECT count(*) FROM {chosen}"):
        raise Impossible(f"{source.table} changed in what something is derived from")
    # Looked up row by row; joined, SQLite might read all conditions once for each.
    values = ", ".join(f"o.{quote(column)}" for column in passive.values())
    connection.execute(
        f"UPDATE domain_conditions AS c SET ({', '.join(passive)}) = (SELECT {values} "
        f"FROM {source.rows_sql} AS o WHERE o.source_row = c.source_row) "
        f"WHERE c.id IN (SELECT {condition_id(source.id, 'row')} FROM {chosen})"
    ).fetchall()
    listed = [f"o.{quote(column)}" for column in source.columns]
    connection.execute(
        f"UPDATE migration_review AS v SET (storage, carried) = (SELECT {storage_of(listed, {})}, "
        f"{carried_of(listed, {})} FROM {source.rows_sql} AS o WHERE o.source_row = v.source_row) "
        f"WHERE v.source = {source.id} AND v.part = '' "
        f"AND v.source_row IN (SELECT row FROM {chosen})"
    ).fetchall()
