"""Settings are normalised; each change is kept with what was there before."""

from __future__ import annotations

import apsw

from core.base.text import translate
from migration.engine.scripts import Deployment, NotVerified
from migration.sql import number
from migration.upbit.transforms.settings import PARAMETERS, normalise, take_back

DATABASE = "settings"
CHANGES = (PARAMETERS,)
FORMER = (
    "f06a0c2cd2dc27dd41fc81739c2f6d74c31be2f205276eb434d2cc495ac54150",
    "b60800a9f7d641a7ff7f5da4ccd47d91e409f448d2943ca64b9f073c38d1af58",
)  # the same script, while what it imports lay elsewhere


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
