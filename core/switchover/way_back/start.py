"""Whether the program could be started again, as who it was.

The trading program is never started a second time: two of them could trade twice.  What is started
is its interpreter, as its user, in its folder and with its environment; it reads the script and
looks whether it may read and write the data, and ends.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from core.base.config.models import Settings
from core.base.model import Model
from core.base.open_files import family
from core.base.operation import Context, OperationError
from core.base.owner import NO_WINDOW
from core.base.rights import is_root
from core.base.text import Finding, Text, decode_line, translate
from core.program.control import launch_of
from core.program.find import is_python
from core.program.models import MARK, Launch, Program, User
from core.program.user import surroundings_of, user_of_data

SLICE_SECONDS = 0.05
PROBE = """
import json, os, sys
asked = json.load(sys.stdin)
found = {"script": "", "data": []}
try:
    if asked["script"]:
        with open(asked["script"], "rb") as file:
            compile(file.read(), asked["script"], "exec")
except (OSError, SyntaxError, ValueError) as error:
    found["script"] = str(error)
for path in asked["data"]:
    if os.path.exists(path) and not os.access(path, os.R_OK | os.W_OK):
        found["data"].append(path)
print(json.dumps(found))
"""
"""What the program's interpreter runs in place of the program; it opens no database."""
SH_PROBE = """
case "$1" in
    */*) [ -x "$1" ] && [ ! -d "$1" ] ;;
    *) command -v -- "$1" > /dev/null ;;
esac || { echo "$1: not there, or not to be executed" >&2; exit 127; }
shift
for one; do
    [ ! -e "$one" ] || { [ -r "$one" ] && [ -w "$one" ]; } || printf '%s\\n' "$one"
done
"""
"""The same, as far as it goes, for a program that is no Python script."""


class _Probed(Model):
    script: str
    data: tuple[str, ...]


class _NotStarted(Exception):  # noqa: N818 (a state of affairs, told to the operator)
    pass


def check_start(context: Context, settings: Settings, programs: Sequence[Program]) -> Finding:
    """Whether the program could be started again: its interpreter is, for a moment."""
    set_it = translate("wayback", "Correct the command, or program.start in ops_console.yaml.")
    try:
        launch = launch_of(settings, programs[0] if programs else None)
    except OperationError as error:
        return Finding(name="start", state="failed", evidence=error.happened, to_do=error.to_do)
    if launch is None:
        text = translate(
            "wayback",
            "How the trading program is started is not known: there is no {script} in {path}.",
            script=settings.program.script,
            path=settings.app,
        )
        return Finding(
            name="start", state="warning", evidence=text,
            to_do=translate("services", "Set program.start in ops_console.yaml."),
        )  # fmt: skip
    # Whom this console could not act for was refused with the launch.
    user = launch.user or user_of_data(settings)
    if sys.platform == "win32" or (user is not None and user.uid == os.geteuid()) or not is_root():
        user = None
    elif user is not None:
        launch = launch.model_copy(
            update={"environment": surroundings_of(user, launch.environment)}
        )
    try:
        why = _probed(context, settings, launch, user)
    except _NotStarted as error:
        why = translate("wayback", "{command} cannot be started: {why}",
                        command=launch.command[0], why=str(error))  # fmt: skip
    if why is not None:
        text = translate("wayback", "The trading program could not be started again: {why}",
                         why=why)  # fmt: skip
        return Finding(name="start", state="failed", evidence=text, to_do=set_it)
    text = translate("wayback", "The trading program can be started again: its interpreter "
                     "{command} starts, its script and its data are open to it.",
                     command=launch.command[0])  # fmt: skip
    if not is_python(launch.command[0]):
        text = translate("wayback", "The trading program can be started again: {command} is there "
                         "and may be executed.", command=launch.command[0])  # fmt: skip
    return Finding(name="start", state="ok", evidence=text)


def _probed(context: Context, settings: Settings, launch: Launch, user: User | None) -> Text | None:
    """Return why the program could not run, None where it could; raises `_NotStarted`."""
    data = [member for file in settings.databases for member in family(file.path)]
    data += sorted({file.path.parent for file in settings.databases})
    if not is_python(launch.command[0]):
        closed = _closed_to(context, settings, launch, user, data)
        return _closed(closed)
    script = _script_of(launch)
    asked = {"script": str(script or ""), "data": [str(one) for one in data]}
    answer = _run(context, settings, launch, user, [launch.command[0], "-c", PROBE],
                  json.dumps(asked))  # fmt: skip
    try:
        found = _Probed.model_validate_json(answer.strip().splitlines()[-1])
    except (ValidationError, IndexError):
        raise _NotStarted(answer[:200] or "?") from None
    if found.script:
        return translate("wayback", "{path} cannot be run: {why}", path=str(script),
                         why=found.script)  # fmt: skip
    return _closed(found.data)


def _closed(paths: Sequence[str]) -> Text | None:
    if not paths:
        return None
    return translate("wayback", "it could not read and write {paths}", paths=", ".join(paths[:4]))


def _closed_to(
    context: Context,
    settings: Settings,
    launch: Launch,
    user: User | None,
    data: Sequence[Path],
) -> list[str]:
    """Return which of *data* a program that is no Python script could not read and write."""
    if sys.platform == "win32":
        place = launch.cwd / launch.command[0]
        on_path = shutil.which(launch.command[0], path=launch.environment.get("PATH"))
        if on_path is None and shutil.which(place) is None:
            raise _NotStarted(f"{launch.command[0]}: not there")
        return [str(one) for one in data if one.exists() and not os.access(one, os.W_OK)]
    command = ["/bin/sh", "-c", SH_PROBE, "sh", launch.command[0], *map(str, data)]
    return _run(context, settings, launch, user, command, "").splitlines()


def _script_of(launch: Launch) -> Path | None:
    """Return the script that the command names; None where it runs a module, or something else."""
    named = (word for word in launch.command[1:] if word.endswith((".py", ".pyw")))
    found = next(named, None)
    return launch.cwd / found if found is not None else None


def _run(
    context: Context,
    settings: Settings,
    launch: Launch,
    user: User | None,
    command: list[str],
    asked: str,
) -> str:
    """Run *command* where and as the program would run; return what it prints."""
    # With its mark it would be taken for the program.
    environment = {name: value for name, value in launch.environment.items() if name != MARK}
    try:
        process = subprocess.Popen(
            command, cwd=launch.cwd, env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            creationflags=NO_WINDOW,
            user=user.uid if user else None, group=user.gid if user else None,
            extra_groups=user.groups if user else None,
        )  # fmt: skip
    except (OSError, ValueError) as error:
        raise _NotStarted(str(error)) from error
    with process:
        try:
            out, err = _answer_of(context, process, asked, settings.program.start_seconds)
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        lines = decode_line(err).strip().splitlines()
        raise _NotStarted(lines[-1][:200] if lines else f"exit code {process.returncode}")
    return decode_line(out)


def _answer_of(
    context: Context, process: subprocess.Popen[bytes], asked: str, seconds: float
) -> tuple[bytes, bytes]:
    until = time.monotonic() + seconds
    given: bytes | None = asked.encode()
    while True:
        context.check()
        try:
            return process.communicate(given, timeout=SLICE_SECONDS)
        except subprocess.TimeoutExpired:
            given = None
            if time.monotonic() >= until:
                raise _NotStarted(f"no answer within {round(seconds)} s") from None
