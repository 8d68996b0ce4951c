"""What the console's death leaves of a deployment: a log entry, and scratch of a rehearsal."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import psutil

from core.base.config.models import Settings
from core.base.model import Strict
from core.base.operation import Context
from core.base.owner import user_at_host
from core.base.text import Text, translate
from core.program.models import MARK
from core.program.release import home
from core.release.log import keep_record
from core.release.models import Ending, Record, RecordKind
from core.switchover.back import Recovered, recover_switchover
from core.switchover.intent import Intent

FOLDER = "rehearsal"
STOP_SECONDS = 5.0


def rehearsals(settings: Settings) -> Path:
    """Return the folder in which rehearsals happen."""
    return home(settings) / FOLDER


def sweep_rehearsals(settings: Settings) -> tuple[str, ...]:
    """End programs of rehearsals that were cut off and remove their folders; return their names.

    Such a program works on a copy and has no keys of the exchange: it holds no position, so one
    that does not close when asked is ended.
    """
    root = rehearsals(settings)
    if not root.is_dir():
        return ()
    end_rehearsed(root)
    names = tuple(sorted(folder.name for folder in root.iterdir()))
    shutil.rmtree(root)
    return names


def end_rehearsed(root: Path) -> None:
    """End every process that was started for a rehearsal below *root*."""
    found = []
    for process in psutil.process_iter():
        try:
            mark = process.environ().get(MARK)
        except (psutil.Error, OSError):
            continue
        if mark and Path(mark).is_relative_to(root):
            found.append(process)
    for process in found:
        _ask(process, hard=False)
    _, left = psutil.wait_procs(found, timeout=STOP_SECONDS)
    for process in left:
        _ask(process, hard=True)
    psutil.wait_procs(left, timeout=STOP_SECONDS)


def _ask(process: psutil.Process, *, hard: bool) -> None:
    try:
        process.kill() if hard else process.terminate()
    except psutil.NoSuchProcess:
        return


class RecoveredDeployment(Strict):
    """What was found and done."""

    deployment: str | None
    """None: no deployment was cut off."""
    finished: bool
    """Whether the new release stays; else what was before is back."""
    what: Text
    swept: tuple[str, ...] = ()
    """Rehearsals of which something was left."""


def recover_deployment(
    context: Context, settings: Settings
) -> tuple[RecoveredDeployment, Recovered]:
    """Finish or undo the switchover that was cut off; harmless when none was.

    Returns what it was to deployments, and to all.  Call it under the lock.  Raises as
    `recover_switchover`.
    """
    swept = sweep_rehearsals(settings)
    begun = datetime.now(UTC)
    recovered = recover_switchover(context, settings)
    intent = recovered.intent
    if intent is None or not intent.switches_release:
        what = translate("deployment", "No deployment was cut off.")
        return RecoveredDeployment(
            deployment=None, finished=False, swept=swept, what=what
        ), recovered
    if recovered.finished:
        what = translate(
            "deployment",
            "The deployment {id} was cut off after its program had been started; it runs well and "
            "stays.", id=intent.id,
        )  # fmt: skip
    else:
        what = translate("deployment", "The deployment {id} was cut off; it was undone.",
                         id=intent.id)  # fmt: skip
    keep_record(settings, _record(intent, recovered, begun, what))
    told = RecoveredDeployment(
        deployment=intent.id, finished=recovered.finished, what=what, swept=swept
    )
    return told, recovered


def _record(intent: Intent, recovered: Recovered, begun: datetime, what: Text) -> Record:
    finished, before = recovered.finished, intent.before
    return Record(
        number=0, kind=RecordKind.RECOVERY, deployment=intent.id, begun=begun, ended=begun,
        ending=Ending.DONE if finished else Ending.UNDONE, by=user_at_host(),
        artefact=intent.artefact, before=before.pointer, before_command=before.command,
        after=intent.after if finished else before.pointer,
        restore_point=intent.restore_point, kept_point=recovered.kept_point, failure=what,
        previous_hash="",
    )  # fmt: skip
