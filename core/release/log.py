"""The deployment log: append-only JSON lines, each with the hash of the one before.

``deployment/deployments.jsonl``.  A line is ``{"record": …, "hash": …}``; the hash is SHA-256 of
the record as it stands there, and the record names the hash of the line before.  So no line can
be changed, taken out or put in between without all later ones telling.  ``deployments.head`` holds
number and hash of the last line, so that lines missing at the end are missed, too.

For people there is one HTML file beside it for each, in the operator's words.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field, ValidationError

from core.base.config.models import Settings
from core.base.files import file_of, fsync_directory, private_folder, write_durably
from core.base.model import Strict
from core.base.operation import OperationError
from core.base.text import Text, spoken, translate
from core.base.text import render as render_page
from core.program.release import home
from core.release.models import Changes, CheckResult, Ending, Logged, Record, RecordKind

log = logging.getLogger(__name__)


def check_words(check: CheckResult) -> Text:
    """Return what a check looks at."""
    texts: dict[str, Text] = {
        "configuration": translate("deploying", "Configuration"),
        "artefact": translate("deploying", "Artefact"),
        "python": translate("deploying", "Python version"),
        "dependencies": translate("deploying", "Dependencies"),
        "migrations": translate("deploying", "Migrations"),
        "tests": translate("deploying", "Test results"),
        "sqlite": translate("deploying", "SQLite version"),
        "directories": translate("deploying", "Directories"),
        "disk_space": translate("deploying", "Disk space"),
        "databases": translate("deploying", "Databases"),
        "holders": translate("deploying", "Open files"),
        "restore_point": translate("deploying", "Restore point"),
        "window": translate("deploying", "Allowed window"),
        "way_back": translate("deploying", "Way back"),
        "swappable": translate("deploying", "Swap of the files"),
        "trial": translate("deploying", "Trial of the way back"),
        "stop": translate("deploying", "Stop of the program"),
        "start": translate("deploying", "Start of the program"),
        "log": translate("deploying", "Deployment log"),
    }
    unknown = Text(context="", template="{name}", values={"name": check.name})
    return check.what or texts.get(check.name, unknown)


KINDS: dict[RecordKind, Text] = {
    RecordKind.DEPLOY: translate("deploying", "Deployment"),
    RecordKind.ROLLBACK: translate("deploying", "Return"),
    RecordKind.REHEARSAL: translate("deploying", "Rehearsal"),
    RecordKind.RECOVERY: translate("deploying", "Recovery"),
}


ENDINGS: dict[Ending, Text] = {
    Ending.DONE: translate("deploying", "done"),
    Ending.UNDONE: translate("deploying", "undone, all as it was"),
    Ending.UNTOUCHED: translate("deploying", "stopped before anything changed"),
    Ending.STUCK: translate("deploying", "stuck: look at once"),
}


def changes_lines(changes: Changes) -> list[Text]:
    """Return what a deployment changed: files, packages, migrations, a line each."""
    lines = [
        translate(
            "deploying",
            "files: {added} new, {changed} changed, {removed} gone",
            added=changes.added,
            changed=changes.changed,
            removed=changes.removed,
        )
    ]
    if changes.packages:
        names = ", ".join(changes.packages)
        lines.append(translate("deploying", "packages: {names}", names=names))
    if changes.migrations:
        count = len(changes.migrations)
        lines.append(translate("deploying", "migrations: {count}", count=count))
    return lines


FOLDER = "reports"
_COLOURS = {Ending.DONE: "good", Ending.STUCK: "bad", Ending.UNDONE: "bad"}


def report_path(settings: Settings, deployment: str, number: int) -> Path:
    """Return where the report of an entry lies: always in the folder of reports."""
    plain = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in deployment)
    return home(settings) / FOLDER / f"{number:04d}-{plain[:100]}.html"


def write_report(settings: Settings, logged: Logged) -> Path:
    """Write the report of one entry of the log and return where it lies."""
    record = logged.record
    path = report_path(settings, record.deployment, record.number)
    private_folder(path.parent)
    write_durably(path, render(logged, settings.language).encode("utf-8", "replace"))
    return path


def render(logged: Logged, language: str = "en") -> str:
    """Return the report as HTML."""
    record = logged.record
    return render_page(
        "deployment.html",
        language=language,
        width="",
        title=f"{spoken(KINDS[record.kind])} {record.version or ''}".strip(),
        subject=record.deployment,
        badge=ENDINGS[record.ending],
        colour=_COLOURS.get(record.ending, "warn"),
        record=record,
        hash=logged.hash,
        check_words=check_words,
    )


FILE = "deployments.jsonl"
HEAD = "deployments.head"
FIRST = "0" * 64


class Head(Strict):
    """The last line of the log."""

    number: int = Field(ge=1)
    hash: str


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
            to_do=translate("deployment", "Put the log back from a copy, or move {path} and {head} "
                                          "away to begin a new one.", path=log_path(settings),
                            head=HEAD),
        )  # fmt: skip
    return entries


def read_log_as_it_is(settings: Settings) -> tuple[tuple[Logged, ...], Text | None]:
    """Return the entries up to the first that is not as written, and what is wrong there.

    A last line without its end is what an interrupted write left; it is no entry.
    """
    try:
        content = log_path(settings).read_bytes()
    except FileNotFoundError:
        content = b""
    except OSError as error:
        return (), _unreadable(log_path(settings), error)
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
    return tuple(found), _missing(settings, found)


def _missing(settings: Settings, found: list[Logged]) -> Text | None:
    """Return what the head says that the lines do not; it may be one line behind, never ahead."""
    path = home(settings) / HEAD
    try:
        head = Head.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        return _unreadable(path, error)
    if len(found) < head.number:
        return translate(
            "deployment",
            "The deployment log is damaged: it has {count} entries, and had {number}.",
            count=len(found), number=head.number,
        )  # fmt: skip
    if found[head.number - 1].hash != head.hash:
        return _wrong(head.number, "it is not the one that was written")
    return None


def _unreadable(path: Path, error: Exception) -> Text:
    why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
    return translate("deployment", "{path} cannot be used: {why}", path=path, why=why)


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
    with file_of(descriptor, "r+b") as file:
        # What an interrupted write left after the last whole line goes.
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)
        file.seek(0, os.SEEK_END)
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    fsync_directory(path.parent)
    head = Head(number=record.number, hash=digest)
    write_durably(path.with_name(HEAD), head.model_dump_json().encode())
    return Logged(record=record, hash=digest)


def history_as_it_is(settings: Settings, limit: int = 50) -> tuple[tuple[Record, ...], Text | None]:
    """Return the newest entries up to where the log is damaged, and what is wrong there."""
    entries, problem = read_log_as_it_is(settings)
    return tuple(entry.record for entry in reversed(entries))[: max(0, limit)], problem


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
