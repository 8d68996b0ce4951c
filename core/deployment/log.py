"""The deployment log: append-only JSON lines, each with the hash of the one before.

``deployment/deployments.jsonl``.  A line is ``{"record": …, "hash": …}``; the hash is SHA-256 of
the record as it stands there, and the record names the hash of the line before.  So no line can
be changed, taken out or put in between without all later ones telling.
"""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from core.config.models import Settings
from core.deployment.models import Logged, Record
from core.deployment.pointer import home
from core.files import fsync_directory, private_folder
from core.operation import OperationError
from core.text import Text, translate

FILE = "deployments.jsonl"
FIRST = "0" * 64


class LogDamaged(OperationError):  # noqa: N818 (a state of affairs, told to the operator)
    """The log is not what was written."""


def log_path(settings: Settings) -> Path:
    """Return where the log lies."""
    return home(settings) / FILE


def read_log(settings: Settings) -> tuple[Logged, ...]:
    """Return all entries, oldest first, verified; raises `LogDamaged`."""
    entries, problem = read_log_as_it_is(settings)
    if problem is not None:
        raise LogDamaged(
            problem,
            data_state=translate("deployment", "Releases and data were not touched."),
            to_do=translate("deployment", "Put the log back from a copy, or move it away to begin "
                                          "a new one: {path}.", path=log_path(settings)),
        )  # fmt: skip
    return entries


def read_log_as_it_is(settings: Settings) -> tuple[tuple[Logged, ...], Text | None]:
    """Return the entries up to the first that is not as written, and what is wrong there.

    A last line without its end is what an interrupted write left; it is no entry.
    """
    try:
        content = log_path(settings).read_bytes()
    except FileNotFoundError:
        return (), None
    found: list[Logged] = []
    previous = FIRST
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        try:
            entry = Logged.model_validate_json(line)
            stated = _record_text(line)
        except (ValidationError, ValueError) as error:
            return tuple(found), _wrong(number, str(error).splitlines()[0])
        if hashlib.sha256(stated).hexdigest() != entry.hash:
            return tuple(found), _wrong(number, "its hash does not match")
        if entry.record.previous_hash != previous or entry.record.number != number:
            return tuple(found), _wrong(number, "it does not follow the line before")
        found.append(entry)
        previous = entry.hash
    return tuple(found), None


def _wrong(number: int, why: str) -> Text:
    return translate("deployment", "The deployment log is damaged in line {number}: {why}.",
                     number=number, why=why)  # fmt: skip


def _record_text(line: bytes) -> bytes:
    document = json.loads(line)
    return _canonical(document["record"])


def _canonical(record: object) -> bytes:
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def append(settings: Settings, record: Record) -> Logged:
    """Append *record*, numbered and chained, and return it; call it under the console's lock.

    Raises `LogDamaged` where the log is not what was written: nothing is appended to that.
    """
    entries = read_log(settings)
    previous = entries[-1].hash if entries else FIRST
    record = record.model_copy(
        update={"number": len(entries) + 1, "previous_hash": previous, "ended": datetime.now(UTC)}
    )
    document = record.model_dump(mode="json")
    digest = hashlib.sha256(_canonical(document)).hexdigest()
    line = _canonical({"record": document, "hash": digest}) + b"\n"
    path = private_folder(home(settings)) / FILE
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        # What an interrupted write left after the last whole line goes.
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)
        file.seek(0, os.SEEK_END)
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    fsync_directory(path.parent)
    return Logged(record=record, hash=digest)


def history(settings: Settings, limit: int = 50) -> tuple[Record, ...]:
    """Return the newest entries, newest first; raises `LogDamaged`."""
    return tuple(entry.record for entry in reversed(read_log(settings)))[:limit]
