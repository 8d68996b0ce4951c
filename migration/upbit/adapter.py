"""What the adapter of the Upbit program hands in: its conversions above all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

import apsw

from core.base.cleanup import concluding
from core.base.config.models import GuardedFile
from core.base.operation import Context
from core.base.sqlite import open_quietly, quote
from core.base.text import Text, translate
from core.release.hooks import LiveChecks
from migration.adapter import Adapter, Conversions, Migrated
from migration.models import (
    Check,
    ValidatorResult,
)
from migration.run.stage import live_counts
from migration.sql import number, rows
from migration.upbit.checks import NAMES, check_trade
from migration.upbit.describe import describe
from migration.upbit.probes import HOLDER
from migration.upbit.proof import PROOF
from migration.upbit.renew import renew
from migration.upbit.sources.detect import OURS, detect, doubtful, leftovers
from migration.upbit.sources.evidence import is_log
from migration.upbit.transforms.settings import OLDER, take_back
from migration.upbit.transforms.versions import wrong_versions
from migration.upbit.validation.business import (
    MARKET_DATA,
    read_candles,
    validate_business_logic,
)
from migration.upbit.validation.counts import count_legacy_rows
from migration.upbit.validation.lossless import rows_come_back, validate_lossless
from migration.upbit.validation.performance import validate_performance
from migration.validation.validate import attach_before

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
