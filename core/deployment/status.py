"""What is in production now, in one look; nothing is touched."""

from __future__ import annotations

from core.base.config.models import Settings
from core.deployment.config import config_path, load_config
from core.deployment.log import read_log_as_it_is
from core.deployment.models import DeployStatus
from core.deployment.pointer import read_intent
from core.deployment.releases import list_releases
from core.services.find import find_program
from core.services.release import read_pointer


def deploy_status(settings: Settings) -> DeployStatus:
    """Return it; raises `OperationError` when pointer, intent or configuration are damaged."""
    program = find_program(settings)
    intent = read_intent(settings)
    configured = config_path(settings).exists()
    releases = list_releases(load_config(settings)) if configured else ()
    return DeployStatus(
        pointer=read_pointer(settings),
        running_pid=program.pid if program else None,
        interrupted=intent.deployment if intent else None,
        releases=tuple(release.id for release in releases),
        log_problem=read_log_as_it_is(settings)[1],
        configured=configured,
    )
