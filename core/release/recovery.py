"""What is done about a deployment that the console's death cut off.

Until the new program had been started, the former pair comes back.  Where the new program was
started, still runs and is well, the deployment is finished instead: it serves, and what it has
written since is worth more than a soak that nobody watched to its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from core.base.config.models import Settings
from core.base.kind import Kind
from core.base.model import Strict
from core.base.operation import Context, OperationError
from core.base.owner import user_at_host
from core.base.text import Text, translate
from core.program.control import launch_of, verify_answers
from core.program.find import find_program, find_programs
from core.program.models import Launch
from core.program.release import launch_of_release, read_pointer, read_release
from core.promote import recover
from core.release.back import UNCHANGED, go_back
from core.release.models import Ending, Record, RecordKind
from core.release.pointer import Intent, Phase, read_intent, write_intent
from core.release.rehearsals import sweep_rehearsals
from core.release.writing import keep_record
from core.switchover.engine import keep_all

__all__ = ["DeployRecover", "RecoveredDeployment", "needs_recovery", "recover_deployment"]


class RecoveredDeployment(Strict):
    """What was found and done."""

    deployment: str | None
    """None: nothing was cut off."""
    finished: bool
    """Whether the new release stays; else what was before is back."""
    what: Text
    swept: tuple[str, ...] = ()
    """Rehearsals of which something was left."""


def needs_recovery(settings: Settings) -> bool:
    """Whether a deployment was cut off; raises `OperationError` when its record is damaged."""
    return read_intent(settings) is not None


def recover_deployment(context: Context, settings: Settings) -> RecoveredDeployment:
    """Finish or undo what was cut off; harmless when nothing was.  Call it under the lock.

    Raises `OperationError` where it cannot: nothing is lost then, and it may be tried again.
    """
    swept = sweep_rehearsals(settings)
    intent = read_intent(settings)
    if intent is None:
        return RecoveredDeployment(
            deployment=None, finished=False, swept=swept,
            what=translate("deployment", "No deployment was cut off."),
        )  # fmt: skip
    begun = datetime.now(UTC)
    if intent.phase is Phase.STARTED and _new_one_is_well(settings, intent):
        write_intent(settings, None)
        what = translate(
            "deployment",
            "The deployment {id} was cut off after its program had been started; it runs well and "
            "stays.", id=intent.deployment,
        )  # fmt: skip
        _tell(settings, intent, begun, finished=True, kept=None, what=what)
        return RecoveredDeployment(
            deployment=intent.deployment, finished=True, what=what, swept=swept
        )
    if intent.phase not in UNCHANGED and not find_programs(settings):
        recover(settings)
    back = go_back(context, settings, intent, _old_launch(settings, intent))
    if back.problem is not None:
        raise OperationError(
            translate("deployment", "The deployment {id} was cut off and cannot be undone: {why}",
                      id=intent.deployment, why=back.problem.happened),
            data_state=back.state, to_do=back.problem.to_do,
        )  # fmt: skip
    keep_all(context, settings)
    what = translate("deployment", "The deployment {id} was cut off; it was undone.",
                     id=intent.deployment)  # fmt: skip
    _tell(settings, intent, begun, finished=False, kept=back.kept_point, what=what)
    return RecoveredDeployment(deployment=intent.deployment, finished=False, what=what, swept=swept)


def _new_one_is_well(settings: Settings, intent: Intent) -> bool:
    pointer = read_pointer(settings)
    if pointer != intent.after:
        return False
    program = find_program(settings)
    if program is None:
        return False
    if pointer is not None and program.command != read_release(pointer.folder).command:
        return False  # somebody started the former one by hand
    try:
        verify_answers(settings)
    except OperationError:
        return False
    return True


def _old_launch(settings: Settings, intent: Intent) -> Launch | None:
    before = intent.before
    if before.pointer is not None:
        return launch_of_release(settings, read_release(before.pointer.folder))
    if before.command is None or before.cwd is None:
        return None
    # Its own environment was not written down: it may hold secrets.
    plain = settings.model_copy(
        update={"program": settings.program.model_copy(update={"start": before.command})}
    )
    launch = launch_of(plain, None, deployed=False)
    return Launch(
        command=before.command, cwd=before.cwd, environment=launch.environment if launch else {}
    )


def _tell(
    settings: Settings, intent: Intent, begun: datetime, *, finished: bool, kept: str | None,
    what: Text,
) -> None:  # fmt: skip
    keep_record(
        settings,
        Record(
            number=0, kind=RecordKind.RECOVERY, deployment=intent.deployment,
            begun=begun, ended=begun,
            ending=Ending.DONE if finished else Ending.UNDONE, by=user_at_host(),
            artefact=intent.artefact, before=intent.before.pointer,
            before_command=intent.before.command,
            after=intent.after if finished else intent.before.pointer,
            restore_point=intent.restore_point, kept_point=kept, failure=what, previous_hash="",
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class DeployRecover:
    """Finish or undo a deployment that was cut off."""

    settings: Settings
    kind: Kind = Kind.DEPLOY_RECOVER

    def run(self, context: Context) -> RecoveredDeployment:
        """Return what was found and done."""
        return recover_deployment(context, self.settings)
