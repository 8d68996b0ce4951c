"""Finishes or undoes whatever was interrupted: a swap of files, a deployment, a half-written store.

The swap goes first, because only on a whole set of files can a deployment be judged.  The program
is started last, on what is whole again.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.base.config.models import Settings
from core.base.kind import Kind
from core.base.model import Model
from core.base.operation import Context
from core.base.text import Text
from core.program.pending_restart import perform_restart, restart_is_pending
from core.promote import Recovery, is_whole, promote_needs_recovery, recover
from core.release.pointer import deployment_is_cut_off
from core.release.recovery import RecoveredDeployment, recover_deployment
from core.runner.leftovers import Swept, anything_left, sweep
from core.switchover.engine import keep_all


class RecoverResult(Model):
    """What recovery found and did."""

    recovered: tuple[Recovery, ...]
    ingested: tuple[str, ...]
    freed_bytes: int
    deployment: RecoveredDeployment
    program_pid: int | None = None
    """Of the program that had been stopped and was started again."""
    warnings: tuple[Text, ...] = ()
    """What the operator is to know, such as a former set that stays parked for want of room."""
    swept: tuple[Swept, ...] = ()
    """What operations that were cut off had left besides."""


@dataclass(frozen=True)
class Recover:
    """Finish or undo what was interrupted; harmless when nothing was."""

    settings: Settings
    kind: Kind = Kind.RECOVER

    def run(self, context: Context) -> RecoverResult:
        """Return what was found and done; raises `OperationError` where it cannot be."""
        recovered = recover(self.settings)
        kept = keep_all(context, self.settings)
        swept = sweep(self.settings)
        deployment = recover_deployment(context, self.settings)
        program = perform_restart(self.settings)
        return RecoverResult(
            recovered=recovered,
            ingested=tuple(one.point_id for one in kept if one.point_id is not None),
            warnings=tuple(one.warning for one in kept if one.warning is not None),
            freed_bytes=sum(one.freed_bytes for one in swept),
            swept=swept,
            deployment=deployment,
            program_pid=program.pid if program is not None else None,
        )


def needs_recovery(settings: Settings) -> bool:
    """Whether anything was interrupted, or has left something behind."""
    return is_cut_off(settings) or anything_left(settings)


def is_cut_off(settings: Settings) -> bool:
    """Whether a change was interrupted: until it is recovered, nobody may start the program."""
    return (
        deployment_is_cut_off(settings)
        or promote_needs_recovery(settings)
        or restart_is_pending(settings)
    )


def swap_is_cut_off(settings: Settings) -> bool:
    """Whether an interrupted operation left the live files other than whole."""
    return not is_whole(settings)
