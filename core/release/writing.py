"""Writing down what became of a deployment: the log, and a report for people."""

from __future__ import annotations

import logging
import secrets
from datetime import UTC, datetime
from pathlib import Path

from core.base.config.models import Settings
from core.base.operation import OperationError
from core.release.log import append
from core.release.models import Record
from core.release.report import write_report

log = logging.getLogger(__name__)


def new_deployment_id() -> str:
    """Return an id for a deployment that begins now; never the same twice."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def keep_record(settings: Settings, record: Record) -> Path | None:
    """Append *record* to the log and write its report; return the report.

    What is done is done: a log that takes nothing more (a full disk) does not turn it into a
    failure.  The console's own log says so, and `deploy plan` finds a log that is damaged.
    """
    try:
        logged = append(settings, record)
        return write_report(settings, logged)
    except (OperationError, OSError):
        log.exception("the deployment log could not take %s", record.deployment)
        return None
