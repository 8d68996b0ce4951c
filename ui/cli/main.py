"""What becomes of a command, and where its log goes: standard error is the operator's."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, qInstallMessageHandler

from core.base.cleanup import attempt
from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.files import private_folder
from core.base.lock import Locked
from core.base.operation import Cancelled, OperationError
from core.base.rights import hand_over
from core.base.text import Text, translate
from core.monitoring.models import State
from ui.cli.grammar import WINDOW, build_parser, read_ahead
from ui.cli.run import Exit, Output, Run
from ui.cli.streams import fit_streams, has_screen, speaks_hangul
from ui.language import LANGUAGES, say, use_language

log = logging.getLogger(__name__)


_NO_SCREEN = OperationError(
    translate("cli", "There is no screen to open the window on."),
    data_state=translate("cli", "Nothing was touched."),
    to_do=translate(
        "cli", "Name a command, such as 'status' or 'backup create'; --help lists all."
    ),
)


def main(arguments: Sequence[str]) -> int:
    """Run one command, or open the window where none is named; return the exit code."""
    fit_streams()
    ahead = read_ahead(arguments)
    words = QCoreApplication.instance()
    if words is None and ahead.command != WINDOW:
        words = _application()
    if words is not None:
        _speak(words, ahead.language or os.environ.get("OPS_CONSOLE_LANGUAGE", "ko"))
    parser = build_parser(ahead.command)
    try:
        args = parser.parse_args(arguments)
    except SystemExit as error:
        # To a script that watches, 2 of `health` would mean that something is critical.
        if error.code and ahead.command == "health":
            return State.UNKNOWN.exit_code
        raise
    if args.command_name is None:
        if not has_screen() and not os.environ.get("QT_QPA_PLATFORM"):
            words = words or _application()
            _speak(words, ahead.language or os.environ.get("OPS_CONSOLE_LANGUAGE", "ko"))
            Output(as_json=False).failure(_NO_SCREEN)
            return Exit.FAILED
        from ui.app import open_window  # noqa: PLC0415 (widgets are loaded for the window only)

        return open_window(args.app, args.lang)
    return _run(args, words)


def _application() -> QCoreApplication:
    """Return what Qt's translations need, without Qt's lines about a locale that is not UTF-8."""
    former = qInstallMessageHandler(lambda *_: None)
    try:
        return QCoreApplication(["upbit-ops-console"])
    finally:
        qInstallMessageHandler(former)


def _speak(words: QCoreApplication, wished: str) -> None:
    language = wished if wished in LANGUAGES else "ko"
    use_language(words, language if speaks_hangul() else "en")


def _run(args: argparse.Namespace, words: QCoreApplication | None) -> int:
    output = Output(as_json=args.json)
    settings: Settings | None = None
    kept: CommandLog | None = None
    if logging.lastResort is not None:
        # Before there is a log, too, bugs alone go to standard error.
        logging.lastResort.setLevel(logging.CRITICAL)
    # Until now there was nothing to cancel, and Ctrl+C ended the process.
    former = signal.getsignal(signal.SIGINT)
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if args.command_name == "demo":
            from ui.cli.demo import run_demo  # noqa: PLC0415 (it has no settings yet)

            return run_demo(args, output)
        settings = load_settings(args.app, os.environ, Path.cwd())
        kept = log_to_file(settings)
        if args.lang is None and words is not None:
            _speak(words, settings.language)
        return int(args.command(Run(settings=settings, args=args, output=output)))
    except (Cancelled, KeyboardInterrupt):
        signal.signal(signal.SIGINT, former)  # a second one has nothing to cancel
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
        state = _state(settings)
        disk = isinstance(error, OSError)
        log.log(logging.WARNING if disk else logging.CRITICAL, "unhandled", exc_info=True)
        written = kept.path if kept is not None and kept.written else None
        output.failure(
            _disk(error, state) if isinstance(error, OSError) else _bug(error, state, written)
        )
        return int(getattr(args, "failed", Exit.FAILED)) if disk else Exit.BUG
    finally:
        signal.signal(signal.SIGINT, former)
        if settings is not None:
            attempt(hand_over, *settings.own_folders)


def _state(settings: Settings | None) -> Text:
    """Return what state the live files are in now, looked up."""
    if settings is None:
        return translate("cli", "Nothing was touched.")
    from core.promote.condition import describe_live  # noqa: PLC0415 (where something failed)

    return describe_live(settings)


def _disk(error: OSError, state: Text) -> OperationError:
    return OperationError(
        translate("cli", "The disk did not let the console work: {why}", why=str(error)),
        data_state=state,
        to_do=translate("cli", "Look at the disk's space and permissions, then run it again."),
    )


def _bug(error: Exception, state: Text, written: Path | None) -> OperationError:
    return OperationError(
        translate(
            "cli",
            "The console made a mistake: {what}",
            what=f"{type(error).__name__}: {error}"[:300],
        ),
        data_state=state,
        to_do=translate(
            "cli", "Run it again; when it recurs, report it with the log {path}.", path=written
        )
        if written is not None
        else translate("cli", "Run it again; when it recurs, report it with the lines above."),
    )


LOG_BYTES = 1_000_000
KEPT_LOGS = 3


class CommandLog(logging.Handler):
    """Writes to ``command.log`` in the console's folder, once that is there.

    A look leaves no trace where the console never changed anything: then, or where the file
    cannot be written, bugs go to standard error, so that no sentence points to a log without
    them.  The folder may be made while the command runs.
    """

    def __init__(self, home: Path) -> None:
        super().__init__()
        self.path = home / "logs" / "command.log"
        self._home = home
        self._file: logging.Handler | None = None

    @property
    def written(self) -> bool:
        """Whether what is logged reaches the file."""
        return self._file is not None

    def emit(self, record: logging.LogRecord) -> None:
        """Write *record*."""
        try:
            self._file = self._file or self._opened()
        except OSError:
            self._file = None
        if self._file is not None:
            self._file.emit(record)
        elif record.levelno >= logging.CRITICAL:
            print(self.format(record), file=sys.stderr)

    def _opened(self) -> logging.Handler | None:
        if not self._home.is_dir():
            return None
        made = RotatingFileHandler(
            private_folder(self.path.parent) / self.path.name,
            maxBytes=LOG_BYTES, backupCount=KEPT_LOGS, encoding="utf-8",
        )  # fmt: skip
        made.setFormatter(self.formatter)
        return made

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
        super().close()


def log_to_file(settings: Settings) -> CommandLog:
    """Lead the log of this process to a file; what cannot be written is no failure."""
    logging.raiseExceptions = False
    handler = CommandLog(settings.home)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    return handler
