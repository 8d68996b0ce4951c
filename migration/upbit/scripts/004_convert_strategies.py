"""Strategies of every shape become domain strategies with configurations, rules and triggers."""

from __future__ import annotations

import apsw

from core.base.text import translate
from migration.engine.scripts import Deployment, NotVerified
from migration.sql import number
from migration.upbit.transforms.convert import convert_strategies

DATABASE = "strategies"
FORMER = (
    "4bcdf4af8b944ca817096bb63fd9a5ed44fc3d9d5525552c4d88660fc766acb2",
    "d1871eee1a36d8a21ebe52e3b69783661e11ddf2d6ddfec4a32403f411da6409",
)  # the same script, while what it imports lay elsewhere


def deploy(connection: apsw.Connection, deployment: Deployment) -> None:
    """Convert; what cannot be converted goes to `migration_review`, whole."""
    convert_strategies(connection, deployment)


def verify(connection: apsw.Connection, _: Deployment) -> None:
    """Every strategy in the map exists, and every one that was made has its configuration."""
    lost = number(
        connection,
        "SELECT count(*) FROM domain_id_map AS m WHERE m.kind = 'strategy' AND NOT EXISTS "
        "(SELECT 1 FROM domain_strategies AS s JOIN domain_strategy_configurations AS c "
        "ON c.strategy_id = s.id WHERE s.id = m.domain_id)",
    )
    if lost:
        raise NotVerified(translate("migration", "{count} strategies are not whole", count=lost))


def revert(connection: apsw.Connection, _: Deployment) -> None:
    """Take out what was made; the legacy tables hold everything still."""
    mine = "SELECT domain_id FROM domain_id_map WHERE kind = 'strategy'"
    for table in (
        "domain_strategy_components", "domain_management_rules", "domain_triggers",
        "domain_strategy_configurations",
    ):  # fmt: skip
        connection.execute(f"DELETE FROM {table} WHERE strategy_id IN ({mine})").fetchall()
    connection.execute(f"DELETE FROM domain_strategies WHERE id IN ({mine})").fetchall()
    for table in ("migration_review", "domain_id_map", "migration_sources"):
        connection.execute(f"DELETE FROM {table}").fetchall()
