"""Conditions of every shape become triggers of the strategies that use them."""

from __future__ import annotations

import apsw

from core.base.text import translate
from migration.engine.scripts import Deployment, NotVerified
from migration.sql import number
from migration.upbit.sources.detect import detect
from migration.upbit.transforms.conditions import convert_conditions
from migration.upbit.transforms.convert import schemas_of

DATABASE = "strategies"
FORMER = (
    "e8c3e93ea063e3cb43656be81a31bbdb53c10c6c17f7da0fd50cd9ff6b352cab",
    "31e3c21d84c1819d30cb6102166f71ce276f9750184c9a69cf963475354f18f6",
)  # the same script, while what it imports lay elsewhere


def deploy(connection: apsw.Connection, deployment: Deployment) -> None:
    """Convert; what cannot be converted goes to `migration_review`, whole."""
    convert_conditions(connection, deployment, detect(connection, schemas_of(connection)))


def verify(connection: apsw.Connection, _: Deployment) -> None:
    """Every trigger made from a condition has its link, and the link its trigger."""
    lost = number(
        connection,
        "SELECT count(*) FROM domain_trigger_conditions AS l WHERE NOT EXISTS "
        "(SELECT 1 FROM domain_triggers AS t WHERE t.id = l.trigger_id)",
    )
    if lost:
        raise NotVerified(translate("migration", "{count} links lead nowhere", count=lost))


def revert(connection: apsw.Connection, _: Deployment) -> None:
    """Take out what was made; the legacy tables hold everything still."""
    connection.execute(
        "DELETE FROM domain_triggers WHERE id IN (SELECT trigger_id FROM domain_trigger_conditions)"
    ).fetchall()
    for table in ("domain_trigger_conditions", "domain_conditions"):
        connection.execute(f"DELETE FROM {table}").fetchall()
    connection.execute(
        "DELETE FROM migration_review WHERE source IN (SELECT id FROM migration_sources WHERE "
        "shape LIKE '%conditions' OR shape IN ('user_triggers', 'unified_links')) "
        "OR reason = 'no_condition'"
    ).fetchall()
