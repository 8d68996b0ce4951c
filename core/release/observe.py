"""What the checks read from the live databases; runs in a process of its own, read-only."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import apsw

from core.base.cleanup import concluding
from core.base.config.models import GuardedFile
from core.base.databases import Condition, examine
from core.base.model import Strict
from core.base.operation import Context
from core.base.sqlite import CUT_OFF, is_hot, open_immutable, open_live, quote
from core.monitoring.probes.application import unix_time

if sys.platform == "win32":
    from core.monitoring.probes.locks_windows import lock_wait
else:
    from core.base.sqlite_locks_unix import lock_wait

LOCK_LIMIT_SECONDS = 1.0
PAUSE_SECONDS = 0.02
CLOSED = ("closed", "filled", "done", "cancelled", "canceled", "rejected", "expired", "finished")
"""What a status says of a position or an order that is not open any more."""
_POSITIONS = {"current_positions", "positions", "domain_positions", "open_positions"}
_ORDERS = {"orders", "pending_orders", "open_orders", "current_orders", "trading_orders"}


class ObservedDatabase(Strict):
    """One live database; sizes in bytes."""

    name: str
    condition: Condition
    detail: str
    size: int
    wal_size: int
    checked: bool
    """Whether it was read whole."""
    problem: str = ""


class ObservedMarket(Strict):
    """The candles of one market in the minutes before `newest`."""

    market: str
    newest: float
    """Unix time of the newest candle's beginning."""
    candles: int
    range_percent: float


class Observed(Strict):
    """What was found; None: there is no table that would say."""

    databases: tuple[ObservedDatabase, ...]
    open_positions: int | None
    pending_orders: int | None
    markets: tuple[ObservedMarket, ...]


def look(
    context: Context,
    files: Sequence[GuardedFile],
    quick_check_max_bytes: int,
    markets: Sequence[str],
    minutes: int,
) -> Observed:
    """Look at the live databases."""
    databases = []
    positions: list[int] = []
    orders: list[int] = []
    found: list[ObservedMarket] = []
    for file in files:
        context.check()
        state = examine(file)
        looked = ObservedDatabase(
            name=file.name, condition=state.condition, detail=state.detail,
            size=state.size, wal_size=state.wal_size, checked=False,
        )  # fmt: skip
        if state.condition is Condition.OK:
            try:
                connection = _open(file.path)
                with concluding(connection.close):
                    looked = _checked(connection, looked, quick_check_max_bytes)
                    positions += _open_rows(connection, _POSITIONS)
                    orders += _open_rows(connection, _ORDERS)
                    found += _markets(connection, markets, minutes)
            except apsw.Error as error:
                problem = CUT_OFF if is_hot(error) else str(error)
                looked = looked.model_copy(update={"problem": problem})
        databases.append(looked)
    return Observed(
        databases=tuple(databases),
        open_positions=sum(positions) if positions else None,
        pending_orders=sum(orders) if orders else None,
        markets=tuple(found),
    )


def _open(path: Path) -> apsw.Connection:
    """Open a live database and leave no trace beside one at rest."""
    with path.open("rb") as file:
        wal = file.read(20)[18:20] == b"\2\2"
    at_rest = wal and not Path(f"{path}-wal").exists()
    return open_immutable(path) if at_rest else open_live(path)


def _checked(connection: apsw.Connection, looked: ObservedDatabase, limit: int) -> ObservedDatabase:
    if looked.size + looked.wal_size > limit:
        return looked
    lines = [str(line) for (line,) in connection.execute("PRAGMA quick_check(3)")]
    problem = "" if lines == ["ok"] else "; ".join(lines)
    return looked.model_copy(update={"checked": True, "problem": problem})


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


class Answers(Strict):
    """How the databases answered while a program ran."""

    response_ms: float
    """Nine looks in ten were answered within this, by the slowest database."""
    database: str
    """The slowest one."""
    looks: int


def measure(context: Context, files: Sequence[GuardedFile], seconds: float) -> Answers:
    """Measure for *seconds* how long the databases take to answer, and writers hold them.

    The program has no other way to be asked: what it makes wait is whoever shares its databases.
    On Windows only reads are measured, because a look at a lock would take it.
    """
    found: dict[str, list[float]] = {}
    begun = time.monotonic()
    looks = 0
    pause = Event()
    while looks == 0 or time.monotonic() - begun < seconds:
        for file in files:
            if not file.path.is_file():
                continue
            context.check()
            # Locks are looked at while this process has no connection to the file.
            wait = lock_wait(file.path, LOCK_LIMIT_SECONDS)
            before = time.monotonic()
            connection = _open(file.path)
            try:
                with concluding(connection.close):
                    connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
            except apsw.ReadOnlyError as error:
                if not is_hot(error):
                    raise
                continue  # nobody has it open, so nobody waits for an answer
            read = time.monotonic() - before
            found.setdefault(file.name, []).append(max(read, wait[0] if wait else 0.0))
        looks += 1
        pause.wait(PAUSE_SECONDS)
    nine_in_ten = {name: sorted(all_)[round((len(all_) - 1) * 0.9)] for name, all_ in found.items()}
    slowest = max(nine_in_ten, key=lambda name: nine_in_ten[name], default="")
    return Answers(
        response_ms=nine_in_ten.get(slowest, 0.0) * 1000,
        database=slowest,
        looks=looks,
    )
