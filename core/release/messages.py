"""The operator's words for checks, entries of the log and how they ended: one place for all."""

from __future__ import annotations

from core.base.text import Text, translate
from core.release.models import CheckResult, Ending, RecordKind


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
