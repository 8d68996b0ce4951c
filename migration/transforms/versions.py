"""Versions of strategies: each an immutable snapshot with its hash.

`add_versions` writes the first one of every strategy; `add_version` the next one of one.
"""

from __future__ import annotations

import hashlib

import apsw

from core.text import translate
from migration.engine.scripts import Deployment
from migration.sql import Value, number, rows


def _nested(column: str) -> str:
    return f"iif(json_valid({column}), json({column}), {column})"


def _list(table: str, alias: str, members: str) -> str:
    return (
        f"json((SELECT json_group_array(json_object({members})) FROM (SELECT * FROM {table} "
        f"AS one WHERE one.strategy_id = s.id ORDER BY one.id) AS {alias}))"
    )


# What comes out of a subquery is text to SQLite, hence the json() around each.
SNAPSHOT = f"""
json_object(
    'strategy', json_object('id', s.id, 'name', s.name, 'description', s.description,
        'created_at', s.created_at, 'updated_at', s.updated_at),
    'configuration', json((SELECT json_object('strategy_type', f.strategy_type, 'is_active',
        f.is_active, 'entry_logic', f.entry_logic, 'exit_logic', f.exit_logic,
        'configuration', {_nested("f.configuration")})
        FROM domain_strategy_configurations AS f WHERE f.strategy_id = s.id)),
    'triggers', {
    _list(
        "domain_triggers",
        "t",
        "'id', t.id, 'trigger_type', t.trigger_type, "
        f"'variable_config', {_nested('t.variable_config')}, "
        f"'evaluation_config', {_nested('t.evaluation_config')}, 'created_at', t.created_at",
    )
},
    'management_rules', {
    _list(
        "domain_management_rules",
        "r",
        "'id', r.id, 'trigger_id', r.trigger_id, 'rule_type', r.rule_type, "
        f"'priority', r.priority, 'parameters', {_nested('r.parameters')}",
    )
},
    'components', {
    _list(
        "domain_strategy_components",
        "p",
        "'id', p.id, 'component_type', p.component_type, "
        f"'component_data', {_nested('p.component_data')}, 'ordinal', p.ordinal",
    )
})
"""
"""The JSON of the strategy ``s`` with everything that belongs to it."""


def _sha256(*values: object) -> str:
    (text,) = values
    content = text if isinstance(text, bytes) else b""
    return hashlib.sha256(content).hexdigest()


def know_sha256(connection: apsw.Connection) -> None:
    """Teach *connection* the function ``sha256``."""
    connection.create_scalar_function("sha256", _sha256, 1, deterministic=True)


def add_versions(connection: apsw.Connection, deployment: Deployment) -> None:
    """Write version 1 of every strategy that has no version."""
    know_sha256(connection)
    total = number(connection, "SELECT count(*) FROM domain_strategies")
    what = translate("migration", "Keeping the first versions")
    last: Value = ""
    done = 0
    while True:
        ids = rows(
            connection,
            "SELECT id FROM domain_strategies WHERE id > ? ORDER BY id LIMIT 200",
            (last,),
        )
        if not ids:
            return
        connection.execute(
            "INSERT INTO domain_strategy_versions "
            "SELECT id, 1, snapshot, sha256(CAST(snapshot AS BLOB)), 'migration', ?, NULL FROM "
            f"(SELECT s.id, {SNAPSHOT} AS snapshot FROM domain_strategies AS s "
            "WHERE s.id > ? AND s.id <= ? AND NOT EXISTS (SELECT 1 FROM domain_strategy_versions "
            "AS v WHERE v.strategy_id = s.id))",
            (deployment.moment, last, ids[-1][0]),
        ).fetchall()
        last = ids[-1][0]
        done += len(ids)
        deployment.progress(done, total, what)


def add_version(
    connection: apsw.Connection, strategy_id: str, change_type: str, moment: str
) -> int:
    """Write the next version of one strategy and return its number."""
    know_sha256(connection)
    parent = number(
        connection,
        "SELECT max(version) FROM domain_strategy_versions WHERE strategy_id = ?",
        (strategy_id,),
    )
    connection.execute(
        "INSERT INTO domain_strategy_versions "
        "SELECT id, ?, snapshot, sha256(CAST(snapshot AS BLOB)), ?, ?, ? FROM "
        f"(SELECT s.id, {SNAPSHOT} AS snapshot FROM domain_strategies AS s WHERE s.id = ?)",
        (parent + 1, change_type, moment, parent or None, strategy_id),
    ).fetchall()
    connection.execute(
        "UPDATE domain_strategies SET aggregate_version = ? WHERE id = ?",
        (parent + 1, strategy_id),
    ).fetchall()
    return parent + 1


def wrong_versions(connection: apsw.Connection) -> int:
    """Return how many versions do not have the hash that they should."""
    know_sha256(connection)
    return number(
        connection,
        "SELECT count(*) FROM domain_strategy_versions "
        "WHERE sha256(CAST(snapshot AS BLOB)) IS NOT sha256",
    )
