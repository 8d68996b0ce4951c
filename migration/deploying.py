"""What a deployment asks of migrations: what is pending, to run it, and the 7-rule strategy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.base.config.models import GuardedFile, Settings
from core.base.operation import Context, OperationError
from core.base.process import run_in_process
from core.base.text import Text, translate
from core.release.hooks import Hooks
from core.switchover.engine import Saved
from migration.engine.plan import require_runnable
from migration.engine.scripts import read_scripts
from migration.rules.evaluator import decide
from migration.rules.models import read_rule
from migration.rules.strategies import basic_seven_rules
from migration.run.execute import StagedMigration, require_migratable, staged_migration
from migration.run.records import finish_report, read_decisions
from migration.run.rehearse import work_folder
from migration.run.stage import copy_live, migrated_files, read_plans
from migration.validation.business import read_candles

MARKET_DATA = "market_data"


class DeploymentMigrations:
    """The migrations of the trading program's databases, as a deployment runs them."""

    def pending(self, context: Context, settings: Settings) -> tuple[str, ...]:
        """Return what would run, as ``database: script``.

        Raises `OperationError`, also where the run would be refused: that is to be known before
        the program is stopped.
        """
        files = migrated_files(settings, read_scripts())
        plans = run_in_process(read_plans, context, files)
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


def run_basic_strategy(context: Context, settings: Settings) -> Text:
    """Run the basic 7-rule strategy over a copy of the newest candles; return what it did.

    Raises `OperationError` where a rule of it never acts on the practice series, which makes
    every one of them act.
    """
    market = next((file for file in settings.databases if file.name == MARKET_DATA), None)
    with work_folder(settings) as folder:
        made = run_in_process(_decisions, context, market, folder)
    if not made["practice"]:
        raise OperationError(
            translate("migration", "The basic 7-rule strategy decided nothing."),
            data_state=translate("migration", "It ran on a copy."),
            to_do=translate("migration", "Do not trade with this release."),
        )
    return translate(
        "migration",
        "The basic 7-rule strategy ran over {series} series and decided {count} times.",
        series=len(made),
        count=sum(made.values()),
    )


def _decisions(context: Context, market: GuardedFile | None, folder: Path) -> dict[str, int]:
    path = None
    if market is not None and market.path.is_file():
        path = copy_live(context, (market,), folder).get(market.name)
    rules = tuple(read_rule(one) for one in basic_seven_rules())
    return {name: len(decide(rules, candles)) for name, candles in read_candles(path).items()}


HOOKS = Hooks(migrations=DeploymentMigrations(), strategy=run_basic_strategy)
