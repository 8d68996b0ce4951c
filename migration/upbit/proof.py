"""Whether the basic 7-rule strategy (기본 7규칙 전략) runs on what is live."""

from __future__ import annotations

from pathlib import Path

from core.base.config.models import GuardedFile, Settings
from core.base.operation import Context, OperationError
from core.base.process import run_in_process
from core.base.text import Text, translate
from core.release.hooks import Proof
from migration.run.rehearse import work_folder
from migration.run.stage import copy_live
from migration.upbit.rules.evaluator import decide
from migration.upbit.rules.models import read_rule
from migration.upbit.rules.strategies import basic_seven_rules
from migration.upbit.validation.business import MARKET_DATA, read_candles


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


PROOF = Proof(
    finding="seven_rules",
    what=translate("deployment", "Run the basic 7-rule strategy"),
    run=run_basic_strategy,
)
