"""What a deployment asks: which migrations are pending, to run them, and what the adapter knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.base.config.models import Settings
from core.base.operation import Context
from core.base.process import run_in_process
from core.release.models import Hooks
from core.switchover.engine import Saved
from migration.adapter import Adapted, script_set
from migration.engine.plan import require_runnable
from migration.run.execute import StagedMigration, require_migratable, staged_migration
from migration.run.records import finish_report, read_decisions
from migration.run.stage import migrated_files, read_plans


class DeploymentMigrations:
    """The migrations of the trading program's databases, as a deployment runs them."""

    def pending(self, context: Context, settings: Settings) -> tuple[str, ...]:
        """Return what would run, as ``database: script``.

        Raises `OperationError`, also where the run would be refused: that is to be known before
        the program is stopped.
        """
        files = migrated_files(settings)
        plans = run_in_process(read_plans, context, script_set(settings), files)
        for plan in plans:
            if plan.pending:
                require_runnable(plan)
        return tuple(f"{one.database}: {one.name}" for plan in plans for one in plan.pending)

    @contextmanager
    def staged(
        self, context: Context, settings: Settings, saved: Saved
    ) -> Iterator[StagedMigration]:
        """Migrate a copy of the live data and prove it, while the program runs."""
        finish_report(settings)
        require_migratable(context, settings)
        with staged_migration(context, settings, saved, read_decisions(settings)) as staged:
            yield staged


def hooks_of(settings: Settings) -> Hooks:
    """Return what a deployment of this program asks of its migrations and of its adapter."""
    migrations = DeploymentMigrations() if settings.migrations is not None else None
    if not isinstance(settings, Adapted):
        return Hooks(migrations)
    return Hooks(migrations, settings.adapter.proof, settings.adapter.checks)
