"""Settings are normalised; each change is kept with what was there before."""

from __future__ import annotations

import apsw

from core.base.text import translate
from migration.engine.scripts import Deployment, NotVerified
from migration.sql import number
from migration.transforms.settings import PARAMETERS, normalise, take_back

DATABASE = "settings"
CHANGES = (PARAMETERS,)


def deploy(connection: apsw.Connection, deployment: Deployment) -> None:
    """Normalise; what would have to be guessed is listed in `migration_setting_remarks`."""
    normalise(connection, deployment)


def verify(connection: apsw.Connection, _: Deployment) -> None:
    """No change is one that changed nothing."""
    idle = number(
        connection,
        "SELECT count(*) FROM migration_setting_changes "
        "WHERE kind = 'update' AND before_value IS after_value",
    )
    if idle:
        raise NotVerified(
            translate("migration", "{count} changes of settings changed nothing", count=idle)
        )


def revert(connection: apsw.Connection, _: Deployment) -> None:
    """Take every change back, newest first."""
    take_back(connection)
    connection.execute("DELETE FROM migration_setting_changes").fetchall()
    connection.execute("DELETE FROM migration_setting_remarks").fetchall()
