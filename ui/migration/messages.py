"""What the Migration tab says of scripts, validators and stages."""

from __future__ import annotations

from core.base.text import Text, translate
from migration.engine.plan import State
from migration.run.models import Decision
from migration.transforms import reasons
from migration.validation.models import validator_words
from ui.language import say
from ui.migration.stages import Stage


def state_text(state: State) -> str:
    """Return what has become of a script, in a word or two."""
    texts: dict[State, Text] = {
        State.PENDING: translate("migrating", "pending"),
        State.SUCCESS: translate("migrating", "done"),
        State.FAILED: translate("migrating", "failed"),
        State.OUT_OF_ORDER: translate("migrating", "out of order"),
        State.MISSING: translate("migrating", "missing"),
        State.FUTURE: translate("migrating", "from a newer console"),
        State.BASELINE: translate("migrating", "baseline"),
        State.EDITED: translate("migrating", "edited"),
    }
    return say(texts[state])


def validator_name(name: str) -> str:
    """Return what a validator looks at."""
    words = validator_words(name)
    return words if isinstance(words, str) else say(words)


def stage_name(stage: Stage) -> str:
    """Return the name of a stage of the wizard."""
    texts: dict[Stage, Text] = {
        Stage.PREFLIGHT: translate("migrating", "Preflight"),
        Stage.REHEARSAL: translate("migrating", "Rehearsal"),
        Stage.REVIEW: translate("migrating", "Review"),
        Stage.EXECUTE: translate("migrating", "Execute"),
        Stage.VALIDATE: translate("migrating", "Validate"),
        Stage.CUT_OVER: translate("migrating", "Cut-over"),
        Stage.REPORT: translate("migrating", "Report"),
    }
    return say(texts[stage])


def stage_hint(stage: Stage) -> str:
    """Return what happens in a stage, in a few words."""
    texts: dict[Stage, Text] = {
        Stage.PREFLIGHT: translate("migrating", "What could stand in the way"),
        Stage.REHEARSAL: translate("migrating", "All of it on a copy; the program runs on"),
        Stage.REVIEW: translate("migrating", "See what changes, and decide"),
        Stage.EXECUTE: translate("migrating", "Save, copy and migrate"),
        Stage.VALIDATE: translate("migrating", "Prove that nothing is lost"),
        Stage.CUT_OVER: translate("migrating", "Swap the files, start, verify"),
        Stage.REPORT: translate("migrating", "Evidence, and the way back"),
    }
    return say(texts[stage])


def reason_text(reason: str) -> str:
    """Return why a row needs review; a reason that has no words of its own is shown as it is."""
    told = reasons.reason_text(reason)
    return told if isinstance(told, str) else say(told)


HELPED = {"no_role", "no_strategy"}
"""Reasons that a role or a strategy does away with."""


def role_name(role: str) -> str:
    """Return what a condition is for."""
    texts: dict[str, Text] = {
        "ENTRY": translate("migrating", "Entry"),
        "EXIT": translate("migrating", "Exit"),
        "MANAGEMENT": translate("migrating", "Management"),
    }
    return say(texts[role])


def decision_text(decision: Decision, strategy: str | None) -> str:
    """Return what was decided, in a few words; *strategy* is the name of the chosen one."""
    if decision.leave:
        what = say(translate("migrating", "stays in review"))
    else:
        role = role_name(decision.role) if decision.role else ""
        what = " · ".join(one for one in (role, strategy) if one)
    if decision.row is None:
        return say(translate("migrating", "✓ {decision} (whole table)", decision=what))
    return f"✓ {what}"


def rule_text(rule: str) -> str:
    """Return by which rule a setting was normalised."""
    texts: dict[str, Text] = {
        "python_to_json": translate("migrating", "Python list to JSON"),
        "float_to_decimal": translate("migrating", "float to decimal"),
        "numeric_text": translate("migrating", "Number spelt plainly"),
        "older_table": translate("migrating", "Taken over from the older table"),
        "table_made": translate("migrating", "Table made"),
    }
    return say(texts[rule]) if rule in texts else rule


def change_text(change: str) -> str:
    """Return what became of a part of the schema."""
    texts: dict[str, Text] = {
        "new": translate("migrating", "New"),
        "changed": translate("migrating", "Changed"),
        "gone": translate("migrating", "Gone"),
    }
    return say(texts[change]) if change in texts else change


def type_text(kind: str) -> str:
    """Return what a part of the schema is."""
    texts: dict[str, Text] = {
        "table": translate("migrating", "Table"),
        "index": translate("migrating", "Index"),
        "view": translate("migrating", "View"),
        "trigger": translate("migrating", "SQL trigger"),
    }
    return say(texts[kind]) if kind in texts else kind
