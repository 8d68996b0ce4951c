"""Everything that the window and the command line can do with deployments."""

from core.deployment.config import DeployInit
from core.deployment.hooks import Hooks, Migrations, StrategyCheck
from core.deployment.log import (
    history,
    history_as_it_is,
    log_path,
    read_log,
    read_log_as_it_is,
)
from core.deployment.models import (
    Changes,
    CheckResult,
    CheckState,
    DeployPlanResult,
    DeployResult,
    DeployStatus,
    Ending,
    Kind,
    Record,
    RehearsalResult,
)
from core.deployment.plan import DeployPlan
from core.deployment.recovery import DeployRecover, needs_recovery, recover_deployment
from core.deployment.rehearse import DeployRehearse
from core.deployment.report import report_path
from core.deployment.rollback import DeployRollback, WayBack, ways_back
from core.deployment.run import DeployRun
from core.deployment.status import deploy_status
from core.services.release import Pointer

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
    "Kind",
    "Migrations",
    "Pointer",
    "Record",
    "RehearsalResult",
    "StrategyCheck",
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
