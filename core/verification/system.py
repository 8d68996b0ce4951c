"""Whether the whole system is well: program, data, answers, the last rollback and the way back."""

from __future__ import annotations

import json
from dataclasses import dataclass

import apsw

from core.backup.catalogue import Catalogue
from core.backup.coverage import good_points
from core.backup.models import RestorePoint
from core.backup.store import Store
from core.base.config.models import GuardedFile, Settings
from core.base.journal import Entry, Outcome, entries
from core.base.operation import Context, Kind, OperationError
from core.base.process import run_in_process
from core.base.text import Finding, Text, translate
from core.program.find import find_program
from core.release.config import VerifySettings, config_path, load_config
from core.release.models import Proof
from core.release.watch import Answers, measure
from core.status import read_status
from core.switchover.way_back.checks import check_way_back
from core.verification.data import Checked, Verification, check_data, data_findings

FAR_BACK = 1_000
"""How many entries of the journal are looked through for a rollback."""


@dataclass(frozen=True)
class VerifyRollback:
    """Prove that the last rollback is whole and the system runs well on it."""

    settings: Settings
    proof: Proof | None = None
    kind: Kind = Kind.VERIFY_ROLLBACK

    def run(self, context: Context) -> Verification:
        """Return all findings; raises `OperationError` where nothing was rolled back yet."""
        entry = next((one for one in entries(self.settings, FAR_BACK) if one.goes_back), None)
        if entry is None:
            raise OperationError(
                translate("verification", "The journal knows of no rollback."),
                data_state=translate("verification", "Nothing was changed."),
                to_do=translate("verification", "Prove the system instead: 'verify system'."),
            )
        result = json.loads(entry.result) if entry.result else {}
        found = [_outcome(entry)]
        checked = check_data(context, self.settings)
        ran = True
        if entry.outcome is Outcome.OK:
            ran = result.get("program_pid") is not None
            if entry.operation == Kind.DEPLOY_ROLLBACK:
                found += _kept(self.settings, result.get("kept_point"))
            else:
                found += _restored(self.settings, str(result.get("point_id")), checked)
                found += _kept(self.settings, result.get("parked_point_id"))
        found += system_findings(context, self.settings, self.proof, checked, program_needed=ran)
        return Verification(findings=tuple(found))


def _outcome(entry: Entry) -> Finding:
    if entry.outcome is Outcome.OK:
        text = translate("verification", "The last rollback, begun {when}, went well.",
                         when=entry.begun)  # fmt: skip
        return Finding(name="rollback", state="ok", evidence=text)
    why = entry.failure.happened if entry.failure is not None else entry.outcome.value
    return Finding(
        name="rollback",
        state="failed",
        evidence=translate(
            "verification", "The last rollback, begun {when}, did not go through: {why}",
            when=entry.begun, why=why,
        ),
        to_do=translate("verification", "Remove the cause, then roll back again."),
    )  # fmt: skip


def _restored(settings: Settings, point_id: str, checked: dict[str, Checked]) -> list[Finding]:
    """Compare the tables of the restore point with those that are live now."""
    point = _point(settings, point_id)
    if point is None:
        text = translate("verification", "The restore point {id} is not there any more.",
                         id=point_id)  # fmt: skip
        return [Finding(name="restored", state="warning", evidence=text)]
    lost = [
        f"{file.name}.{table.name}"
        for file in point.files
        if file.facts is not None and file.name in checked
        for table in file.facts.tables
        if table.name not in checked[file.name].tables
    ]
    if lost:
        return [
            Finding(
                name="restored",
                state="failed",
                evidence=translate(
                    "verification", "Tables of {id} are not live: {tables}",
                    id=point_id, tables=", ".join(lost[:5]),
                ),
                to_do=translate("verification", "Roll back to it again: 'rollback --to'."),
            )
        ]  # fmt: skip
    text = translate("verification", "Every table of {id} is live.", id=point_id)
    return [Finding(name="restored", state="ok", evidence=text)]


def _kept(settings: Settings, point_id: object) -> list[Finding]:
    if point_id is None:
        text = translate("verification", "There was no live file before the rollback.")
        return [Finding(name="kept", state="ok", evidence=text)]
    if _point(settings, str(point_id)) is None:
        text = translate(
            "verification", "What was live before the rollback, {id}, is not there any more.",
            id=str(point_id),
        )  # fmt: skip
        return [Finding(name="kept", state="warning", evidence=text)]
    text = translate(
        "verification", "What was live before the rollback is restore point {id}.",
        id=str(point_id),
    )  # fmt: skip
    return [Finding(name="kept", state="ok", evidence=text)]


def _point(settings: Settings, point_id: str) -> RestorePoint | None:
    try:
        return Store(settings.store).get(point_id).point
    except OperationError:
        return None


LOOK_SECONDS = 1.0


@dataclass(frozen=True)
class VerifySystem:
    """Prove that the trading system as a whole is well."""

    settings: Settings
    proof: Proof | None = None
    kind: Kind = Kind.VERIFY_SYSTEM

    def run(self, context: Context) -> Verification:
        """Return all findings; nothing is changed."""
        found = system_findings(
            context, self.settings, self.proof, check_data(context, self.settings)
        )
        return Verification(findings=tuple(found))


def system_findings(
    context: Context,
    settings: Settings,
    proof: Proof | None,
    checked: dict[str, Checked],
    *,
    program_needed: bool = True,
) -> list[Finding]:
    """Return what is to be said of everything that must be well after any change."""
    found = [_program(settings, needed=program_needed), *data_findings(checked)]
    found.append(_answers(context, settings))
    if proof is not None:
        found.append(_proven(context, settings, proof))
    return [*found, _unfinished(settings), *_way_back(context, settings)]


def _program(settings: Settings, *, needed: bool) -> Finding:
    program = find_program(settings)
    if program is not None:
        text = translate(
            "verification", "The trading program runs: process {pid}.", pid=str(program.pid)
        )
        return Finding(name="program", state="ok", evidence=text)
    return Finding(
        name="program",
        state="failed" if needed else "warning",
        evidence=translate("verification", "The trading program does not run."),
        to_do=translate("verification", "Start it: 'service start'."),
    )


def _answers(context: Context, settings: Settings) -> Finding:
    limit = VerifySettings().response_ms
    try:
        if config_path(settings).exists():
            limit = load_config(settings).verify.response_ms
        answers = run_in_process(_measure, context, settings.databases)
    except OperationError as error:
        return Finding(name="answers", state="failed", evidence=error.happened, to_do=error.to_do)
    if isinstance(answers, str):
        text = translate("verification", "A database does not answer: {why}", why=answers)
        return Finding(name="answers", state="failed", evidence=text)
    if not answers.database:
        text = translate("verification", "There is no database that could answer.")
        return Finding(name="answers", state="failed", evidence=text)
    slow = answers.response_ms > limit
    return Finding(
        name="answers",
        state="failed" if slow else "ok",
        evidence=translate(
            "verification",
            "The slowest database, {database}, answers within {milliseconds} ms; the limit is "
            "{limit} ms.",
            database=answers.database,
            milliseconds=round(answers.response_ms, 1),
            limit=round(limit),
        ),
        to_do=translate("verification", "Look at 'health' for what keeps it busy.")
        if slow
        else None,
    )


def _measure(context: Context, files: tuple[GuardedFile, ...]) -> Answers | str:
    try:
        return measure(context, files, LOOK_SECONDS)
    except apsw.Error as error:
        return str(error)


def _proven(context: Context, settings: Settings, proof: Proof) -> Finding:
    try:
        return Finding(name=proof.finding, state="ok", evidence=proof.run(context, settings))
    except OperationError as error:
        return Finding(
            name=proof.finding, state="failed", evidence=error.happened, to_do=error.to_do
        )


def _unfinished(settings: Settings) -> Finding:
    status = read_status(settings)
    if status.interrupted or status.parked:
        return Finding(
            name="unfinished",
            state="failed",
            evidence=translate("verification", "An operation was cut off and lies unfinished."),
            to_do=translate("verification", "Finish or undo it: 'recover'."),
        )
    text: Text = translate("verification", "Nothing lies unfinished.")
    return Finding(name="unfinished", state="ok", evidence=text)


def _way_back(context: Context, settings: Settings) -> list[Finding]:
    """Return which restore point one would go back to, and what came of trying it."""
    points = good_points(settings, Catalogue(settings.store).read().points)
    newest = points[0] if points else None
    if newest is None:
        told = Finding(
            name="way_back",
            state="failed",
            evidence=translate("verification", "There is no good restore point."),
            to_do=translate("verification", "Make one: 'backup create'."),
        )
    else:
        text = translate(
            "verification", "The newest good restore point is {id}.", id=newest.point.id
        )
        told = Finding(name="way_back", state="ok", evidence=text)
    return [told, *check_way_back(context, settings, newest)]
