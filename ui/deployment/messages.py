"""What the Deployment tab says of checks, releases and how deployments ended."""

from __future__ import annotations

from core.base.text import translate
from core.release.models import Changes, CheckState
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


def check_rank(state: CheckState) -> int:
    """Return how soon a check has to be seen: what stands in the way first."""
    order = (CheckState.FAILED, CheckState.OVERRIDDEN, CheckState.WARNING)
    return order.index(state) if state in order else len(order)


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
