"""Whether it is a time for a deployment, as the trade goes: positions, orders, volatility."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import apsw

from core.base.cleanup import concluding
from core.base.config.models import GuardedFile
from core.base.databases import Condition, examine
from core.base.model import Strict
from core.base.operation import Context, OperationError
from core.base.process import run_in_process
from core.base.sqlite import open_quietly, quote
from core.base.text import translate
from core.release.checks import Subject, found_wrong, named, of_error, passed, skipped
from core.release.models import CheckResult
from migration.upbit.probes import unix_time
from migration.upbit.settings import UpbitWindow

NAMES = {
    "positions": translate("deploying", "Open positions"),
    "orders": translate("deploying", "Pending orders"),
    "volatility": translate("deploying", "Volatility"),
}
STALE_MINUTES = 10
"""A newest candle older than this says nothing of how the market moves now."""
CLOSED = ("closed", "filled", "done", "cancelled", "canceled", "rejected", "expired", "finished")
"""What a status says of a position or an order that is not open any more."""
_POSITIONS = {"current_positions", "positions", "domain_positions", "open_positions"}
_ORDERS = {"orders", "pending_orders", "open_orders", "current_orders", "trading_orders"}


class ObservedMarket(Strict):
    """The candles of one market in the minutes before `newest`."""

    market: str
    newest: float
    """Unix time of the newest candle's beginning."""
    candles: int
    range_percent: float


class Observed(Strict):
    """What was found; None: there is no table that would say."""

    open_positions: int | None
    pending_orders: int | None
    markets: tuple[ObservedMarket, ...]


def check_trade(context: Context, subject: Subject) -> list[CheckResult]:
    """Return whether little enough is open, and the market is calm."""
    window = subject.config.window
    if not isinstance(window, UpbitWindow):
        return []
    try:
        live = run_in_process(
            look, context, subject.settings.databases, window.markets, window.volatility_minutes
        )
    except OperationError as error:
        return [named(name, of_error(error)) for name in NAMES]
    return [
        named("positions", _counted(live.open_positions, window.max_open_positions)),
        named("orders", _counted(live.pending_orders, window.max_pending_orders)),
        named("volatility", _volatility(live, window, subject.now)),
    ]


def look(
    context: Context, files: Sequence[GuardedFile], markets: Sequence[str], minutes: int
) -> Observed:
    """Look at the live databases; what cannot be read is told by the check of the databases."""
    positions: list[int] = []
    orders: list[int] = []
    found: list[ObservedMarket] = []
    for file in files:
        context.check()
        if examine(file).condition is not Condition.OK:
            continue
        try:
            connection = open_quietly(file.path)
            with concluding(connection.close):
                positions += _open_rows(connection, _POSITIONS)
                orders += _open_rows(connection, _ORDERS)
                found += _markets(connection, markets, minutes)
        except apsw.Error:
            continue
    return Observed(
        open_positions=sum(positions) if positions else None,
        pending_orders=sum(orders) if orders else None,
        markets=tuple(found),
    )


def _open_rows(connection: apsw.Connection, names: set[str]) -> list[int]:
    """Return the number of rows of each table in *names* that tell of something still open."""
    counts = []
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'"):
        if str(name).lower() not in names:
            continue
        columns = {
            str(row[1]).lower() for row in connection.execute(f"PRAGMA table_info({quote(name)})")
        }
        terms = []
        if "closed_at" in columns:
            terms.append("closed_at IS NULL")
        if "status" in columns:
            closed = ", ".join(f"'{word}'" for word in CLOSED)
            terms.append(f"lower(coalesce(status, '')) NOT IN ({closed})")
        for column in ("volume", "quantity"):
            if column in columns and str(name).lower() in _POSITIONS:
                terms.append(f"CAST({column} AS REAL) <> 0")
        where = f" WHERE {' AND '.join(terms)}" if terms else ""
        counts.append(
            int(str(connection.execute(f"SELECT count(*) FROM {quote(name)}{where}").get))
        )
    return counts


def _markets(
    connection: apsw.Connection, markets: Sequence[str], minutes: int
) -> list[ObservedMarket]:
    tables = {
        str(name).lower(): str(name)
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'candles%'"
        )
    }
    found = []
    for market in markets:
        wanted = f"candles_{re.sub('[^A-Za-z0-9]', '_', market)}_1m".lower()
        if wanted not in tables:
            continue
        table = quote(tables[wanted])
        columns = {str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})")}
        column = "candle_date_time_utc" if "candle_date_time_utc" in columns else "timestamp"
        newest = connection.execute(f"SELECT max({column}) FROM {table}").get
        begun = unix_time(newest)
        if begun is None:
            continue
        since: str | int | float | bytes | None = newest
        if isinstance(newest, str) and not newest.strip().isdigit():
            moment = datetime.fromtimestamp(begun, UTC) - timedelta(minutes=minutes)
            since = moment.strftime("%Y-%m-%dT%H:%M:%S")
        elif isinstance(newest, int | float):
            since = newest - minutes * (60_000 if newest > 1e11 else 60)
        high, low, count = connection.execute(
            f"SELECT max(high_price), min(low_price), count(*) FROM {table} WHERE {column} > ?",
            (since,),
        ).fetchall()[0]
        if high and low:
            found.append(
                ObservedMarket(market=market, newest=begun, candles=int(str(count)),
                           range_percent=(float(high) / float(low) - 1) * 100)
            )  # fmt: skip
    return found


def _counted(count: int | None, limit: int | None) -> CheckResult:
    if limit is None:
        return skipped(translate("deployment", "No limit is configured."))
    if count is None:
        return skipped(translate("deployment", "The databases have no table of them."))
    evidence = translate("deployment", "Open: {count}; allowed: {limit}.", count=count, limit=limit)
    if count > limit:
        return found_wrong(
            evidence,
            translate("deployment", "Close them, or wait until the strategies have."),
        )  # fmt: skip
    return passed(evidence)


def _volatility(live: Observed, allowed: UpbitWindow, now: datetime) -> CheckResult:
    limit = allowed.max_volatility_percent
    if limit is None:
        return skipped(translate("deployment", "No limit is configured."))
    remedy = translate("deployment", "Wait until the market is calm.")
    known = {one.market: one for one in live.markets}
    for market in allowed.markets:
        one = known.get(market)
        old = STALE_MINUTES + 1
        if one is not None:
            old = round((now - datetime.fromtimestamp(one.newest, UTC)).total_seconds() / 60)
        if one is None or old > STALE_MINUTES:
            return found_wrong(
                translate("deployment", "{market} has no one-minute candle of the last "
                                        "{minutes} minutes: nobody knows.",
                          market=market, minutes=STALE_MINUTES),
                translate("deployment", "Let the trading program collect candles first."),
            )  # fmt: skip
        if one.range_percent > limit:
            return found_wrong(
                translate("deployment", "{market} moved by {percent} % within {minutes} minutes; "
                                        "allowed: {limit} %.",
                          market=market, percent=round(one.range_percent, 2),
                          minutes=allowed.volatility_minutes, limit=limit),
                remedy,
            )  # fmt: skip
    most = max((one.range_percent for one in live.markets), default=0.0)
    return passed(
        translate("deployment", "At most {percent} % within {minutes} minutes.",
                  percent=round(most, 2), minutes=allowed.volatility_minutes),
    )  # fmt: skip
