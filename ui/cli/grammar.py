"""The grammar of the command line; a command that is known by name is all that is loaded."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from core import __version__
from core.base.text import Text, translate
from ui.cli.streams import one_line
from ui.language import LANGUAGES, say

if TYPE_CHECKING:
    from ui.cli.run import Command

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Subparsers = argparse._SubParsersAction


class Parser(argparse.ArgumentParser):
    """A parser whose complaints quote what was given on one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line, and end."""
        super().error(one_line(message))


def add_command(to: Subparsers, name: str, what: Text, command: Command) -> argparse.ArgumentParser:
    """Add a command that prints JSON on request, and return its parser for its options."""
    parser: argparse.ArgumentParser = to.add_parser(name, help=say(what), description=say(what))
    parser.add_argument("--json", action="store_true", help="JSON")
    parser.set_defaults(command=command)
    return parser


def add_flag(parser: argparse.ArgumentParser, name: str, what: Text) -> None:
    """Add an option without a value."""
    parser.add_argument(name, action="store_true", help=say(what))


def add_group(to: Subparsers, name: str, what: Text) -> Subparsers:
    """Add a noun such as ``backup``, and return where its verbs go."""
    parser = to.add_parser(name, help=say(what), description=say(what))
    return parser.add_subparsers(dest=f"{name}_command", metavar="COMMAND", required=True)


MODULES = {
    "backup": ("points", "diff"),
    "rollback": ("rollback",),
    "verify": ("verify",),
    "deploy": ("deploy",),
    "status": ("program",),
    "journal": ("program",),
    "recover": ("program",),
    "service": ("service",),
    "migrate": ("migrate",),
    "health": ("health",),
    "alerts": ("health",),
    "monitor": ("health",),
    "demo": ("demo",),
}
"""Where each command is defined: importing all of them takes longer than most commands do."""
WINDOW = "-"
"""Stands for the window, which is no command and needs none."""


@dataclass(frozen=True)
class Ahead:
    """What a command line says before its grammar is built: that is lazy, and has a language."""

    language: str | None
    """What `--lang` names, whether or not that is a language."""
    command: str
    """The first word that is no option; `WINDOW` where nothing at all is asked for."""


def read_ahead(arguments: Sequence[str]) -> Ahead:
    """Return what *arguments* ask for, as far as they can be understood; complains of nothing."""
    reader = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for option in ("--app", "--lang"):
        reader.add_argument(option, nargs="?")
    reader.add_argument("words", nargs=argparse.REMAINDER)
    known, unknown = reader.parse_known_args(arguments)
    words = [word for word in known.words if word != "--"]
    return Ahead(known.lang, words[0] if words else "" if unknown else WINDOW)


def build_parser(wanted: str = "") -> argparse.ArgumentParser:
    """Return the grammar in the language that is spoken, of command *wanted* alone.

    Where that is none of the commands it is the whole grammar, which `--help` and a mistyped
    command need.
    """
    parser: argparse.ArgumentParser = Parser(
        prog="run_ops_console.py",
        description=say(
            translate("cli", "Backs up, watches and restores a trading program's databases.")
        ),
        allow_abbrev=False,
    )
    parser.add_argument(
        "--app",
        type=Path,
        metavar="PATH",
        help=say(translate("cli", "the trading program's folder")),
    )
    parser.add_argument("--lang", choices=sorted(LANGUAGES), help=say(translate("cli", "language")))
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command_name", metavar="COMMAND")
    if wanted == WINDOW:
        return parser
    chosen = {wanted: MODULES[wanted]} if wanted in MODULES else MODULES
    below = commands
    if "backup" in chosen:
        below = add_group(commands, "backup", translate("cli", "Restore points"))
    for module in dict.fromkeys(name for names in chosen.values() for name in names):
        place = below if module in MODULES["backup"] else commands
        import_module(f"ui.cli.{module}").register(place)
    return parser


def moment(text: str) -> datetime:
    """Read a time in ISO 8601; without a zone it is local time, without a date the last such one.

    For argparse: raises `argparse.ArgumentTypeError`.
    """
    now = datetime.now().astimezone()
    try:
        if "-" in text:
            return datetime.fromisoformat(text).astimezone()
        today = datetime.combine(now.date(), time.fromisoformat(text)).astimezone()
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: 14:31, 2026-11-23T14:31") from error
    if today <= now:
        return today
    return datetime.combine(now.date() - timedelta(days=1), today.time()).astimezone()
