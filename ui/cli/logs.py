"""Where a command's log goes: to a file, because standard error is the operator's."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler

from core.config.models import Settings
from core.files import private_folder

LOG_BYTES = 1_000_000
KEPT_LOGS = 3


def log_to_file(settings: Settings) -> None:
    """Lead the log of this process to ``command.log`` in the console's folder.

    Where the console never changed anything, or may not write, there is no log: a look leaves no
    trace.  What cannot be written is lost, and is no failure of the command.
    """
    logging.raiseExceptions = False
    root = logging.getLogger()
    try:
        if not settings.home.is_dir():
            raise FileNotFoundError(settings.home)
        handler: logging.Handler = RotatingFileHandler(
            private_folder(settings.home / "logs") / "command.log",
            maxBytes=LOG_BYTES, backupCount=KEPT_LOGS, encoding="utf-8", delay=True,
        )  # fmt: skip
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
