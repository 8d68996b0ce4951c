"""What is in production now, in one look; nothing is touched."""

from __future__ import annotations

from core.base.config.models import Settings
from core.program.find import find_program
from core.program.release import read_pointer
from core.release.config import config_path, load_config
from core.release.log import read_log_as_it_is
from core.release.models import DeployStatus
from core.release.releases import list_releases
from core.switchover.intent import read_intent


def deploy_status(settings: Settings) -> DeployStatus:
    """Return it; raises `OperationError` when pointer, intent or configuration are damaged."""
    program = find_program(settings)
    intent = read_intent(settings)
    configured = config_path(settings).exists()
    releases = list_releases(load_config(settings)) if configured else ()
    return DeployStatus(
        pointer=read_pointer(settings),
        running_pid=program.pid if program else None,
        interrupted=intent.id if intent and intent.switches_release else None,
        releases=tuple(release.id for release in releases),
        log_problem=read_log_as_it_is(settings)[1],
        configured=configured,
    )
