"""Finds the legacy tables in the databases that a connection has open.

A table that has the columns of a source need not be one.  The shapes are those of the
application's schemas of July to October 2025: seven different tables have been called
`strategies`, so a name alone says nothing.  Nor do columns.  A log of what was executed names a
strategy and a condition in every row, as a link between the two does; taken for links, five
logged trades became five triggers that buy.  So names, keys and uniqueness have their say: a log
is never a source, and what the program never called by this name is one only where its rows are
what such rows are, one for each thing.  What stays in doubt is not touched, and is told.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

import apsw

from core.base.sqlite import quote
from core.base.text import Text, translate
from migration.adapter import Schemas
from migration.sql import Source, number, rows


class Kind(StrEnum):
    """What the rows of a legacy table are."""

    STRATEGIES = "strategies"
    CONDITIONS = "conditions"
    LINKS = "links"
    COMPONENTS = "components"


class Shape(StrEnum):
    """One known set of columns."""

    TASK = "task"
    ORM_V1 = "orm_v1"
    UNIFIED = "unified"
    COMPONENT = "component"
    USER = "user"
    NEWEST = "newest"
    TASK_CONDITIONS = "task_conditions"
    UNIFIED_CONDITIONS = "unified_conditions"
    TEMPLATE_CONDITIONS = "template_conditions"
    USER_TRIGGERS = "user_triggers"
    NEWEST_CONDITIONS = "newest_conditions"
    UNIFIED_LINKS = "unified_links"
    COMPONENT_PARTS = "component_parts"


class Signature(NamedTuple):
    """The columns by which a shape is known: all of `needs`, one of `one_of`, none of `lacks`."""

    shape: Shape
    kind: Kind
    key: tuple[str, ...]
    """The column that holds the legacy id; the first one that is there."""
    needs: frozenset[str]
    one_of: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


# The more telling ones first: the first signature that fits is the shape.
SIGNATURES = (
    Signature(
        Shape.UNIFIED, Kind.STRATEGIES, ("strategy_id",), _set("strategy_id name strategy_data")
    ),
    Signature(
        Shape.COMPONENT, Kind.STRATEGIES, ("id",), _set("id name triggers conditions actions")
    ),
    Signature(
        Shape.USER, Kind.STRATEGIES, ("id", "strategy_id"), _set("entry_triggers exit_triggers"),
        one_of=_set("id strategy_id"),
    ),
    Signature(Shape.TASK, Kind.STRATEGIES, ("id",), _set("id name strategy_config")),
    Signature(Shape.ORM_V1, Kind.STRATEGIES, ("id",), _set("id name parameters signal_type role")),
    Signature(
        Shape.NEWEST, Kind.STRATEGIES, ("id",), _set("id strategy_name"),
        one_of=_set("risk_level target_market strategy_type"), lacks=_set("strategy_id"),
    ),
    Signature(
        Shape.NEWEST_CONDITIONS, Kind.CONDITIONS, ("id",),
        _set("id strategy_id condition_type left_variable operator"),
    ),
    Signature(
        Shape.UNIFIED_CONDITIONS, Kind.CONDITIONS, ("id",),
        _set("id name variable_id operator comparison_type target_value"),
    ),
    Signature(
        Shape.TEMPLATE_CONDITIONS, Kind.CONDITIONS, ("id",),
        _set("condition_name condition_type variable_mappings"),
    ),
    Signature(
        Shape.USER_TRIGGERS, Kind.CONDITIONS, ("id", "trigger_id"),
        _set("left_variable_id operator"), one_of=_set("id trigger_id"),
    ),
    Signature(
        Shape.COMPONENT_PARTS, Kind.COMPONENTS, ("id",),
        _set("id strategy_id component_type component_data"),
    ),
    Signature(Shape.UNIFIED_LINKS, Kind.LINKS, ("id",), _set("strategy_id condition_id")),
    Signature(
        Shape.TASK_CONDITIONS, Kind.CONDITIONS, ("id",), _set("id strategy_id"),
        one_of=_set("condition_data condition_config condition_json"),
    ),
)  # fmt: skip


def signature_of(columns: frozenset[str]) -> Signature | None:
    """Return the signature that *columns*, in lower case, fit."""
    for signature in SIGNATURES:
        if (
            signature.needs <= columns
            and (not signature.one_of or signature.one_of & columns)
            and not signature.lacks & columns
        ):
            return signature
    return None


class Doubt(StrEnum):
    """Why a table with the columns of a source is not taken for one."""

    LOG = "log"
    REPEATED_KEY = "repeated_key"
    NO_LINK = "no_link"


KNOWN = {
    Kind.STRATEGIES: frozenset(
        {
            "component_strategy", "legacy_strategies", "legacy_strategy", "strategies",
            "user_strategies",
        }
    ),
    Kind.CONDITIONS: frozenset(
        {"conditions", "strategy_conditions", "trading_conditions", "user_triggers"}
    ),
    Kind.LINKS: frozenset({"strategy_conditions"}),
    Kind.COMPONENTS: frozenset({"strategy_components"}),
}  # fmt: skip
"""What the trading program has called its tables (its schemas of July to October 2025)."""
_LOG_WORDS = frozenset(
    {
        "alert", "alerts", "audit", "backtest", "backtests", "event", "events", "executed",
        "execution", "executions", "fills", "histories", "history", "journal", "log", "logs",
        "metrics", "notifications", "orders", "performance", "queue", "records", "report",
        "reports", "result", "results", "revision", "revisions", "runs", "session", "sessions",
        "signals", "simulation", "simulations", "snapshot", "snapshots", "statistics", "stats",
        "trades", "version", "versions",
    }
)  # fmt: skip
_LOG_ENDINGS = ("기록", "내역", "로그", "이력")
"""Words in the names of tables that tell what happened, each row once it did."""
_LOG_COLUMNS = frozenset(
    {
        "changed_at", "changed_by", "evaluated_at", "event_id", "event_time", "event_type",
        "executed_at", "executed_price", "execution_id", "execution_time", "fired_at",
        "logged_at", "new_value", "occurred_at", "old_value", "order_id", "order_uuid", "outcome",
        "pnl", "price", "profit", "profit_loss", "quantity", "realized_pnl", "recorded_at",
        "result", "side", "trade_id", "triggered_at", "volume",
    }
)  # fmt: skip
"""Columns that say when something happened, or what came of it."""
_PAIR = ("strategy_id", "condition_id")
_ROLES = ("condition_role", "condition_type", "role")
"""What a link may say of the condition: with another role it is another link."""
_LINK_COLUMNS = frozenset(
    {
        *_PAIR, *_ROLES, "condition_logic", "condition_order", "created_at", "enabled", "id",
        "is_active", "is_enabled", "logic", "logic_operator", "order_index", "position",
        "priority", "sort_order", "updated_at", "weight",
    }
)  # fmt: skip


def is_log(table: str, columns: frozenset[str] = frozenset()) -> bool:
    """Whether name or *columns*, in lower case, say that the rows of *table* are occurrences."""
    words = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+|[^\W\d_A-Za-z]+", table)}
    named = words & _LOG_WORDS or any(word.endswith(_LOG_ENDINGS) for word in words)
    return bool(named or columns & _LOG_COLUMNS)


def is_known(kind: Kind, table: str) -> bool:
    """Whether the program itself has called tables of this kind so."""
    return table.lower() in KNOWN[kind]


def doubt_about(
    connection: apsw.Connection, schema: str, table: str, signature: Signature
) -> Doubt | None:
    """Return why *table*, whose columns fit *signature*, is no such source; None where it is."""
    if is_known(signature.kind, table):
        return None
    columns = {
        str(row[1]).lower(): str(row[1])
        for row in rows(connection, f"PRAGMA {quote(schema)}.table_xinfo({quote(table)})")
    }
    if is_log(table, frozenset(columns)):
        return Doubt.LOG
    if signature.kind is not Kind.LINKS:
        key = next((one for one in signature.key if one in columns), None)
        if key is None or _unique(connection, schema, table, [columns[key]]):
            return None
        return Doubt.REPEATED_KEY
    one_link = [columns[name] for name in (*_PAIR, *_ROLES) if name in columns]
    links = (
        columns.keys() <= _LINK_COLUMNS
        or set(_PAIR) <= references(connection, schema, table).keys()
    )
    return None if links and _unique(connection, schema, table, one_link) else Doubt.NO_LINK


def doubt_text(database: str, table: str, doubt: Doubt) -> Text:
    """Return *doubt* about a table in words."""
    why = {
        Doubt.LOG: translate("migration", "it is a log of what happened"),
        Doubt.REPEATED_KEY: translate("migration", "its ids repeat"),
        Doubt.NO_LINK: translate("migration", "it does not link each condition once"),
    }[doubt]
    return translate(
        "migration",
        "{database}.{table} has the columns of a table to convert, but {why}; it stays as it is.",
        database=database, table=table, why=why,
    )  # fmt: skip


def references(connection: apsw.Connection, schema: str, table: str) -> dict[str, str]:
    """Return the tables to which single columns refer by a foreign key, both in lower case."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows(connection, f"PRAGMA {quote(schema)}.foreign_key_list({quote(table)})"):
        found.setdefault(str(row[0]), []).append((str(row[3]).lower(), str(row[2]).lower()))
    return dict(keys[0] for keys in found.values() if len(keys) == 1)


def _unique(connection: apsw.Connection, schema: str, table: str, columns: list[str]) -> bool:
    """Whether no two rows have the same *columns*: by declaration, or as it happens."""
    wanted = frozenset(columns)
    if any(key <= wanted for key in _declared(connection, schema, table)):
        return True
    listed = ", ".join(quote(column) for column in columns)
    place = f"{quote(schema)}.{quote(table)}"
    return not number(
        connection,
        f"SELECT EXISTS (SELECT 1 FROM {place} GROUP BY {listed} HAVING count(*) > 1)",
    )


def _declared(connection: apsw.Connection, schema: str, table: str) -> list[frozenset[str]]:
    place = quote(schema)
    found = [
        frozenset(
            str(row[1])
            for row in rows(connection, f"PRAGMA {place}.table_xinfo({quote(table)})")
            if row[5]
        )
    ]
    for _, index, unique, _, partial in rows(
        connection, f"PRAGMA {place}.index_list({quote(table)})"
    ):
        if unique and not partial:
            columns = rows(connection, f"PRAGMA {place}.index_info({quote(str(index))})")
            if all(name is not None for _, _, name in columns):
                found.append(frozenset(str(name) for _, _, name in columns))
    return [key for key in found if key]


# Copies that somebody kept beside the tables they were taken from; they stay as they are.
LEFTOVER = re.compile(
    r"(archive|archived|backup|bak|copy|deleted|old|temp|tmp)_.*"
    r"|.*_(archive|archived|backup|bak|copy|deleted|old|orig|original|temp|tmp)(_?\d+)?"
    r"|.*_\d{6,14}(_\d+)?",
    re.IGNORECASE,
)
OURS = re.compile(r"(domain|migration|ops_migration)_.*", re.IGNORECASE)


def detect(connection: apsw.Connection, schemas: Schemas) -> tuple[Source, ...]:
    """Return the legacy tables; *schemas* tells under which schema each database is open."""
    found: list[Source] = []
    for database, schema in schemas.items():
        for table, without_rowid in _tables(connection, schema):
            source = _recognise(connection, database, schema, table, without_rowid)
            if source is not None:
                found.append(source)
    order = {database: number for number, database in enumerate(schemas)}
    kinds = list(Kind)
    shapes = list(Shape)
    found.sort(
        key=lambda one: (
            kinds.index(Kind(one.kind)), shapes.index(Shape(one.shape)), order[one.database],
            not is_known(Kind(one.kind), one.table), one.table.lower(),
        )
    )  # fmt: skip
    return tuple(one._replace(id=number) for number, one in enumerate(found, start=1))


def leftovers(connection: apsw.Connection, schemas: Schemas) -> list[str]:
    """Return, as ``database.table``, what looks like a kept copy of a legacy table."""
    found = []
    for database, schema in schemas.items():
        for table, _ in _tables(connection, schema, leftover=True):
            columns = _columns(connection, schema, table)
            if signature_of(frozenset(name.lower() for name, _ in columns)):
                found.append(f"{database}.{table}")
    return found


def doubtful(connection: apsw.Connection, schemas: Schemas) -> tuple[Text, ...]:
    """Return, in words, which tables with rows have the columns of a source and are none."""
    found = []
    for database, schema in schemas.items():
        for table, _ in _tables(connection, schema):
            signature = signature_of(
                frozenset(name.lower() for name, _ in _columns(connection, schema, table))
            )
            if signature is None:
                continue
            doubt = doubt_about(connection, schema, table, signature)
            some = f"SELECT EXISTS (SELECT 1 FROM {quote(schema)}.{quote(table)})"
            if doubt is not None and number(connection, some):
                found.append(doubt_text(database, table, doubt))
    return tuple(found)


def _tables(
    connection: apsw.Connection, schema: str, *, leftover: bool = False
) -> list[tuple[str, bool]]:
    return [
        (str(name), bool(without_rowid))
        for _, name, kind, _, without_rowid, _ in rows(
            connection, f"PRAGMA {quote(schema)}.table_list"
        )
        if kind == "table"
        and not str(name).startswith("sqlite_")
        and not OURS.fullmatch(str(name))
        and bool(LEFTOVER.fullmatch(str(name))) == leftover
    ]


def _columns(connection: apsw.Connection, schema: str, table: str) -> list[tuple[str, int]]:
    return [
        (str(row[1]), int(str(row[5])))
        for row in rows(connection, f"PRAGMA {quote(schema)}.table_xinfo({quote(table)})")
    ]


def _recognise(
    connection: apsw.Connection, database: str, schema: str, table: str, without_rowid: bool
) -> Source | None:
    described = _columns(connection, schema, table)
    names = tuple(name for name, _ in described)
    lower = frozenset(name.lower() for name in names)
    signature = signature_of(lower)
    if signature is None or doubt_about(connection, schema, table, signature) is not None:
        return None
    free = next((one for one in ("rowid", "_rowid_", "oid") if one not in lower), None)
    primary = sorted((place, name) for name, place in described if place)
    return Source(
        id=0, database=database, schema=schema, table=table, shape=signature.shape,
        kind=signature.kind, columns=names,
        key=next((one for one in signature.key if one in lower), None),
        rowid=None if without_rowid else free,
        primary=tuple(name for _, name in primary) or names,
        references=tuple(references(connection, schema, table).items()),
    )  # fmt: skip
