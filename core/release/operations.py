"""Everything that the window and the command line can do with deployments."""

from __future__ import annotations

from core.base.config.models import Settings
from core.program.find import find_program
from core.program.release import Pointer, read_pointer
from core.release.config import DeployInit, config_path, load_config
from core.release.hooks import Hooks, LiveChecks, Migrations, Proof
from core.release.log import (
    history,
    history_as_it_is,
    log_path,
    read_log,
    read_log_as_it_is,
)
from core.release.models import (
    Changes,
    CheckResult,
    CheckState,
    DeployPlanResult,
    DeployResult,
    DeployStatus,
    Ending,
    Record,
    RecordKind,
    RehearsalResult,
)
from core.release.plan import DeployPlan
from core.release.recovery import DeployRecover, needs_recovery, recover_deployment
from core.release.rehearse import DeployRehearse
from core.release.releases import list_releases
from core.release.report import report_path
from core.release.rollback import DeployRollback, WayBack, ways_back
from core.release.run import DeployRun
from core.switchover.intent import read_intent

__all__ = [
    "Changes",
    "CheckResult",
    "CheckState",
    "DeployInit",
    "DeployPlan",
    "DeployPlanResult",
    "DeployRecover",
    "DeployRehearse",
    "DeployResult",
    "DeployRollback",
    "DeployRun",
    "DeployStatus",
    "Ending",
    "Hooks",
    "LiveChecks",
    "Migrations",
    "Pointer",
    "Proof",
    "Record",
    "RecordKind",
    "RehearsalResult",
    "WayBack",
    "deploy_status",
    "history",
    "history_as_it_is",
    "log_path",
    "needs_recovery",
    "read_log",
    "read_log_as_it_is",
    "recover_deployment",
    "report_path",
    "ways_back",
]


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
