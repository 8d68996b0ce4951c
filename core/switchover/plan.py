"""What a rollback will do: one plan, shown in window, dry run and question, and then executed.

Every sentence of what will happen comes from here, so that none promises what the others do not.
What is to go back is written out beside the live files, where it waits to be swapped in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from core.backup.materialise import materialise_all
from core.backup.models import ListedPoint
from core.backup.order import state_of
from core.backup.store import Store
from core.base.config.models import Settings
from core.base.journal import Entry, Outcome, known_entries
from core.base.model import Model
from core.base.operation import Context, Kind, OperationError
from core.base.owner import lower_priority
from core.base.process import run_in_process
from core.base.text import Text, translate
from core.diff.models import Comparison, Status
from core.program.control import launch_of
from core.program.find import find_programs
from core.program.models import RunningProgram
from core.promote.engine import Replacement, staging_folder
from core.switchover.obstacles import obstacles

DOWNTIMES = 5
"""So many of the newest rollbacks say how long the next one may take."""


class RowChanges(Model):
    """What going back does to the rows of the databases that it replaces."""

    returning: int
    leaving: int
    changing: int
    at: datetime
    """The moment of the live state that was compared, UTC."""

    @property
    def rows(self) -> int:
        """All rows that will not be as they are now."""
        return self.returning + self.leaving + self.changing


class RollbackPlan(Model):
    """What a rollback would do; sizes in bytes, names as the operator knows the files."""

    point: ListedPoint
    files: tuple[str, ...]
    """All that is put in, a ``-wal`` that was kept by itself among them."""
    replaced: tuple[str, ...]
    """Guarded files that are there and are replaced."""
    returning: tuple[str, ...]
    """Guarded files that are not there and come back."""
    untouched: tuple[str, ...]
    """Guarded files that the restore point does not hold; they stay as they are."""
    databases: int
    """How many databases are put in."""
    saves: bool
    """Whether anything is there that is saved first."""
    size: int
    program: RunningProgram | None
    """What is stopped, and started again."""
    start: tuple[str, ...] | None
    downtimes: tuple[float, ...]
    """Seconds for which the program was down in earlier rollbacks."""
    changes: RowChanges | None = None
    """None while it is not known."""
    problem: Text | None
    """Why it would not be done; None: nothing is in the way."""
    to_do: Text | None = None
    """What to do about the problem."""

    def with_changes(self, comparison: Comparison) -> RollbackPlan:
        """Return the plan with the rows that *comparison* with the live files has found.

        Raises `ValueError` where that is of another restore point.
        """
        if comparison.left != self.point.point.id or comparison.right is not None:
            raise ValueError(f"a comparison of {comparison.left}, not of {self.point.point.id}")
        return self.model_copy(update={"changes": row_changes(comparison)})

    def differs_from(self, now: RollbackPlan) -> Text | None:
        """Return what would not be as this plan says if *now* were executed; None: nothing."""
        if (self.program is None) != (now.program is None):
            if now.program is None:
                return translate("rollback", "The trading program does not run any more.")
            return translate("rollback", "The trading program runs now.")
        if self.start != now.start:
            return translate("rollback", "The trading program runs in another way now.")
        ours = (self.files, self.replaced, self.returning, self.untouched, self.saves)
        if ours != (now.files, now.replaced, now.returning, now.untouched, now.saves):
            return translate("rollback", "Other guarded files are there now.")
        return None


def row_changes(comparison: Comparison) -> RowChanges:
    """Return the rows of all that going back to the left of *comparison* replaces."""
    tables = [
        table
        for database in comparison.databases
        if database.status is not Status.NOT_HELD
        for table in database.tables
    ]
    return RowChanges(
        returning=sum(table.rows_returning for table in tables),
        leaving=sum(table.rows_leaving for table in tables),
        changing=sum(table.rows_changing for table in tables),
        at=comparison.moment,
    )


def plan_rollback(settings: Settings, point_id: str) -> RollbackPlan:
    """Return what `Rollback` would do; nothing is touched.

    Raises `OperationError` when there is no such restore point.
    """
    listed = Store(settings.store).get(point_id)
    held = {file.name for file in listed.point.files}
    there = {file.name for file in settings.files if file.path.is_file()}
    bases = {name.removesuffix("-wal") for name in held}
    programs = find_programs(settings)
    launch = problem = to_do = None
    try:
        launch = launch_of(settings, programs[0]) if programs else None
    except OperationError as error:
        problem, to_do = error.happened, error.to_do
    in_the_way = obstacles(settings, bases)
    if not listed.checked and not listed.damaged:
        problem = translate("rollback", "SQLite has not checked this restore point yet.")
        to_do = translate("rollback", "Verify it first: 'backup verify {id}'.", id=point_id)
    elif not listed.good:
        problem = translate("rollback", "This restore point is damaged.")
        to_do = translate("rollback", "Choose another restore point.")
    elif in_the_way:
        problem, to_do = in_the_way[0].what, in_the_way[0].to_do
    return RollbackPlan(
        point=listed,
        files=tuple(sorted(held)),
        replaced=tuple(file.name for file in settings.files if file.name in bases & there),
        returning=tuple(sorted(bases - there)),
        untouched=tuple(file.name for file in settings.files if file.name in there - bases),
        databases=sum(file.name in bases for file in settings.databases),
        saves=bool(there),
        size=listed.point.size,
        program=RunningProgram.of(programs[0]) if programs else None,
        start=launch.command if launch else None,
        downtimes=downtimes(known_entries(settings)),
        problem=problem,
        to_do=to_do,
    )


def downtimes(journal: Iterable[Entry]) -> tuple[float, ...]:
    """Return the seconds for which the program was down in the newest rollbacks."""
    found = []
    for entry in journal:
        if entry.operation == Kind.ROLLBACK and entry.outcome is Outcome.OK and entry.result:
            result = json.loads(entry.result)
            seconds = result.get("downtime_seconds") if isinstance(result, dict) else None
            if isinstance(seconds, float) and seconds > 0:
                found.append(seconds)
    return tuple(found[:DOWNTIMES])


# ---- what it says --------------------------------------------------------------------------


def sentences(plan: RollbackPlan) -> tuple[Text, ...]:
    """Return what will happen, one sentence each, in the order in which it will."""
    return (
        *_of_files(plan),
        _of_saving(plan),
        _of_program(plan),
        _of_rows(plan),
        _of_downtime(plan),
        _of_failure(plan),
    )


def _of_files(plan: RollbackPlan) -> Iterable[Text]:
    at = state_of(plan.point)
    if plan.replaced:
        yield translate(
            "rollback", "{files} are replaced by their state of {at}.",
            files=", ".join(plan.replaced), at=at,
        )  # fmt: skip
    if plan.returning:
        yield translate(
            "rollback", "{files} are not there now and come back with their state of {at}.",
            files=", ".join(plan.returning), at=at,
        )  # fmt: skip
    if plan.untouched:
        yield translate(
            "rollback", "Not in the restore point, stays as it is: {files}.",
            files=", ".join(plan.untouched),
        )  # fmt: skip


def _of_saving(plan: RollbackPlan) -> Text:
    if not plan.saves:
        return translate("rollback", "No guarded file is there, so nothing is saved before.")
    return translate(
        "rollback",
        "The present state is saved as a restore point of its own. "
        "If that fails, nothing is touched.",
    )


def _of_program(plan: RollbackPlan) -> Text:
    if plan.program is None:
        return translate(
            "rollback", "No running trading program was found, so none is stopped or started."
        )
    return translate(
        "rollback",
        "The trading program (PID {pid}, running since {since}) is asked to stop, "
        "and started again afterwards.",
        pid=str(plan.program.pid), since=plan.program.started,
    )  # fmt: skip


def _of_rows(plan: RollbackPlan) -> Text:
    changes = plan.changes
    if changes is None:
        return translate(
            "rollback",
            "How many rows change is not known yet. Rows written since then leave the live "
            "databases and stay in the restore point of the present.",
        )
    if changes.rows == 0:
        return translate("rollback", "No row differs from the live databases.")
    return translate(
        "rollback",
        "{leaving} rows written since then leave the live databases and stay in the restore "
        "point of the present; {returning} rows return, {changing} get their former values.",
        leaving=changes.leaving, returning=changes.returning, changing=changes.changing,
    )  # fmt: skip


def _of_downtime(plan: RollbackPlan) -> Text:
    if plan.program is None:
        return translate("rollback", "Because no program runs, there is no downtime.")
    if not plan.downtimes:
        return translate(
            "rollback",
            "How long the program will be down is not known yet: this is the first rollback here.",
        )
    middle = sorted(plan.downtimes)[len(plan.downtimes) // 2]
    return translate(
        "rollback",
        "The program is expected to be down for about {seconds} s, as in the last {count} "
        "rollbacks.",
        seconds=f"{middle:.1f}", count=len(plan.downtimes),
    )  # fmt: skip


def _of_failure(plan: RollbackPlan) -> Text:
    if plan.program is None:
        return translate(
            "rollback",
            "If a database does not answer afterwards, the present state comes back by itself.",
        )
    return translate(
        "rollback",
        "If the program does not run properly afterwards, the present state comes back by itself.",
    )


def main_names(listed: ListedPoint) -> list[str]:
    """Return the names of the files of a restore point; what lies beside them goes with them."""
    names = (file.name for file in listed.point.files)
    return [name for name in names if not name.endswith("-wal")]


def stage_point(
    context: Context,
    settings: Settings,
    listed: ListedPoint,
    promote_id: str,
    *,
    gently: bool = False,
) -> list[Replacement]:
    """Stage a restore point, every byte compared; return what it is to replace.

    *gently*: the trading program's reading and writing goes first.  Raises `OperationError`.
    """
    names = {file.name for file in listed.point.files}
    destinations: dict[str, Path] = {}
    alike: dict[str, Path] = {}
    replacements = []
    for base in main_names(listed):
        live = settings.file(base).path
        folder = staging_folder(live, promote_id)
        suffixes = tuple(suffix for suffix in ("", "-wal") if f"{base}{suffix}" in names)
        for suffix in suffixes:
            destinations[f"{base}{suffix}"] = folder / f"{live.name}{suffix}"
        if live.is_file():
            alike[base] = live
        replacements.append(Replacement(name=base, live=live, suffixes=suffixes))
    write = _materialise_gently if gently else materialise_all
    run_in_process(write, context, settings.store, listed, destinations, alike)
    return replacements


def _materialise_gently(
    context: Context,
    store_root: Path,
    listed: ListedPoint,
    destinations: dict[str, Path],
    alike: dict[str, Path],
) -> None:
    lower_priority()
    materialise_all(context, store_root, listed, destinations, alike)
