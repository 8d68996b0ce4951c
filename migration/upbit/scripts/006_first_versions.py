"""The first version of every strategy: a snapshot of it as it was converted."""

from __future__ import annotations

import apsw

from core.base.text import translate
from migration.engine.scripts import Deployment, NotVerified
from migration.sql import number
from migration.upbit.transforms.versions import add_versions, wrong_versions

DATABASE = "strategies"
FORMER = (
    "e6a3759cd3d46260a49e3499631e501773cb07f59928a5d2290dfc973380d7b6",
    "9fdb25f10d43c185a26bdb9d3849719f1607ed1563fceca1cd06ca7ab1b51fa4",
)  # the same script, while what it imports lay elsewhere


def deploy(connection: apsw.Connection, deployment: Deployment) -> None:
    """Write version 1 of every strategy that has none."""
    add_versions(connection, deployment)


def verify(connection: apsw.Connection, _: Deployment) -> None:
    """Every strategy has a version whose hash is that of its snapshot."""
    lost = number(
        connection,
        "SELECT count(*) FROM domain_strategies AS s WHERE NOT EXISTS "
        "(SELECT 1 FROM domain_strategy_versions AS v WHERE v.strategy_id = s.id)",
    )
    if lost:
        raise NotVerified(translate("migration", "{count} strategies have no version", count=lost))
    changed = wrong_versions(connection)
    if changed:
        raise NotVerified(
            translate("migration", "{count} versions of strategies were changed", count=changed)
        )


def revert(connection: apsw.Connection, _: Deployment) -> None:
    """Forget the versions; script 003 keeps its table and its triggers."""
    for name in ("domain_strategy_versions_are_kept",):
        (sql,) = connection.execute(
            "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?", (name,)
        ).fetchone() or ("",)
        connection.execute(f"DROP TRIGGER {name}").fetchall()
        connection.execute("DELETE FROM domain_strategy_versions").fetchall()
        connection.execute(str(sql)).fetchall()
