"""The way back: data, pointer and program as they were, from wherever a deployment had come.

Safe to begin again after any interruption: what is done already is seen and left.
"""

from __future__ import annotations

import logging
import secrets
from contextlib import suppress
from dataclasses import dataclass

import psutil

from core.base.cleanup import attempt, cleaning_up
from core.base.config.models import Settings
from core.base.operation import Context, OperationError
from core.base.text import Text, translate
from core.program.control import start_program, stop_program
from core.program.find import find_programs
from core.program.models import Launch
from core.program.release import write_pointer
from core.promote import (
    Parked,
    describe_live,
    fingerprint_of,
    list_parked,
    recover,
    stopped_by_system,
)
from core.release.data import discard_data, stage_data, swap_data
from core.release.pointer import Intent, Phase, write_intent
from core.switchover.engine import keep

log = logging.getLogger(__name__)
UNCHANGED = (Phase.DRAIN, Phase.SAVED, Phase.RETURNED)
"""Phases in which data and pointer are as they were."""
CLOSING_SECONDS = 5.0


@dataclass(frozen=True)
class Back:
    """How it is after going back."""

    state: Text
    """One sentence for the operator."""
    problem: OperationError | None
    """Why the former state is not wholly back."""
    kept_point: str | None
    """The restore point of what was written since."""


def go_back(context: Context, settings: Settings, intent: Intent, old: Launch | None) -> Back:
    """Put data and pointer of *intent*'s `before` back, and start *old* where a program ran.

    It is not cancelled half-way, and does not raise `OperationError`: what went wrong is said.
    The intent stays on disk where the way back could not be finished.
    """
    parked: tuple[Parked, ...] | None = None
    problem: OperationError | None = None
    try:
        with context.step("back", translate("deployment", "Put everything back as it was")):
            parked = _return_pair(settings, intent)
            _run_again(settings, intent, old)
            write_intent(settings, None)
    except (OperationError, OSError) as error:
        log.exception("going back from %s", intent.deployment)
        if parked is None:
            return Back(
                state=_not_back(settings, intent), problem=_known(settings, error), kept_point=None
            )
        if isinstance(error, OperationError):
            # What is back is back: recovery has nothing more to do.
            attempt(write_intent, settings, None)
        problem = _known(settings, error)
    state = _how_it_runs(settings, intent)
    kept: str | None = None
    for one in parked:
        kept = keep_parked(context, settings, one) or kept
    return Back(state=state, problem=problem, kept_point=kept)


def _not_back(settings: Settings, intent: Intent) -> Text:
    return translate(
        "deployment",
        "The former data is safe in restore point {id}. {state}", id=intent.restore_point or "–",
        state=describe_live(settings),
    )  # fmt: skip


def _run_again(settings: Settings, intent: Intent, old: Launch | None) -> None:
    """Start *old* where the program ran before; raises `OperationError`."""
    if intent.phase is Phase.DRAIN and intent.before.running:
        _let_close(settings)
    if intent.before.running and old is not None and not find_programs(settings):
        start_program(Context(), settings, old)


def _how_it_runs(settings: Settings, intent: Intent) -> Text:
    """Return how it is with data and pointer back, by looking whether the program runs."""
    if find_programs(settings):
        return translate("deployment", "Program and data are as they were, and the program runs.")
    if not intent.before.running:
        return translate("deployment", "Program and data are as they were; no program ran.")
    return translate(
        "deployment", "Program and data are as they were, but the program does not run."
    )


def _let_close(settings: Settings) -> None:
    """Give a program that was asked to close the time to: it would be taken for running."""
    processes = []
    for program in find_programs(settings):
        with suppress(psutil.NoSuchProcess):
            processes.append(psutil.Process(program.pid))
    psutil.wait_procs(processes, timeout=min(CLOSING_SECONDS, settings.program.stop_seconds))


def _return_pair(settings: Settings, intent: Intent) -> tuple[Parked, ...]:
    """Return what was displaced; afterwards data and pointer are as they were, and nobody runs."""
    if intent.phase in UNCHANGED:
        return ()
    intent = intent.model_copy(update={"phase": Phase.BACK})
    write_intent(settings, intent)
    stop_program(Context(), settings, find_programs(settings))
    recover(settings)
    present = fingerprint_of(settings)
    if intent.restore_point is not None and present != intent.fingerprint:
        promote_id = f"deploy-{secrets.token_hex(6)}"
        staged = stage_data(Context(), settings, intent.restore_point, promote_id)
        with cleaning_up(discard_data, settings, promote_id):
            swap_data(settings, staged, present, goes_back=True)
        intent = intent.model_copy(update={"fingerprint": fingerprint_of(settings)})
        write_intent(settings, intent)
    write_pointer(settings, intent.before.pointer)
    write_intent(settings, intent.model_copy(update={"phase": Phase.RETURNED}))
    return list_parked(settings)


def keep_parked(context: Context, settings: Settings, parked: Parked) -> str | None:
    """Make a restore point of what was displaced; where that fails it stays parked for recovery."""
    with context.step("keep", translate("deployment", "Keep what was replaced")):
        kept = keep(Context(), settings, parked)
        if kept.warning is not None:
            context.warn(kept.warning)
    return kept.point_id


def _known(settings: Settings, error: Exception) -> OperationError:
    if isinstance(error, OperationError):
        return error
    return stopped_by_system(settings, error)
