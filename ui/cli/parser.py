"""Small helpers with which commands are added to the grammar."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NoReturn

from core.base.text import Text
from ui.cli.streams import one_line
from ui.language import say

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
