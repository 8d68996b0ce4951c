"""What the checks read from the live databases; runs in a process of its own, read-only."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from threading import Event

import apsw

from core.base.cleanup import concluding
from core.base.config.models import GuardedFile
from core.base.databases import Condition, examine
from core.base.model import Strict
from core.base.operation import Context
from core.base.sqlite import CUT_OFF, is_hot, open_quietly

if sys.platform == "win32":
    from core.monitoring.probes.locks_windows import lock_wait
else:
    from core.base.sqlite_locks_unix import lock_wait

LOCK_LIMIT_SECONDS = 1.0
PAUSE_SECONDS = 0.02


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


def look(
    context: Context, files: Sequence[GuardedFile], quick_check_max_bytes: int
) -> tuple[ObservedDatabase, ...]:
    """Look at the live databases."""
    databases = []
    for file in files:
        context.check()
        state = examine(file)
        looked = ObservedDatabase(
            name=file.name, condition=state.condition, detail=state.detail,
            size=state.size, wal_size=state.wal_size, checked=False,
        )  # fmt: skip
        if state.condition is Condition.OK:
            try:
                connection = open_quietly(file.path)
                with concluding(connection.close):
                    looked = _checked(connection, looked, quick_check_max_bytes)
            except apsw.Error as error:
                problem = CUT_OFF if is_hot(error) else str(error)
                looked = looked.model_copy(update={"problem": problem})
        databases.append(looked)
    return tuple(databases)


def _checked(connection: apsw.Connection, looked: ObservedDatabase, limit: int) -> ObservedDatabase:
    if looked.size + looked.wal_size > limit:
        return looked
    lines = [str(line) for (line,) in connection.execute("PRAGMA quick_check(3)")]
    problem = "" if lines == ["ok"] else "; ".join(lines)
    return looked.model_copy(update={"checked": True, "problem": problem})


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
            connection = open_quietly(file.path)
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
