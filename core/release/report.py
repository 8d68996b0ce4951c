"""What became of a deployment, in the operator's words: one HTML file, printable, without a script.

Names that came from outside stand in it escaped.
"""

from __future__ import annotations

from pathlib import Path

from core.base.config.models import Settings
from core.base.files import private_folder, write_durably
from core.base.text import Text, spoken, translate
from core.base.text import render as render_page
from core.program.release import home
from core.release.models import CheckResult, Ending, Logged, RecordKind


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


def kind_words(kind: RecordKind) -> Text:
    """Return what an entry of the log tells of."""
    texts: dict[RecordKind, Text] = {
        RecordKind.DEPLOY: translate("deploying", "Deployment"),
        RecordKind.ROLLBACK: translate("deploying", "Return"),
        RecordKind.REHEARSAL: translate("deploying", "Rehearsal"),
        RecordKind.RECOVERY: translate("deploying", "Recovery"),
    }
    return texts[kind]


def ending_words(ending: Ending) -> Text:
    """Return how it ended."""
    texts: dict[Ending, Text] = {
        Ending.DONE: translate("deploying", "done"),
        Ending.UNDONE: translate("deploying", "undone, all as it was"),
        Ending.UNTOUCHED: translate("deploying", "stopped before anything changed"),
        Ending.STUCK: translate("deploying", "stuck: look at once"),
    }
    return texts[ending]


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
        title=f"{spoken(kind_words(record.kind))} {record.version or ''}".strip(),
        subject=record.deployment,
        badge=ending_words(record.ending),
        colour=_COLOURS.get(record.ending, "warn"),
        record=record,
        hash=logged.hash,
        check_words=check_words,
    )
