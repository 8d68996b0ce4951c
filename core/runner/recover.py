"""Finishes or undoes whatever was interrupted: a switchover, a swap of files, a half-written store.

The switchover goes first: until it is settled, what lies parked may have to go back.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.backup.check import check_pending
from core.base.cleanup import attempt
from core.base.config.models import Settings
from core.base.kind import Kind
from core.base.model import Model
from core.base.operation import Context
from core.base.text import Text
from core.promote import Recovery, is_whole, promote_needs_recovery
from core.release.recovery import RecoveredDeployment, recover_deployment
from core.runner.leftovers import Swept, anything_left, sweep
from core.switchover.intent import switchover_is_cut_off
from core.switchover.keep import keep_all


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
        deployment, recovered = recover_deployment(context, self.settings)
        kept = keep_all(context, self.settings)
        swept = sweep(self.settings)
        attempt(check_pending, context, self.settings)
        if recovered.problem is not None:
            raise recovered.problem
        return RecoverResult(
            recovered=recovered.swaps,
            ingested=tuple(one.point_id for one in kept if one.point_id is not None),
            warnings=tuple(one.warning for one in kept if one.warning is not None),
            freed_bytes=sum(one.freed_bytes for one in swept),
            swept=swept,
            deployment=deployment,
            program_pid=recovered.program.pid if recovered.program is not None else None,
        )


def needs_recovery(settings: Settings) -> bool:
    """Whether anything was interrupted, or has left something behind."""
    return is_cut_off(settings) or anything_left(settings)


def is_cut_off(settings: Settings) -> bool:
    """Whether a change was interrupted: until it is recovered, nobody may start the program."""
    return switchover_is_cut_off(settings) or promote_needs_recovery(settings)


def swap_is_cut_off(settings: Settings) -> bool:
    """Whether an interrupted operation left the live files other than whole."""
    return not is_whole(settings)
