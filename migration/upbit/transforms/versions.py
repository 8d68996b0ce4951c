"""Versions of strategies: each an immutable snapshot with its hash.

`add_versions` writes the first one of every strategy; `add_version` the next one of one.
"""

from __future__ import annotations

import hashlib

import apsw

from core.base.text import translate
from migration.engine.scripts import Deployment
from migration.sql import Value, number, rows


def _object(members: dict[str, str]) -> str:
    """Return the SQL that writes a JSON object; the values are SQL that gives JSON text."""
    parts = [
        f"'{',' if at else '{'}\"{key}\":' || {sql}"
        for at, (key, sql) in enumerate(members.items())
    ]
    return " || ".join([*parts, "'}'"])


def _plain(column: str) -> str:
    return f"json_quote({column})"


def _json(column: str) -> str:
    # Parsing what is JSON already only to write it again would take most of the time.
    return f"iif(json_valid({column}), {column}, json_quote({column}))"


def _list(table: str, alias: str, members: dict[str, str]) -> str:
    return (
        f"coalesce((SELECT '[' || group_concat({_object(members)}, ',') || ']' FROM "
        f"(SELECT * FROM {table} AS one WHERE one.strategy_id = s.id ORDER BY one.id) "
        f"AS {alias}), '[]')"
    )


def _members(alias: str, plain: str, nested: str) -> dict[str, str]:
    return {name: _plain(f"{alias}.{name}") for name in plain.split()} | {
        name: _json(f"{alias}.{name}") for name in nested.split()
    }


SNAPSHOT = _object(
    {
        "strategy": _object(_members("s", "id name description created_at updated_at", "")),
        "configuration": "coalesce((SELECT "
        + _object(_members("f", "strategy_type is_active entry_logic exit_logic", "configuration"))
        + " FROM domain_strategy_configurations AS f WHERE f.strategy_id = s.id), 'null')",
        "triggers": _list(
            "domain_triggers",
            "t",
            _members("t", "id trigger_type created_at", "variable_config evaluation_config"),
        ),
        "management_rules": _list(
            "domain_management_rules",
            "r",
            _members("r", "id trigger_id rule_type priority", "parameters"),
        ),
        "components": _list(
            "domain_strategy_components",
            "p",
            _members("p", "id component_type ordinal", "component_data"),
        ),
    }
)
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
            "SELECT id FROM domain_strategies WHERE id > ? ORDER BY id LIMIT 50",
            (last,),
        )
        if not ids:
            return
        connection.execute(
            # Materialised, or SQLite would make each snapshot twice.
            f"WITH made(id, snapshot) AS MATERIALIZED (SELECT s.id, {SNAPSHOT} "
            "FROM domain_strategies AS s WHERE s.id > ? AND s.id <= ? AND NOT EXISTS (SELECT 1 "
            "FROM domain_strategy_versions AS v WHERE v.strategy_id = s.id)) "
            "INSERT INTO domain_strategy_versions "
            "SELECT id, 1, snapshot, sha256(CAST(snapshot AS BLOB)), 'migration', ?, NULL "
            "FROM made",
            (last, ids[-1][0], deployment.moment),
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
