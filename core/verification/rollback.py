"""Whether the last rollback did what it should, and whether one can still go back from it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from core.backup.models import RestorePoint
from core.backup.store import Store
from core.base.config.models import Settings
from core.base.journal import Entry, Outcome, entries
from core.base.kind import Kind
from core.base.operation import Context, OperationError
from core.base.text import translate
from core.release.hooks import Proof
from core.verification.data import Checked, check_data
from core.verification.models import Finding, Verification
from core.verification.system import system_findings

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
