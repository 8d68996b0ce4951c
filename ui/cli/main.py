"""What becomes of a command."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import QCoreApplication

from core.config.load import load_settings
from core.config.models import Settings
from core.health.models import State
from core.lock import Locked
from core.operation import Cancelled, OperationError
from core.promote import describe_live
from core.text import Text, translate
from ui.cli.grammar import WINDOW, build_parser
from ui.cli.logs import log_to_file
from ui.cli.output import Output
from ui.cli.run import Exit, Run
from ui.language import LANGUAGES, say, use_language

log = logging.getLogger(__name__)


def main(arguments: Sequence[str]) -> int:
    """Run one command, or open the window where none is named; return the exit code."""
    language = _language(arguments)
    words = QCoreApplication.instance()
    if words is None and _wants_command(arguments):
        words = QCoreApplication(["upbit-ops-console"])
    if words is not None:
        use_language(words, language)
    parser = build_parser(_command(arguments) if _wants_command(arguments) else WINDOW)
    try:
        args = parser.parse_args(arguments)
    except SystemExit as error:
        # To a script that watches, 2 of `health` would mean that something is critical.
        if error.code and _command(arguments) == "health":
            return State.UNKNOWN.exit_code
        raise
    if args.command_name is None:
        from ui.app import open_window  # noqa: PLC0415 (widgets are loaded for the window only)

        return open_window(args.app, args.lang)
    return _run(args, words)


def _wants_command(arguments: Sequence[str]) -> bool:
    """Whether this is more than a wish for the window; the demo opens one by itself."""
    rest = list(arguments)
    while rest[:1] and rest[0] in {"--app", "--lang"}:
        rest = rest[2:]
    rest = [word for word in rest if not word.startswith(("--app=", "--lang="))]
    return bool(rest)


def _command(arguments: Sequence[str]) -> str:
    """Return the command that *arguments* name, as far as they can be understood."""
    rest = list(arguments)
    while rest[:1] and rest[0].startswith("-"):
        rest = rest[2:] if rest[0] in {"--app", "--lang"} else rest[1:]
    return rest[0] if rest else ""


def _language(arguments: Sequence[str]) -> str:
    """Return the language before anything is parsed: even the help is in it."""
    named = [word.removeprefix("--lang=") for word in arguments if word.startswith("--lang=")]
    named += [
        after
        for word, after in zip(arguments, [*arguments[1:], ""], strict=True)
        if word == "--lang"
    ]
    wished = named[0] if named else os.environ.get("OPS_CONSOLE_LANGUAGE", "ko")
    return wished if wished in LANGUAGES else "ko"


def _run(args: argparse.Namespace, words: QCoreApplication | None) -> int:
    output = Output(as_json=args.json)
    settings: Settings | None = None
    try:
        if args.command_name == "demo":
            from ui.cli.demo import run_demo  # noqa: PLC0415 (it has no settings yet)

            return run_demo(args, output)
        settings = load_settings(args.app, os.environ, Path.cwd())
        log_to_file(settings)
        if args.lang is None and words is not None:
            use_language(words, settings.language)
        return int(args.command(Run(settings=settings, args=args, output=output)))
    except (Cancelled, KeyboardInterrupt):
        print(say(translate("cli", "Cancelled; nothing is left of it.")), file=sys.stderr)
        return Exit.CANCELLED
    except OperationError as error:
        output.failure(error)
        locked = isinstance(error, Locked)
        return Exit.LOCKED if locked else int(getattr(args, "failed", Exit.FAILED))
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain at its exit otherwise.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED
    except Exception as error:
        # A disk that is full, read-only or gone is no mistake of ours; anything else is a bug,
        # told as such and never as a failure of the data.
        log.critical("unhandled", exc_info=True)
        disk = isinstance(error, OSError)
        state = _state(settings)
        output.failure(_disk(error, state) if isinstance(error, OSError) else _bug(error, state))
        return int(getattr(args, "failed", Exit.FAILED)) if disk else Exit.BUG


def _state(settings: Settings | None) -> Text:
    """Return what state the live files are in now, looked up."""
    if settings is None:
        return translate("cli", "Nothing was touched.")
    return describe_live(settings)


def _disk(error: OSError, state: Text) -> OperationError:
    return OperationError(
        translate("cli", "The disk did not let the console work: {why}", why=str(error)),
        data_state=state,
        to_do=translate("cli", "Look at the disk's space and permissions, then run it again."),
    )


def _bug(error: Exception, state: Text) -> OperationError:
    return OperationError(
        translate(
            "cli",
            "The console made a mistake: {what}",
            what=f"{type(error).__name__}: {error}"[:300],
        ),
        data_state=state,
        to_do=translate(
            "cli", "Run it again; when it recurs, report it with the log in 'ops_console/logs'."
        ),
    )
