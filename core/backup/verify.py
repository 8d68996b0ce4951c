"""Proves that a restore point can be restored: quickly by its bytes, or fully by a drill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import computed_field

from core.backup.check import check_point
from core.backup.damage import mark_damaged, problems_of, read_all
from core.backup.facts import read_restored
from core.backup.materialise import materialise_all
from core.backup.models import ListedPoint, Proof
from core.backup.store import Damage, Store
from core.base.cleanup import attempt
from core.base.config.models import Settings
from core.base.files import temporary_folder
from core.base.model import Model
from core.base.operation import Context, Kind, OperationError, Unit
from core.base.process import run_in_process
from core.base.text import translate

Depth = Literal["quick", "full"]


def verify(context: Context, settings: Settings, point_id: str, kind: Depth) -> Proof:
    """Verify one restore point and note the outcome with it.

    *quick* reads every stored byte it needs against its hash.  *full* is a restore drill: the
    files are written out, checked by SQLite, and compared with what was recorded.
    """
    store = Store(settings.store)
    if not store.get(point_id).checked:
        check_point(context, settings, point_id)
    listed = store.get(point_id)
    problems = run_in_process(_quick if kind == "quick" else _full, context, settings.store, listed)
    proof = Proof(kind=kind, at=datetime.now(UTC), ok=not problems, problems=tuple(problems))
    # On a full disk the proof cannot be noted; it is one all the same.
    attempt(store.annotate, point_id, proof=proof)
    return proof


def _quick(context: Context, root: Path, listed: ListedPoint) -> list[str]:
    store = Store(root)
    with store.exclusive(context):  # nobody may remove what is being read
        try:
            packs = store.packs_of(listed.point)
        except (Damage, OSError) as damage:
            return [str(damage)]
        total = sum(path.stat().st_size for path in packs)
        done = 0

        def progress(count: int) -> None:
            nonlocal done
            context.check()
            done += count
            context.progress(done, total, Unit.BYTES, translate("snapshot", "Reading stored bytes"))

        wrong = store.check_packs(sorted(packs), progress)
        return _concerning(context, store, listed, wrong) if wrong else []


def _concerning(context: Context, store: Store, listed: ListedPoint, wrong: list[str]) -> list[str]:
    """Return what of a damaged pack *listed* needs; mark the others that need it, too.

    A pack serves many restore points, and one bit touches a chunk of it.
    """
    chunks = store.chunks()
    try:
        read_all(context, store, chunks, listed)
        problems = problems_of(store, chunks, listed.point, chunks.unreadable)
        mark_damaged(store, chunks, chunks.unreadable)
    except Damage as damage:
        problems = (str(damage),)
    finally:
        attempt(chunks.close)
    if not problems:
        context.warn(
            translate(
                "snapshot",
                "The store is damaged ({why}); the restore point {id} needs nothing of that.",
                why="; ".join(wrong),
                id=listed.point.id,
            )
        )
    return list(problems)


def _full(context: Context, root: Path, listed: ListedPoint) -> list[str]:
    with Store(root).exclusive(context):
        return _quick(context, root, listed) or _drill(context, root, listed)


def _drill(context: Context, root: Path, listed: ListedPoint) -> list[str]:
    problems = []
    with temporary_folder("drill-", root / "scratch") as folder:
        destinations = {file.name: folder / file.name for file in listed.point.files}
        try:
            materialise_all(context, root, listed, destinations)
        except OperationError as error:
            # Want of room, or a disk that fails, says nothing about the restore point.
            if isinstance(error.__cause__, Damage):
                return [str(error)]
            raise
        for file in listed.point.files:
            if file.facts is None:
                continue
            found = read_restored(context, destinations[file.name])
            if found != file.facts:
                problems.append(f"{file.name}: SQLite describes it otherwise than recorded")
    return problems


class VerifiedAll(Model):
    """Proofs by restore point, and the restore points whose manifests are damaged."""

    proofs: dict[str, Proof]
    damaged: dict[str, str]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def ok(self) -> bool:
        """Whether all of it is good."""
        return not self.damaged and all(proof.ok for proof in self.proofs.values())


@dataclass(frozen=True)
class VerifyAll:
    """Prove every restore point, the newest first."""

    settings: Settings
    depth: Depth = "quick"
    kind: Kind = Kind.BACKUP_VERIFY

    def run(self, context: Context) -> VerifiedAll:
        """Return the proofs, good or bad."""
        there = Store(self.settings.store).read(fresh=True)
        proofs = {
            listed.point.id: verify(context, self.settings, listed.point.id, self.depth)
            for listed in there.listed
        }
        return VerifiedAll(proofs=proofs, damaged=there.damaged)


@dataclass(frozen=True)
class VerifyRestorePoint:
    """Prove that a restore point can be restored."""

    settings: Settings
    point_id: str
    depth: Depth = "quick"
    kind: Kind = Kind.BACKUP_VERIFY

    def run(self, context: Context) -> Proof:
        """Return the proof, good or bad."""
        return verify(context, self.settings, self.point_id, self.depth)
