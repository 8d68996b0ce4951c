"""Everything that the window and the command line can do with deployments."""

from core.program.release import Pointer
from core.release.config import DeployInit
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
from core.release.report import report_path
from core.release.rollback import DeployRollback, WayBack, ways_back
from core.release.run import DeployRun
from core.release.status import deploy_status

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
