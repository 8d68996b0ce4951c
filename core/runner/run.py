"""How every changing operation is run: alone, on a recovered workspace, and journalled.

Recovery finishes or undoes whatever was interrupted, the switchover first: until it is settled,
what lies parked may have to go back.
"""

from __future__ import annotations

import json
import logging
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeVar

import apsw
from pydantic import TypeAdapter

from core.backup.check import check_pending
from core.base.cleanup import attempt, cleaning_up
from core.base.config.models import Settings
from core.base.folders import keep_reserve, open_reserve
from core.base.journal import Begun, Failure, Outcome, begin, end
from core.base.lock import console_lock
from core.base.model import Model
from core.base.operation import Cancelled, Context, Effect, Kind, Operation, OperationError
from core.base.owner import user_at_host
from core.base.rights import hand_over
from core.base.state import StateDamaged
from core.base.text import Text, translate
from core.program.runs import release_everything
from core.promote.condition import is_whole, stopped_by_system
from core.promote.recovery import Recovery, promote_needs_recovery
from core.release.recovery import RecoveredDeployment, recover_deployment
from core.runner.leftovers import Swept, anything_left, sweep
from core.switchover.intent import switchover_is_cut_off
from core.switchover.keep import keep_all

log = logging.getLogger(__name__)

DEEPEST = 3
"""So many levels of a result the journal keeps; of what is deeper, how much it was."""
LONGEST = 20
LONGEST_TEXT = 2_000


def run_journalled(
    settings: Settings, operation: Operation[Result], context: Context, by: str
) -> Result:
    """Run *operation* and keep in the journal what became of it; raises what it raises.

    *by* says from where: ``window``, ``command line`` or ``schedule``.
    """
    begun: Begun | None
    who = f"{user_at_host()}, {by}"
    try:
        try:
            begun = begin(settings, operation.kind, who)
        except StateDamaged:
            begun = begin(settings, operation.kind, who)  # in the one that was begun anew
    except (OSError, apsw.Error) as error:
        if operation.kind.effect.needs_journal:
            raise unwritable(settings, error) from error
        # What looks or frees space is worth more than its entry.
        log.exception("the journal could not take the beginning of %s", operation.kind)
        begun = None
    try:
        result = operation.run(context)
    except Cancelled:
        end(settings, begun, Outcome.CANCELLED, context)
        raise
    except OperationError as error:
        text = Failure.of(error).model_dump_json()
        end(settings, begun, Outcome.FAILED, context, error=text)
        raise
    except OSError as error:
        log.exception("%s", operation.kind)
        known = stopped_by_system(settings, error)
        end(settings, begun, Outcome.FAILED, context, error=Failure.of(known).model_dump_json())
        raise known from error
    except BaseException as error:
        text = json.dumps({"bug": f"{type(error).__name__}: {error}"})
        end(settings, begun, Outcome.FAILED, context, error=text)
        raise
    end(settings, begun, Outcome.OK, context, result=summary_of(result))
    return result


def unwritable(settings: Settings, error: Exception) -> OperationError:
    """Return the failure of an operation that cannot even be written down."""
    return OperationError(
        translate(
            "core",
            "The console's own folder {path} cannot be written: {why}",
            path=settings.home,
            why=str(error),
        ),
        data_state=translate("core", "Nothing was touched."),
        to_do=translate("core", "Free some space there or give yourself the right to write."),
    )


def summary_of(result: object) -> str:
    """Return what the journal keeps of what an operation returned, as JSON: ids, sizes, verdicts.

    What is long or deep stands where it belongs: facts in the restore point, rows in the report.
    The steps are an entry's own.
    """
    adapter: TypeAdapter[object] = TypeAdapter(type(result))
    document = adapter.dump_python(result, mode="json")
    return json.dumps(_short(document), ensure_ascii=False)


def _short(value: object, depth: int = 0) -> object:
    """Return *value* without what is longer than `LONGEST` items or deeper than `DEEPEST`."""
    if isinstance(value, dict):
        if depth >= DEEPEST or len(value) > LONGEST:
            return len(value)
        return {
            name: _short(inner, depth + 1)
            for name, inner in value.items()
            if not (depth == 0 and name == "steps")
        }
    if isinstance(value, list):
        return [_short(item, depth) for item in value] if len(value) <= LONGEST else len(value)
    return value[:LONGEST_TEXT] if isinstance(value, str) else value


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


Result = TypeVar("Result")


def run_operation(
    settings: Settings,
    operation: Operation[Result],
    context: Context,
    by: str,
    wait_seconds: float = 0,
) -> Result:
    """Run *operation* under the console's lock and return its result.

    What a crash left behind is finished or undone first, and journalled.  Raises `Locked` when
    somebody else holds the lock for longer than *wait_seconds*, and what the operation raises.
    """
    open_reserve(settings, operation.kind.effect)
    with ExitStack() as stack:
        try:
            stack.enter_context(console_lock(settings, operation.kind, wait_seconds))
        except OSError as error:
            raise unwritable(settings, error) from error
        # Whatever became of it, the program may be started by others again.
        stack.enter_context(cleaning_up(release_everything))
        # Last of all, after what is cleaned up was written.
        stack.enter_context(cleaning_up(hand_over, *settings.own_folders))
        stack.enter_context(cleaning_up(keep_reserve, settings))
        effect = operation.kind.effect
        recovered = effect is Effect.RECOVER or recover_first(settings, by, effect)
        result = run_journalled(settings, operation, context, by)
        if not recovered and effect is Effect.ROOM:
            # It may have been for want of the room that there is now.
            recover_first(settings, by, effect)
        return result


def recover_first(settings: Settings, by: str, effect: Effect) -> bool:
    """Recover the workspace where there is something to recover; call it under the lock.

    Returns whether nothing is left cut off.  Raises `OperationError` where something is and an
    operation of this *effect* cannot be made beside it; what looks, frees space or stops the
    program always can.
    """
    if not needs_recovery(settings):
        return True
    try:
        run_journalled(settings, Recover(settings), Context(), by)
    except Exception:
        if effect.needs_recovery or (effect.needs_whole_set and swap_is_cut_off(settings)):
            raise
        log.exception("the recovery before this could not be completed")
        return False
    return True
