"""Conditions of every shape become triggers of the strategies that use them."""

from __future__ import annotations

import apsw

from core.base.text import translate
from migration.engine.scripts import Deployment, NotVerified
from migration.sources.detect import detect
from migration.sql import number
from migration.transforms.conditions import convert_conditions
from migration.transforms.convert import schemas_of

DATABASE = "strategies"


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
