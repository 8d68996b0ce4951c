"""A start that is owed: the console stopped the program to change its data, and died.

Written down before the program is asked to stop, and gone when the operation has seen to the
program, well or not.  What is left over was left by a console that was killed: the recovery
starts the program, unless the machine was started anew since, or somebody wants it stopped.

The note carries a digest and lies there twice.  Where no copy can be read, the program stays as it
is and the operator is told, once: a wrong program must not be started, nor a stopped one be
forgotten.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil

from core.base.cleanup import attempt
from core.base.config.models import Settings
from core.base.files import private_folder
from core.base.model import Strict
from core.base.operation import Context, OperationError
from core.base.sealed import seal, unseal
from core.base.text import translate
from core.base.twofold import is_there, read_sound, remove_both, write_twice
from core.program.control import start_program, wait_until_gone
from core.program.find import find_programs
from core.program.hold import program_held
from core.program.models import Launch, Program, User
from core.program.runs import folder, read_wanted, was_asked
from core.promote import describe_live, is_whole

log = logging.getLogger(__name__)
NAME = "owed.json"
# What the program reads of its surroundings; others may hold secrets and are not written down.
_NAMES = frozenset(
    {
        "UPBIT_BACKUPS_DIR", "UPBIT_CONFIG_DIR", "UPBIT_DATA_DIR", "UPBIT_DB_PATH", "UPBIT_ENV",
        "UPBIT_ENVIRONMENT", "UPBIT_LOGS_DIR", "UPBIT_LOG_LEVEL", "UPBIT_LOG_PATH",
    }
)  # fmt: skip


class _PendingRestart(Strict):
    command: tuple[str, ...]
    cwd: Path
    environment: dict[str, str]
    since: datetime
    user: User | None = None


@contextmanager
def promise_restart(settings: Settings, launch: Launch | None) -> Iterator[None]:
    """Owe the program a start as *launch* says, until the operation is over; None: owe nothing."""
    if launch is None:
        yield
        return
    owed = _PendingRestart(
        command=launch.command,
        cwd=launch.cwd,
        environment={name: value for name, value in launch.environment.items() if name in _NAMES},
        since=datetime.now(UTC),
        user=launch.user,
    )
    path = private_folder(folder(settings)) / NAME
    write_twice(path, seal(owed.model_dump_json().encode()))
    try:
        yield
    finally:
        # What the operation failed with comes first; a note too many does no harm: who runs is
        # not started again.
        attempt(_settle, settings, path)


def _settle(settings: Settings, path: Path) -> None:
    # Where the files are not whole the program could not be started: the recovery does it.
    if is_whole(settings):
        remove_both(path)


def restart_is_pending(settings: Settings) -> bool:
    """Whether a console died between stopping the program and starting it."""
    return is_there(folder(settings) / NAME)


def perform_restart(settings: Settings) -> Program | None:
    """Start the program where that is owed and still wanted.

    Raises `OperationError` where it does not start or the note of it is damaged, and `OSError`
    where it cannot be read whether a start is owed: that is no reason to forget it.
    """
    path = folder(settings) / NAME
    try:
        owed = read_sound(path, _parse)[0]
    except FileNotFoundError:
        return None
    except ValueError as error:
        remove_both(path)
        if find_programs(settings):
            log.warning("%s was damaged; the program runs, so nothing is owed", path)
            return None
        raise OperationError(
            translate("services", "An interrupted operation had stopped the trading program, and "
                      "the note of how it is started again is damaged: {path}", path=path),
            data_state=describe_live(settings),
            to_do=translate("services", "The program does not run. Start it, where it is to run: "
                            "'service start'."),
        ) from error  # fmt: skip
    # Once is enough: a program that does not start is told of, and not tried at every look.  But
    # it is forgotten only then, so that a recovery that dies before the start, or that the
    # system lets do nothing, is none.
    try:
        program = _start(settings, owed)
    except OperationError as error:
        if not isinstance(error.__cause__, OSError):
            attempt(remove_both, path)
        raise
    remove_both(path)
    return program


def _parse(content: bytes) -> _PendingRestart:
    return _PendingRestart.model_validate_json(unseal(content))


def _start(settings: Settings, owed: _PendingRestart) -> Program | None:
    wanted = read_wanted(settings)
    stopped = wanted is not None and wanted.state == "stopped" and wanted.since > owed.since
    if stopped or owed.since.timestamp() < psutil.boot_time():
        return None
    with program_held(settings):
        asked = [
            one
            for one in find_programs(settings)
            if was_asked(settings, one.pid, one.started.timestamp())
        ]
        with suppress(OperationError):  # one that does not close after all runs on
            wait_until_gone(Context(), settings, asked)
        if find_programs(settings):
            return None
        environment = {**os.environ, **owed.environment, **settings.program.environment}
        launch = Launch(command=owed.command, cwd=owed.cwd, environment=environment, user=owed.user)
        return start_program(Context(), settings, launch)
