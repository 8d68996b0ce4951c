"""What the Deployment tab says of checks, releases and how deployments ended."""

from __future__ import annotations

from core.deployment.models import Changes, CheckState, Ending, Kind
from core.text import Text, translate
from ui.language import say

SIGNS = {
    CheckState.OK: "✓",
    CheckState.WARNING: "!",
    CheckState.FAILED: "✗",
    CheckState.SKIPPED: "–",
    CheckState.OVERRIDDEN: "!",
}


def check_sign(state: CheckState) -> tuple[str, str]:
    """Return the icon of a check's state and the theme's name of its colour."""
    return {
        CheckState.OK: ("check", "good"),
        CheckState.WARNING: ("warning", "warn"),
        CheckState.FAILED: ("cross", "danger"),
        CheckState.SKIPPED: ("ahead", "faint"),
        CheckState.OVERRIDDEN: ("warning", "warn"),
    }[state]


def check_name(name: str) -> str:
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
        "positions": translate("deploying", "Open positions"),
        "orders": translate("deploying", "Pending orders"),
        "volatility": translate("deploying", "Volatility"),
        "way_back": translate("deploying", "Way back"),
        "log": translate("deploying", "Deployment log"),
    }
    return say(texts[name]) if name in texts else name


def kind_text(kind: Kind) -> str:
    """Return what an entry of the log tells of."""
    texts: dict[Kind, Text] = {
        Kind.DEPLOY: translate("deploying", "Deployment"),
        Kind.ROLLBACK: translate("deploying", "Return"),
        Kind.REHEARSAL: translate("deploying", "Rehearsal"),
        Kind.RECOVERY: translate("deploying", "Recovery"),
    }
    return say(texts[kind])


def ending_text(ending: Ending) -> str:
    """Return how it ended."""
    texts: dict[Ending, Text] = {
        Ending.DONE: translate("deploying", "done"),
        Ending.UNDONE: translate("deploying", "undone, all as it was"),
        Ending.UNTOUCHED: translate("deploying", "stopped before anything changed"),
        Ending.STUCK: translate("deploying", "stuck: look at once"),
    }
    return say(texts[ending])


def changes_lines(changes: Changes) -> list[str]:
    """Return what a deployment changed: files, packages, migrations, a line each."""
    lines = [
        say(
            translate(
                "deploying",
                "files: {added} new, {changed} changed, {removed} gone",
                added=changes.added,
                changed=changes.changed,
                removed=changes.removed,
            )
        )
    ]
    if changes.packages:
        names = ", ".join(changes.packages)
        lines.append(say(translate("deploying", "packages: {names}", names=names)))
    if changes.migrations:
        count = len(changes.migrations)
        lines.append(say(translate("deploying", "migrations: {count}", count=count)))
    return lines
