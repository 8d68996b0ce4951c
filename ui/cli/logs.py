"""Where a command's log goes: to a file, because standard error is the operator's."""

from __future__ import annotations

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

from core.base.config.models import Settings
from core.base.files import private_folder

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
