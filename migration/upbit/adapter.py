"""What the adapter of the Upbit program hands in: its conversions above all.

Conditions that the program wrote meanwhile are taken into what was made of them: the columns that
nothing is derived from (`PASSIVE`), in what the row became as in its table.
`validation.lossless` turns them back afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import apsw

from core.base.cleanup import concluding
from core.base.config.models import GuardedFile, Settings
from core.base.operation import Context, OperationError
from core.base.process import run_in_process
from core.base.sqlite import open_quietly, quote
from core.base.text import Text, translate
from core.release.models import LiveChecks, Proof
from migration.adapter import Adapter, Conversions, Migrated
from migration.models import (
    Check,
    ValidatorResult,
)
from migration.run.apply_delta import Impossible, same_sql
from migration.run.rehearse import work_folder
from migration.run.stage import copy_live, live_counts
from migration.sql import Source, number, rows
from migration.upbit.checks import NAMES, check_trade
from migration.upbit.describe import describe
from migration.upbit.probes import HOLDER
from migration.upbit.rules.evaluator import decide, read_rule
from migration.upbit.rules.strategies import basic_seven_rules
from migration.upbit.sources.detect import OURS, Kind, detect, doubtful, is_log, leftovers
from migration.upbit.transforms.homes import (
    carried_whole,
    condition_id,
    home_of,
)
from migration.upbit.transforms.settings import OLDER, take_back
from migration.upbit.transforms.versions import wrong_versions
from migration.upbit.validation.business import (
    MARKET_DATA,
    read_candles,
    validate_business_logic,
    validate_performance,
)
from migration.upbit.validation.lossless import rows_come_back, validate_lossless
from migration.upbit.validation.rule_counts import count_legacy_rows
from migration.validation.validate import attach_before


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


PASSIVE = frozenset({"description", "updated_at", "usage_count", "success_rate", "chart_category"})
"""Columns of `domain_conditions` of which no trigger, link or snapshot holds anything."""


def renew(connection: apsw.Connection, source: Source, chosen: str, old: str) -> None:
    """Take the passive columns of changed conditions into what these became.

    *chosen* holds their numbers; *old* is the schema in which the copy that was migrated is open.
    """
    if source.kind is not Kind.CONDITIONS or not chosen:
        raise Impossible(f"{source.table} changed")
    passive = {
        target: column for target, column in home_of(source).native.items() if target in PASSIVE
    }
    fixed = [column for column in source.columns if column not in passive.values()]
    there = f"{chosen} AS k CROSS JOIN {source.rows_sql} AS o ON o.source_row = k.row"
    stays = number(
        connection,
        f"SELECT count(*) FROM {there} JOIN {source._replace(schema=old).rows_sql} AS w "
        f"ON w.source_row = k.row AND {' AND '.join(map(same_sql, fixed))}",
    )
    if not passive or stays != number(connection, f"SELECT count(*) FROM {chosen}"):
        raise Impossible(f"{source.table} changed in what something is derived from")
    # Looked up row by row; joined, SQLite might read all conditions once for each.
    values = ", ".join(f"o.{quote(column)}" for column in passive.values())
    connection.execute(
        f"UPDATE domain_conditions AS c SET ({', '.join(passive)}) = (SELECT {values} "
        f"FROM {source.rows_sql} AS o WHERE o.source_row = c.source_row) "
        f"WHERE c.id IN (SELECT {condition_id(source.id, 'row')} FROM {chosen})"
    ).fetchall()
    connection.execute(
        f"UPDATE migration_review AS v SET (storage, carried) = (SELECT {carried_whole(source)} "
        f"FROM {source.rows_sql} AS o WHERE o.source_row = v.source_row) "
        f"WHERE v.source = {source.id} AND v.part = '' "
        f"AND v.source_row IN (SELECT row FROM {chosen})"
    ).fetchall()


VERSIONS = 3
"""The script that makes the versions of strategies."""
JSON_COLUMNS = {
    "migration_sources": ("columns",),
    "domain_triggers": ("variable_config", "evaluation_config"),
    "domain_strategy_configurations": ("configuration", "carried"),
    "domain_strategy_components": ("component_data", "carried"),
    "domain_management_rules": ("parameters",),
    "domain_conditions": ("carried",),
    "domain_trigger_conditions": ("carried",),
    "domain_strategy_versions": ("snapshot",),
    "migration_review": ("carried",),
}


def validate(migrated: Migrated, say: Callable[[str], None]) -> Iterator[ValidatorResult]:
    """Yield counts, the lossless proof, decisions of strategies and times of queries."""
    connection = migrated.connections.get(HOLDER)
    if connection is None:
        return
    series = read_candles(migrated.live.get(MARKET_DATA))
    sources = attach_before(connection, migrated.before, CONVERSIONS)
    say("integrity")
    yield count_legacy_rows(connection, sources)
    yield validate_lossless(migrated.context, connection, sources)
    say("business_logic")
    yield validate_business_logic(migrated.context, connection, sources, series, migrated.moment)
    say("performance")
    yield validate_performance(connection, sources)


def take_settings_back(connection: apsw.Connection) -> bool:
    """Undo the changes of settings."""
    made = "SELECT 1 FROM sqlite_schema WHERE name = 'migration_setting_changes'"
    if not rows(connection, made):
        return False
    take_back(connection)
    return True


def wrong(connection: apsw.Connection, database: str, done: Collection[int]) -> Sequence[Text]:
    """Return how many versions of strategies are not what they were made as."""
    bad = wrong_versions(connection) if database == HOLDER and VERSIONS in done else 0
    changed = translate("migration", "{count} versions of strategies were changed", count=bad)
    return [changed] if bad else []


def open_positions(context: Context, files: tuple[GuardedFile, ...]) -> list[Check]:
    """Count open positions, by their columns: a market and a volume that is not zero."""
    context.check()
    found = 0
    for name, tables in live_counts(context, files).items():
        path = next(file.path for file in files if file.name == name)
        connection = open_quietly(path)
        with concluding(connection.close):
            for table in tables:
                columns = {
                    str(row[1]).lower()
                    for row in rows(connection, f"PRAGMA table_info({quote(table)})")
                }
                volume = next(
                    (one for one in ("volume", "quantity", "amount") if one in columns), ""
                )
                if is_log(table):
                    continue  # what was held once, not what is held
                if volume and "position" in table.lower() and {"market", "symbol"} & columns:
                    closed = "AND closed_at IS NULL" if "closed_at" in columns else ""
                    found += number(
                        connection,
                        f"SELECT count(*) FROM {quote(table)} WHERE {volume} <> 0 {closed}",
                    )
    what = (
        translate("migration", "Open positions in the data: {count}.", count=found)
        if found
        else translate("migration", "The data shows no open position.")
    )
    return [Check(name="positions", ok=None, what=what)]


CONVERSIONS = Conversions(
    holder=HOLDER,
    ours=OURS,
    json_columns=JSON_COLUMNS,
    adds={"settings": [name for older, _, newer, _ in OLDER for name in (older, newer)]},
    renewed=("domain_conditions", "migration_review"),
    detect=detect,
    leftovers=leftovers,
    doubtful=doubtful,
    notes=open_positions,
    validate=validate,
    describe=describe,
    take_back=take_settings_back,
    wrong=wrong,
    renew=renew,
    come_back=rows_come_back,
)
ADAPTER = Adapter(CONVERSIONS, PROOF, LiveChecks(NAMES, check_trade))
