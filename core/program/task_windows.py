"""The supervisor as a scheduled task of Windows, which starts it when the operator logs on.

The definition follows the Task Scheduler's schema
(https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema).  It never ends the
supervisor hard (AllowHardTerminate), never for having run long (ExecutionTimeLimit), nor on
battery, and starts it again when it failed.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PureWindowsPath
from xml.etree import ElementTree

from core.base.config.models import Settings
from core.base.files import temporary_folder
from core.base.operation import OperationError
from core.base.text import Text, translate
from core.program.models import Unit
from core.program.unit import ToolFailed, ask, not_installed

NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
SCHTASKS = "schtasks"
VARIABLE = re.compile(r"%[^%]+%")
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that no XML 1.0 document may hold."""
SETTINGS: tuple[tuple[str, str], ...] = (
    ("MultipleInstancesPolicy", "IgnoreNew"),
    ("DisallowStartIfOnBatteries", "false"),
    ("StopIfGoingOnBatteries", "false"),
    ("AllowHardTerminate", "false"),
    ("StartWhenAvailable", "true"),
    ("RunOnlyIfNetworkAvailable", "false"),
    ("AllowStartOnDemand", "true"),
    ("Enabled", "true"),
    ("Hidden", "false"),
    ("RunOnlyIfIdle", "false"),
    ("WakeToRun", "false"),
    ("ExecutionTimeLimit", "PT0S"),
    # 7, the default, is below normal, and the program would inherit it.
    ("Priority", "5"),
)


def describe(
    name: str, settings: Settings, command: Sequence[str], environment: Mapping[str, str]
) -> Unit:
    """Return the task *name* that runs *command*; raises `OperationError`.

    A task has no environment of its own, so *environment* must be empty.
    """
    if environment:
        raise not_installed(
            translate("services", "A scheduled task does not see the variables {names}.",
                      names=", ".join(sorted(environment))),
            translate("services", "Write them into ops_console.yaml and unset them."),
        )  # fmt: skip
    domain, user = os.environ.get("USERDOMAIN", ""), os.environ.get("USERNAME", "")
    who = f"{domain}\\{user}" if domain and user else user
    return Unit(kind="task", name=name, path=None, text=task_text(settings.app, command, who))


def task_text(app: Path | PureWindowsPath, command: Sequence[str], user: str) -> str:
    """Return the definition of a task that runs *command* when *user* logs on.

    Raises `OperationError` for what a task cannot hold.
    """
    program = _windowless(command[0])
    arguments = subprocess.list2cmdline(command[1:])
    for text in (program, arguments, user, str(app)):
        _require_plain(text)
    task = ElementTree.Element("Task", {"version": "1.4", "xmlns": NAMESPACE})
    about = ElementTree.SubElement(task, "RegistrationInfo")
    _add(about, "Author", user)
    _add(about, "Description", f"Supervisor of the trading program in {app}")
    logon = ElementTree.SubElement(ElementTree.SubElement(task, "Triggers"), "LogonTrigger")
    _add(logon, "Enabled", "true")
    _add(logon, "UserId", user)
    principal = ElementTree.SubElement(
        ElementTree.SubElement(task, "Principals"), "Principal", {"id": "Author"}
    )
    _add(principal, "UserId", user)
    _add(principal, "LogonType", "InteractiveToken")
    _add(principal, "RunLevel", "LeastPrivilege")
    rules = ElementTree.SubElement(task, "Settings")
    for key, value in SETTINGS:
        _add(rules, key, value)
    again = ElementTree.SubElement(rules, "RestartOnFailure")
    _add(again, "Interval", "PT1M")
    _add(again, "Count", "10")
    run = ElementTree.SubElement(
        ElementTree.SubElement(task, "Actions", {"Context": "Author"}), "Exec"
    )
    _add(run, "Command", program)
    _add(run, "Arguments", arguments)
    _add(run, "WorkingDirectory", str(PureWindowsPath(command[1]).parent))
    ElementTree.indent(task)
    body = ElementTree.tostring(task, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-16"?>\n{body}\n'


def task_bytes(text: str) -> bytes:
    """Return the definition as schtasks reads it: UTF-16 with its mark."""
    return text.replace("\n", "\r\n").encode("utf-16")


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text


def _windowless(python: str) -> str:
    """Return the Python that opens no console window, where it lies beside *python*."""
    path = PureWindowsPath(python)
    beside = path.with_name("pythonw.exe")
    if path.name.lower() == "python.exe" and Path(str(beside)).exists():
        return str(beside)
    return python


def _require_plain(text: str) -> None:
    if NOT_XML.search(text):
        raise _refused(NOT_XML.sub("?", text))
    variable = VARIABLE.search(text)
    if variable is not None:
        # The Task Scheduler puts the variable's value in its place, and knows no escape.
        raise _refused(variable.group())


def _refused(word: str) -> OperationError:
    return not_installed(
        translate("services", "A scheduled task cannot hold {word}.", word=word),
        translate("services", "Give the folder a name of ordinary characters."),
    )


def installed(name: str) -> str | None:
    """Return the task's name where the scheduler shows its definition.

    That it does not complain is no answer: one that does nothing says nothing either.
    """
    try:
        answer = ask((SCHTASKS, "/Query", "/TN", name, "/XML"))
    except ToolFailed:
        return None
    # In one or in two bytes a character, as it likes.
    return name if NAMESPACE in answer.replace("\0", "") else None


def require_reachable() -> None:
    """Raise `OperationError` unless the Task Scheduler answers."""
    try:
        ask((SCHTASKS, "/Query", "/FO", "LIST"))
    except ToolFailed as error:
        raise not_installed(
            translate("services", "The Task Scheduler does not answer: {why}", why=str(error)),
            translate("services", "Start its service, or use 'service supervise'."),
        ) from error


@contextmanager
def installing(unit: Unit) -> Iterator[None]:
    """Install and start the task; where that, or the body, fails, a new one is taken back."""
    there = installed(unit.name) is not None
    try:
        with temporary_folder("ops-console-task-") as folder:
            path = folder / "task.xml"
            path.write_bytes(task_bytes(unit.text))
            ask((SCHTASKS, "/Create", "/TN", unit.name, "/XML", str(path), "/F"))
        ask((SCHTASKS, "/Run", "/TN", unit.name))
        yield
    except BaseException as error:
        if not there:
            with suppress(ToolFailed):
                ask((SCHTASKS, "/Delete", "/TN", unit.name, "/F"))
        if isinstance(error, ToolFailed | OSError):
            raise not_installed(
                translate("services", "{name} could not be installed: {why}", name=unit.name,
                          why=str(error)),
                translate("services", "Remove the cause, then try again."),
            ) from error  # fmt: skip
        raise


def remove(name: str) -> None:
    """Remove the task; raises `ToolFailed`."""
    ask((SCHTASKS, "/Delete", "/TN", name, "/F"))


def note() -> Text | None:
    """Return what else the operator should know of a task that was installed."""
    return translate("services", "It starts when you log on.")
