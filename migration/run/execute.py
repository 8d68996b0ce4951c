"""The real run: everything is made and validated on copies, then the copies become live.

Invariants
----------
1. The live databases are only read until the swap, and the swap is `core.promote`'s: all of
   them or none, whatever dies when.
2. What becomes live holds exactly what was live when the program had stopped: what was written
   since the copies were made is taken in and proven (`catch_up`), or they are made again.
3. From the moment the program is asked to stop, every failure ends with the former state in
   place and the program started on it.
4. A restore point holds every row written until the stop.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.backup.models import Reason
from core.base.cleanup import attempt
from core.base.config.models import GuardedFile, Settings
from core.base.operation import Context, Kind, OperationError
from core.base.process import run_in_process
from core.base.text import Text, translate
from core.promote.condition import Parked
from core.promote.engine import (
    Fingerprint,
    Replacement,
    discard_staged,
    fingerprint,
    narrowed,
    promote,
    staging_folder,
)
from core.switchover.engine import (
    Change,
    DataChange,
    Saved,
    Switched,
    save_present,
    switch_over,
)
from core.switchover.keep import Kept, keep_all, keep_step
from core.switchover.obstacles import require_swappable
from migration.adapter import script_set
from migration.engine.history import console
from migration.engine.plan import refusal, require_readable
from migration.run.catch_up import Again, CaughtUp, catch_up
from migration.run.models import Decision, HistoryChange, MigrationResult, Outcome
from migration.run.records import (
    finish_report,
    read_decisions,
    remove_run_marker,
    write_report,
    write_run_marker,
)
from migration.run.rehearse import (
    Work,
    make_copies,
    now,
    require_pending,
    require_space,
    require_valid,
    work_folder,
)
from migration.run.stage import change_histories, migrated_files, read_plans
from migration.run.timing import Recorded, Timed, forecast_of_run

Make = Callable[[Path], Work]
"""Makes the staged copies from what is live, with a folder to work in."""
TakenIn = Callable[[CaughtUp], None]
"""Is told what was taken in of what had been written since."""


def _brought_up(outcome: Outcome, caught: CaughtUp) -> Outcome:
    """Return *outcome*, told of copies before they were caught up, with what is so now."""
    counts = {name: tables | caught.counts.get(name, {}) for name, tables in outcome.counts.items()}
    return outcome.model_copy(update={"counts": counts, "heads": outcome.heads | caught.heads})


def staged_change(
    context: Context,
    settings: Settings,
    files: tuple[GuardedFile, ...],
    promote_id: str,
    folder: Path,
    make: Make,
    taken_in: TakenIn,
    again: Again | None,
) -> DataChange:
    """Make the copies, and return how they become live: brought up to date, or made again.

    *again* says how they are migrated; None: they are not.
    """
    lives = [file.path for file in files]
    before = fingerprint(lives)
    work = make(folder / "first")

    def swap(stopped: Fingerprint) -> Parked:
        nonlocal work
        if narrowed(stopped, lives) != before:
            with context.step("catch_up", translate("migration", "Take in what was written since")):
                caught = run_in_process(
                    catch_up, Recorded(context), script_set(settings), work.files, work.sources,
                    work.targets, folder / "compare", again,
                )  # fmt: skip
                if caught is None:
                    context.fail(translate("migration", "Everything is migrated anew instead."))
            if caught is None:
                work = make(folder / "second")
            else:
                taken_in(caught)
        with context.step("promote", translate("migration", "Swap the files")):
            return promote(
                settings, promote_id, _replacements(work), stopped, kind=Kind.MIGRATE_RUN
            )

    def verify() -> None:
        with context.step("verify", translate("migration", "Verify what is live")):
            _require_migrated(settings, files)

    return DataChange(promote_id, swap, verify)


def _undone(why: Text) -> Text:
    return translate("migration", "The migration was undone: {why}", why=why)


def _replacements(work: Work) -> list[Replacement]:
    return [
        Replacement(name=file.name, live=file.path)
        for file in work.files
        if file.name in work.targets
    ]


def _require_migrated(settings: Settings, files: tuple[GuardedFile, ...]) -> None:
    for plan in run_in_process(read_plans, Context(), script_set(settings), files):
        if plan.problems:
            raise OperationError(
                plan.problems[0],
                data_state=translate("migration", "The new databases are in place."),
                to_do=translate("migration", "Look at the report, then rehearse again."),
            )


def staged_targets(
    settings: Settings, files: tuple[GuardedFile, ...], promote_id: str
) -> dict[str, Path]:
    """Return where the staged copies of *files* are to lie, beside the live ones.

    Raises `OperationError` where one of them could not be swapped.
    """
    require_swappable(settings, [file.name for file in files])
    return {file.name: staging_folder(file.path, promote_id) / file.path.name for file in files}


class StagedMigration:
    """A migrated set of files beside the live ones, and the report of how it was made."""

    def __init__(self, settings: Settings, saved: Saved, decisions: tuple[Decision, ...]) -> None:
        """Migrate for the present that was *saved*, with the operator's *decisions*."""
        self.promote_id = f"migration-{secrets.token_hex(6)}"
        self._settings, self._saved, self._decisions = settings, saved, decisions
        self._moment = now()
        self._result: MigrationResult | None = None
        self.files = migrated_files(settings)

    def stage(self, context: Context, folder: Path) -> None:
        """Make the copies in *folder*, migrate and validate them; raises `OperationError`."""
        self.data = staged_change(
            context, self._settings, self.files, self.promote_id, folder,
            partial(self._make, context), self._taken_in, Again(self._moment, self._decisions),
        )  # fmt: skip

    def _make(self, context: Context, place: Path) -> Work:
        settings = self._settings
        targets = staged_targets(settings, self.files, self.promote_id)
        made = make_copies(
            context, settings, self.files, place, targets, self._moment, self._decisions
        )
        require_valid(made.outcome)
        self._keep_result(
            MigrationResult(
                id=self.promote_id,
                moment=self._moment,
                validators=made.outcome.validators,
                outcome=made.outcome,
                restore_point="",
                safety_point=self._saved.point_id or "",
                downtime_seconds=None,
                data_seconds=None,
                staged_again=self._result is not None,
                program_pid=None,
                decisions=self._decisions,
                console=console(),
                steps=tuple(context.steps),
                report="",
            )
        )
        return made.work

    def _taken_in(self, caught: CaughtUp) -> None:
        made = self._made
        outcome = _brought_up(made.outcome, caught)
        self._keep_result(made.model_copy(update={"caught_up": caught.rows, "outcome": outcome}))

    def _keep_result(self, result: MigrationResult) -> None:
        self._result = result
        write_run_marker(self._settings, result)

    @property
    def _made(self) -> MigrationResult:
        if self._result is None:
            raise ValueError("nothing was staged")
        return self._result

    def conclude(self, context: Context, switched: Switched, kept: Kept) -> MigrationResult:
        """Write the report, once it is live and what it replaced is *kept*; return it."""
        result = self._made.model_copy(
            update={
                # What is still parked is not in the store yet: the point before is.
                "restore_point": kept.point_id or self._made.safety_point,
                "downtime_seconds": switched.downtime,
                "data_seconds": switched.data_seconds,
                "program_pid": switched.program.pid if switched.program else None,
                "steps": tuple(context.steps),
            }
        )
        placed = write_report(self._settings, result)
        remove_run_marker(self._settings)
        return placed


@contextmanager
def staged_migration(
    context: Context, settings: Settings, saved: Saved, decisions: tuple[Decision, ...]
) -> Iterator[StagedMigration]:
    """Migrate a copy of what is live while the program runs; what does not become live goes.

    *saved* is the present.  Raises `OperationError` with nothing changed.
    """
    staged = StagedMigration(settings, saved, decisions)
    try:
        with work_folder(settings) as folder:
            staged.stage(context, folder)
            yield staged
    except BaseException:
        attempt(remove_run_marker, settings)
        raise
    finally:
        lives = [file.path for file in staged.files]
        attempt(discard_staged, settings, lives, staged.promote_id)


def require_migratable(context: Context, settings: Settings) -> None:
    """Raise `OperationError` where a migration would be refused, or there is nothing to do."""
    files = migrated_files(settings)
    require_pending(run_in_process(read_plans, context, script_set(settings), files))
    require_space(context, settings, files)


@dataclass(frozen=True)
class RunMigration:
    """Migrate the trading program's databases."""

    settings: Settings
    decisions: tuple[Decision, ...] | None = None
    """None: those that were kept."""
    kind: Kind = Kind.MIGRATE_RUN

    def run(self, context: Context) -> MigrationResult:
        """Return what was done; raises `OperationError` with the former state back in place."""
        settings = self.settings
        keep_all(context, settings)
        finish_report(settings)
        context = Timed(context, forecast_of_run(settings))
        decisions = read_decisions(settings) if self.decisions is None else self.decisions
        require_migratable(context, settings)
        saved = save_present(context, settings, Reason.BEFORE_MIGRATION)
        switched = Switched()
        with staged_migration(context, settings, saved, decisions) as staged:
            change = Change(
                id=staged.promote_id, kind=self.kind, saved=saved, undone=_undone,
                data=staged.data,
            )  # fmt: skip
            switch_over(context, settings, change, switched)
        kept = keep_step(context, settings, switched.parked)
        return staged.conclude(context, switched, kept)


@dataclass(frozen=True)
class ChangeHistory:
    """Repair the histories, or give them a baseline: the same way into the live files."""

    settings: Settings
    baseline_version: int | None
    kind: Kind

    def run(self, context: Context) -> HistoryChange:
        """Return what was written; nothing is touched when there was nothing to write."""
        settings = self.settings
        scripts = script_set(settings)
        if self.baseline_version not in {None, *(script.version for script in scripts.read())}:
            raise refusal(
                translate("migration", "There is no script {version}.",
                          version=str(self.baseline_version)),
                translate("migration", "Look at 'migrate status' for their numbers."),
            )  # fmt: skip
        keep_all(context, settings)
        files = migrated_files(settings)
        for plan in run_in_process(read_plans, context, scripts, files):
            require_readable(plan)
        promote_id = f"migration-{secrets.token_hex(6)}"
        moment = now()
        changed: list[HistoryChange] = []
        saved = save_present(context, settings, Reason.BEFORE_MIGRATION)
        switched = Switched()
        try:
            with work_folder(settings) as folder:

                def make(place: Path) -> Work:
                    targets = staged_targets(settings, files, promote_id)
                    with context.step("history", translate("migration", "Write the history")):
                        sources, states = run_in_process(
                            change_histories, context, scripts, files, place, targets, moment,
                            self.baseline_version,
                        )  # fmt: skip
                    if not states:
                        raise _NothingToDo
                    changed.append(
                        HistoryChange(changed=states, restore_point=None, downtime_seconds=0.0)
                    )
                    return Work(files, sources, targets)

                data = staged_change(
                    context, settings, files, promote_id, folder, make, lambda _caught: None, None
                )
                change = Change(
                    id=promote_id, kind=self.kind, saved=saved, undone=_undone, data=data
                )
                switch_over(context, settings, change, switched)
        except _NothingToDo:
            return HistoryChange(changed=(), restore_point=None, downtime_seconds=0.0)
        finally:
            attempt(discard_staged, settings, [file.path for file in files], promote_id)
        kept = keep_step(context, settings, switched.parked)
        return changed[-1].model_copy(
            update={"restore_point": kept.point_id, "downtime_seconds": switched.downtime}
        )


class _NothingToDo(Exception):  # noqa: N818 (an answer, not an error)
    pass


def Repair(settings: Settings) -> ChangeHistory:  # noqa: N802 (used like the other operations)
    """Accept edited, failed and missing scripts in the histories."""
    return ChangeHistory(settings, None, Kind.MIGRATE_REPAIR)


def Baseline(settings: Settings, version: int) -> ChangeHistory:  # noqa: N802
    """Let every script up to *version* count as done, in databases without a history."""
    return ChangeHistory(settings, version, Kind.MIGRATE_BASELINE)
