"""The supervisor as a unit of the operator's own systemd.

The unit (https://www.freedesktop.org/software/systemd/man/systemd.service.html) never lets
systemd kill the trading program: stopping it asks the supervisor alone (KillMode=process), which
asks the program, and nothing is followed by SIGKILL (SendSIGKILL=no).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from core.base.config.models import Settings
from core.base.files import write_durably
from core.base.folders import user_home
from core.base.operation import OperationError
from core.base.owner import user_name
from core.base.text import Text, translate
from core.program.models import Unit
from core.program.unit import ToolFailed, ask, not_installed

SYSTEMCTL = ("systemctl", "--user", "--no-pager")
GRAPHICAL = "graphical-session.target"
DEFAULT = "default.target"
CONTROL = re.compile("[\x01-\x1f\x7f]")
PLAIN = re.compile("[A-Za-z0-9_@./:=,+-]+")
STOP_MARGIN_SECONDS = 60
"""Longer than the supervisor waits for an operation and for the program together."""


def describe(
    name: str, settings: Settings, command: Sequence[str], environment: Mapping[str, str]
) -> Unit:
    """Return the unit *name* that runs *command*; raises `OperationError`."""
    text = unit_text(
        settings.app, command, environment, settings.program.stop_seconds, _wanted_by()
    )
    return Unit(kind="systemd", name=f"{name}.service", path=_path(name), text=text)


def unit_text(
    app: Path,
    command: Sequence[str],
    environment: Mapping[str, str],
    stop_seconds: float,
    wanted_by: str,
) -> str:
    """Return the unit that runs *command*; raises `OperationError` for what no unit can hold."""
    lines = [
        "[Unit]",
        f"Description=Supervisor of the trading program in {_described(str(app))}",
        *([f"After={GRAPHICAL}", f"PartOf={GRAPHICAL}"] if wanted_by == GRAPHICAL else []),
        "",
        "[Service]",
        "Type=exec",
        # The colon: no variable is looked for in the words.
        f"ExecStart=:{' '.join(quoted(word) for word in command)}",
        *(f"Environment={quoted(f'{key}={environment[key]}')}" for key in sorted(environment)),
        "Restart=on-failure",
        "RestartSec=5",
        # 2: it was not understood; 4: somebody else supervises.
        "RestartPreventExitStatus=2 4",
        "KillMode=process",
        "SendSIGKILL=no",
        f"TimeoutStopSec={round(stop_seconds) + STOP_MARGIN_SECONDS}",
        "",
        "[Install]",
        f"WantedBy={wanted_by}",
        "",
    ]
    return "\n".join(lines)


def quoted(word: str) -> str:
    """Return *word* as one word of a unit: in quotes where needed, what is special made harmless.

    Raises `OperationError` for what no unit can hold.
    """
    try:
        word.encode()
    except UnicodeEncodeError as error:
        raise _refused(ascii(word)) from error
    if "\0" in word:
        raise _refused(ascii(word))
    if PLAIN.fullmatch(word):
        return word
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{CONTROL.sub(lambda sign: f"{chr(92)}x{ord(sign.group()):02x}", text)}"'


def _described(text: str) -> str:
    """Return *text* for a human eye, in one line."""
    shown = CONTROL.sub("?", text.encode("utf-8", "replace").decode())
    return shown.replace("%", "%%").rstrip("\\")


def _refused(word: str) -> OperationError:
    return not_installed(
        translate("services", "A systemd unit cannot hold {word}.", word=word),
        translate("services", "Give the folder a name of ordinary characters."),
    )


def _wanted_by() -> str:
    """Return what starts the unit: the desktop, where systemd knows one, else the login."""
    try:
        ask((*SYSTEMCTL, "--quiet", "is-active", GRAPHICAL))
    except ToolFailed:
        return DEFAULT
    return GRAPHICAL


def _path(name: str) -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or ""
    config = Path(base) if Path(base).is_absolute() else user_home() / ".config"
    return config / "systemd" / "user" / f"{name}.service"


def installed(name: str) -> str | None:
    """Return the unit's whole name where it is installed."""
    return f"{name}.service" if _path(name).exists() else None


def require_reachable() -> None:
    """Raise `OperationError` unless the operator's systemd answers."""
    try:
        ask((*SYSTEMCTL, "show", "--property=Version"))
    except ToolFailed as error:
        raise not_installed(
            translate(
                "services", "systemd --user cannot be reached: {why}", why=str(error)
            ),
            translate(
                "services",
                "Log in as yourself, not by su or sudo, or have an administrator run 'loginctl "
                "enable-linger {user}'. Where there is no systemd, as in a container, let its own "
                "manager run 'service supervise', or use 'service start'.",
                user=user_name(),
            ),
        ) from error  # fmt: skip


@contextmanager
def installing(unit: Unit) -> Iterator[None]:
    """Install and start *unit*; where that, or the body, fails, everything is as it was."""
    if unit.path is None:
        raise ValueError("a systemd unit has a file")
    path = unit.path
    former = path.read_bytes() if path.exists() else None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, unit.text.encode())
        ask((*SYSTEMCTL, "daemon-reload"))
        ask((*SYSTEMCTL, "enable", "--now", unit.name))
        yield
    except BaseException as error:
        _take_back(unit, path, former)
        if isinstance(error, ToolFailed | OSError):
            raise not_installed(_why(unit, error), _look(unit)) from error
        raise


def _take_back(unit: Unit, path: Path, former: bytes | None) -> None:
    with suppress(ToolFailed):
        ask((*SYSTEMCTL, "disable", *([] if former else ["--now"]), unit.name))
    with suppress(OSError):
        if former is None:
            path.unlink(missing_ok=True)
        else:
            write_durably(path, former)
    with suppress(ToolFailed):
        ask((*SYSTEMCTL, "daemon-reload"))
        if former is not None:
            ask((*SYSTEMCTL, "enable", "--now", unit.name))


def _why(unit: Unit, error: Exception) -> Text:
    return translate(
        "services", "{name} could not be installed: {why}", name=unit.name, why=str(error)
    )


def _look(unit: Unit) -> Text:
    return translate(
        "services", "Look at 'journalctl --user -u {name}', remove the cause, then try again.",
        name=unit.name,
    )  # fmt: skip


def remove(name: str) -> None:
    """Remove the unit; raises `ToolFailed` and `OSError`."""
    unit, path = f"{name}.service", _path(name)
    ask((*SYSTEMCTL, "disable", unit))
    path.unlink(missing_ok=True)
    ask((*SYSTEMCTL, "daemon-reload"))
    with suppress(ToolFailed):
        ask((*SYSTEMCTL, "reset-failed", unit))


def note() -> Text | None:
    """Return what else the operator should know of a unit that was installed."""
    try:
        lingers = ask(
            ("loginctl", "show-user", user_name(), "--property=Linger", "--value")
        ).strip()
    except ToolFailed:
        return None
    if lingers == "yes":
        return None
    return translate(
        "services",
        "It starts when you log in. 'loginctl enable-linger' lets it start with the machine.",
    )
