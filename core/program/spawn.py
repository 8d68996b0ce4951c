"""Starts the program under a keeper, which outlives the console (`core.program.launcher`)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from core.base.config.models import Settings
from core.base.entry import module_command
from core.base.files import owned_folder
from core.base.operation import OperationError
from core.base.owner import marked, unmarked
from core.base.rights import is_root
from core.base.text import Text, translate
from core.program.models import MARK, Launch
from core.program.runs import log_paths, new_record, read_run
from core.program.user import require_may_act_for, surroundings_of, user_of_data
from core.program.windows import of_real_python
from core.promote.condition import describe_live, require_whole

if sys.platform == "win32":
    from core.program.windows import DETACHED, LOOSE, Detached
else:
    from core.program.unix import DETACHED, LOOSE, Detached

KEEPER = "core.program.launcher"
END_SECONDS = 2.0
"""How long the keeper may take to write down an end that everybody can see."""


@dataclass(frozen=True)
class Spawned:
    """A program that was started just now."""

    pid: int
    record: Path
    keeper: subprocess.Popen[bytes]

    def exit_code(self) -> int | None:
        """Return with what code it ended; None where nobody saw it.  It has ended."""
        waited = 0.0
        while waited < END_SECONDS:
            run = read_run(self.record)
            if run is None or run.ended is not None or self.keeper.poll() is not None:
                break
            try:
                self.keeper.wait(0.05)
            except subprocess.TimeoutExpired:
                waited += 0.05
        run = read_run(self.record)
        return run.exit_code if run is not None else None


def spawn(settings: Settings, launch: Launch, by: str) -> Spawned:
    """Start the program as *launch* says; *by* is who wants it.

    Root starts it as `Launch.user`, or as whom the databases belong to.  Raises `OperationError`
    where it cannot be started, and where a change of the live files was neither finished nor
    undone: whoever starts the program comes through here.
    """
    require_whole(settings)
    user = launch.user or user_of_data(settings)
    if launch.user is not None:
        require_may_act_for(settings, user)
    become = user if is_root() and user is not None and user.uid != 0 else None
    command, environment = launch.command, unmarked(launch.environment)
    if sys.platform == "win32":
        command, environment = of_real_python(command, environment)
    logs = log_paths(settings)
    record = new_record(settings)
    output = settings.program.output
    order = {
        "command": list(command),
        "cwd": str(launch.cwd),
        "environment": surroundings_of(become, environment) if become else environment,
        "user": become.model_dump() if become else None,
        "out": str(logs.out),
        "err": str(logs.err),
        "max_bytes": output.max_bytes,
        "keep": output.keep,
        "record": str(record),
        "by": by,
    }
    try:
        owned_folder(logs.out.parent)
        process = _start_keeper(settings)
        if process.stdin is None or process.stdout is None:
            raise OSError("no pipe to the keeper")
        with process.stdin as stdin, process.stdout as stdout:
            stdin.write(json.dumps(order).encode())
            stdin.close()
            answer = json.loads(stdout.readline() or b"{}")
    except (OSError, ValueError) as error:
        raise not_started(settings, str(error)) from error
    if not answer:
        # Nobody knows that the program does not start: what is owed is owed still.
        raise not_started(
            settings, translate("services", "the process that was to start it has ended")
        ) from ChildProcessError(process.wait())
    if "pid" not in answer:
        process.wait()
        raise not_started(settings, str(answer.get("error", "?")))
    return Spawned(pid=int(answer["pid"]), record=record, keeper=process)


def _start_keeper(settings: Settings) -> subprocess.Popen[bytes]:
    # The mark is the program's alone: its keeper is not to be taken for it.
    environment = marked({name: value for name, value in os.environ.items() if name != MARK})
    command = [*module_command(KEEPER, isolated=True), str(settings.app)]

    def start(detached: Detached) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command, env=environment, cwd=Path(settings.app.anchor),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            **detached,
        )  # fmt: skip

    try:
        return start(LOOSE)
    except PermissionError:
        # On Windows: the job that the console runs in lets nobody out.
        return start(DETACHED)


def not_started(settings: Settings, why: str | Text) -> OperationError:
    """Return what to raise where the program could not be started because of *why*."""
    return OperationError(
        translate(
            "services",
            "The trading program does not run as it should: {why}.",
            why=translate("services", "it could not be started: {why}", why=why),
        ),
        data_state=describe_live(settings),
        to_do=translate("services", "Correct the command, or program.start in ops_console.yaml."),
    )
