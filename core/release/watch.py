"""Whether the program that was just started is well: at once, and for as long as it soaks.

What the checks read from the live databases is read in a process of its own, read-only.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event

import apsw
import psutil

from core.base.cleanup import concluding
from core.base.config.models import GuardedFile, Settings
from core.base.databases import Condition, examine
from core.base.model import Strict
from core.base.operation import Context, OperationError, Unit
from core.base.process import run_in_process
from core.base.sqlite import CUT_OFF, is_hot, open_quietly
from core.base.text import Text, decode_line, translate
from core.program.models import Program
from core.program.release import Release, launch_of_release
from core.program.tail import ERROR_LINE
from core.release.config import DeploymentConfig, filled
from core.release.environment import Broken, run_command
from core.release.models import Hooks
from core.release.releases import places_of

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


SLICE_SECONDS = 0.2
MEASURE_EVERY_SECONDS = 10.0
SOAK_LOOK_SECONDS = 0.5
READ_LIMIT = 4 * 1024 * 1024


class LogErrors:
    """Counts the lines that tell of errors, from the moment that this was made."""

    def __init__(self, *folders: Path) -> None:
        """Begin to count in the ``*.log`` files of *folders*."""
        self._folders = tuple(dict.fromkeys(folders))
        self._before = {path: (one.st_ino, one.st_size) for path, one in self._logs().items()}

    def _logs(self) -> dict[Path, os.stat_result]:
        return {
            path: path.stat()
            for folder in self._folders
            for path in folder.glob("*.log")
            if path.is_file()
        }

    def files(self) -> int:
        """Return how many logs there are."""
        return len(self._logs())

    def count(self) -> tuple[int, str]:
        """Return how many there are, and the newest of them."""
        total, newest = 0, ""
        for path in self._logs():
            for line in self._gained(path).splitlines():
                if ERROR_LINE.search(line):
                    total += 1
                    newest = decode_line(line).strip()[:200]
        return total, newest

    def _gained(self, path: Path) -> bytes:
        with path.open("rb") as file:
            status = path.stat()
            inode, size = self._before.get(path, (status.st_ino, 0))
            # A log that was rotated away is another file now, read from its beginning.
            begin = size if inode == status.st_ino and size <= status.st_size else 0
            file.seek(max(begin, status.st_size - READ_LIMIT))
            return file.read(READ_LIMIT)


def verify(
    context: Context,
    settings: Settings,
    config: DeploymentConfig,
    hooks: Hooks,
    release: Release | None,
    program: Program,
    errors: LogErrors,
) -> None:
    """Raise `OperationError` unless *program* is well now: one step for each thing to be shown."""
    with context.step("verify", translate("deployment", "Process and databases answer")):
        require_alive(program)
        answers = require_answers(context, settings, config, config.verify.observe_seconds)
        context.note(
            translate(
                "deployment",
                "Process {pid}; {database} is the slowest, with {milliseconds} ms of {limit} "
                "allowed.",
                pid=str(program.pid), database=answers.database,
                milliseconds=round(answers.response_ms, 1), limit=round(config.verify.response_ms),
            )
        )  # fmt: skip
    if hooks.proof is not None:
        with context.step("proof", hooks.proof.what):
            context.note(hooks.proof.run(context, settings))
    if release is not None and config.verify.commands:
        with context.step("commands", translate("deployment", "Run the commands of the release")):
            _run_commands(context, settings, config, release)
    with context.step("log errors", translate("deployment", "Look for new errors in its logs")):
        require_alive(program)
        count = require_no_errors(config, errors)
        context.note(
            translate("deployment", "New errors: {count}, in {files} logs.",
                      count=count, files=errors.files())
        )  # fmt: skip


def _run_commands(
    context: Context, settings: Settings, config: DeploymentConfig, release: Release
) -> None:
    places = places_of(settings, config, release.folder)
    for command in config.verify.commands:
        words = filled(command, places)
        try:
            run_command(
                context, words, cwd=release.cwd, seconds=config.verify.command_seconds,
                environment=launch_of_release(settings, release).environment,
            )  # fmt: skip
        except Broken as error:
            raise not_well(
                translate("deployment", "'{command}' failed: {why}",
                          command=" ".join(command)[:80], why=str(error))
            ) from error  # fmt: skip


def soak(
    context: Context,
    settings: Settings,
    config: DeploymentConfig,
    program: Program,
    errors: LogErrors,
) -> None:
    """Watch *program* for the configured time; raises `OperationError` when it is not well."""
    total = config.verify.soak_seconds
    begun = time.monotonic()
    measured = begun
    try:
        process = psutil.Process(program.pid)
    except psutil.NoSuchProcess as error:
        raise _ended(program) from error
    while (passed := time.monotonic() - begun) < total:
        context.check()
        context.progress(
            round(passed), round(total), Unit.ROWS,
            translate("deployment", "Watching the new program (seconds)"),
        )  # fmt: skip
        psutil.wait_procs([process], timeout=min(SLICE_SECONDS, total - passed))
        require_alive(program)
        require_no_errors(config, errors)
        if time.monotonic() - measured >= MEASURE_EVERY_SECONDS:
            require_answers(context, settings, config, SOAK_LOOK_SECONDS)
            measured = time.monotonic()
    require_alive(program)
    count = require_no_errors(config, errors)
    context.note(
        translate("deployment", "Watched for {seconds} seconds; new errors: {count}.",
                  seconds=round(total), count=count)
    )  # fmt: skip


def require_answers(
    context: Context, settings: Settings, config: DeploymentConfig, seconds: float
) -> Answers:
    """Return how the databases answered; raises `OperationError` unless it was in time."""
    answers = run_in_process(measure, context, settings.databases, seconds)
    limit = config.verify.response_ms
    if answers.response_ms > limit:
        raise not_well(
            translate(
                "deployment",
                "{database} takes {milliseconds} ms to answer; allowed are {limit} ms",
                database=answers.database, milliseconds=round(answers.response_ms),
                limit=round(limit),
            )
        )  # fmt: skip
    return answers


def require_alive(program: Program) -> None:
    """Raise `OperationError` unless the very process lives."""
    try:
        process = psutil.Process(program.pid)
        alive = process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        same = abs(process.create_time() - program.started.timestamp()) < 1
    except psutil.NoSuchProcess:
        alive = same = False
    if not alive or not same:
        raise _ended(program)


def require_no_errors(config: DeploymentConfig, errors: LogErrors) -> int:
    """Return how many errors the logs gained; raises `OperationError` when it is too many."""
    count, newest = errors.count()
    if count > config.verify.new_log_errors:
        raise not_well(
            translate("deployment", "its logs tell of {count} new errors, the last: {line}",
                      count=count, line=newest)
        )  # fmt: skip
    return count


def _ended(program: Program) -> OperationError:
    return not_well(
        translate("deployment", "its process {pid} ended by itself", pid=str(program.pid))
    )


def not_well(why: Text) -> OperationError:
    """Return the failure of a program that runs, but not as it should."""
    return OperationError(
        translate("deployment", "The new program does not run as it should: {why}.", why=why),
        data_state=translate("deployment", "It was started, and may have written."),
        to_do=translate("deployment", "Read its logs, and correct the release."),
    )
