# ruff: noqa: PLC0415 (each peer's libraries are imported where they are timed)
"""Converts legacy conditions the way others would.

    python migrate.py row-loop|alembic|sqlite-utils LEGACY NEW

Runs in an environment of its own, with alembic and sqlite-utils.  Every peer writes what the
console writes of conditions: the definition, the trigger and the link between them, each with
its legacy row carried along, and none proves anything.  Prints one JSON object: the seconds that
the rows took, and by how many bytes resident memory grew over that of the idle process.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import resource
import sqlite3
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

COLUMNS = (
    "name", "description", "variable_id", "variable_name", "variable_params", "operator",
    "comparison_type", "target_value", "external_variable", "trend_direction", "is_active",
    "category", "created_at", "updated_at", "usage_count", "success_rate", "chart_category",
)  # fmt: skip
TABLES = {
    "domain_conditions": ("id", "source_row", "legacy_id", *COLUMNS),
    "domain_triggers": ("id", "strategy_id", "trigger_type", "variable_config",
                        "evaluation_config", "created_at"),
    "domain_trigger_conditions": ("trigger_id", "condition_id", "ordinal", "logic", "source_row",
                                  "carried"),
}  # fmt: skip
CHUNK = 10_000
Value = str | int | float | None
Entity = dict[str, Value]
Entities = tuple[Entity, Entity, Entity]


def schema() -> Iterator[str]:
    """Yield the statements that make the new tables."""
    for table, columns in TABLES.items():
        rest = ", ".join(columns[1:])
        yield f"CREATE TABLE {table} ({columns[0]} TEXT PRIMARY KEY, {rest})"
    yield "CREATE INDEX idx_domain_triggers_strategy_id ON domain_triggers(strategy_id)"
    yield "CREATE INDEX idx_domain_triggers_type ON domain_triggers(trigger_type)"


def entities(legacy: Path) -> Iterator[Entities]:
    """Yield what each legacy condition becomes."""
    connection = sqlite3.connect(legacy)
    connection.row_factory = sqlite3.Row
    for row in connection.execute(
        "SELECT l.id AS link, l.strategy_id, l.condition_order, l.condition_logic, c.* "
        "FROM strategy_conditions AS l JOIN trading_conditions AS c ON c.id = l.condition_id"
    ):
        yield _convert(row)
    connection.close()


def _convert(row: sqlite3.Row) -> Entities:
    external = row["external_variable"]
    condition = f"cond_{row['id']:012d}"
    trigger = f"trg_{row['link']:012d}"
    variable = {
        "condition_id": condition,
        "name": row["name"],
        "variable_id": row["variable_id"],
        "variable_name": row["variable_name"],
        "variable_params": json.loads(row["variable_params"]),
    }
    evaluation = {
        "operator": row["operator"],
        "comparison_type": row["comparison_type"],
        "target_value": row["target_value"],
        "external_variable": json.loads(external) if external else None,
        "trend_direction": row["trend_direction"],
        "logic": row["condition_logic"],
        "ordinal": row["condition_order"],
        "is_active": row["is_active"],
    }
    link = [row["link"], row["strategy_id"], row["id"], row["condition_order"],
            row["condition_logic"]]  # fmt: skip
    return (
        {"id": condition, "source_row": row["id"], "legacy_id": row["id"]}
        | {name: row[name] for name in COLUMNS},
        {
            "id": trigger,
            "strategy_id": row["strategy_id"],
            "trigger_type": {"entry": "ENTRY", "exit": "EXIT"}[row["category"]],
            "variable_config": json.dumps(variable, ensure_ascii=False),
            "evaluation_config": json.dumps(evaluation, ensure_ascii=False),
            "created_at": row["created_at"],
        },
        {
            "trigger_id": trigger,
            "condition_id": condition,
            "ordinal": row["condition_order"],
            "logic": row["condition_logic"],
            "source_row": row["link"],
            "carried": json.dumps(link, ensure_ascii=False),
        },
    )


def chunked(legacy: Path) -> Iterator[list[Entities]]:
    """Yield the entities in lists of `CHUNK`."""
    found = entities(legacy)
    while some := list(islice(found, CHUNK)):
        yield some


def row_loop(legacy: Path, new: Path) -> None:
    """Insert one by one in one transaction, as the task document's sketch does."""
    with contextlib.closing(sqlite3.connect(new)) as connection:
        for converted in entities(legacy):
            for table, entity in zip(TABLES, converted, strict=True):
                marks = ", ".join("?" * len(entity))
                connection.execute(f"INSERT INTO {table} VALUES ({marks})", tuple(entity.values()))
        connection.commit()


def alembic(legacy: Path, new: Path) -> None:
    """Use Alembic's `op.bulk_insert`."""
    import sqlalchemy as sa
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    engine = sa.create_engine(f"sqlite:///{new}")
    tables = [sa.table(name, *map(sa.column, columns)) for name, columns in TABLES.items()]
    with engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        for some in chunked(legacy):
            for at, table in enumerate(tables):
                operations.bulk_insert(table, [one[at] for one in some])
    engine.dispose()


def sqlite_utils(legacy: Path, new: Path) -> None:
    """Use sqlite-utils' `insert_all`, in one transaction like the others."""
    from sqlite_utils import Database

    database = Database(str(new))
    with database.atomic():
        for some in chunked(legacy):
            for at, table in enumerate(TABLES):
                database[table].insert_all(one[at] for one in some)
    database.close()


PEERS = {"row-loop": row_loop, "alembic": alembic, "sqlite-utils": sqlite_utils}


def main() -> None:
    """Run one peer and say what it took."""
    who, legacy, new = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    for library in ("alembic.operations", "sqlalchemy", "sqlite_utils"):
        importlib.import_module(library)  # that is not what is measured
    with contextlib.closing(sqlite3.connect(new)) as connection:
        for statement in schema():
            connection.execute(statement)
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    PEERS[who](legacy, new)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "memory": (peak - idle) * 1024}))


if __name__ == "__main__":
    main()
