"""What the Health tab says of values, states and metrics."""

from __future__ import annotations

from core.base.metrics import Unit, metric_of
from core.base.text import Text, translate
from core.monitoring.alerts.models import format_value, label_of
from core.monitoring.models import State
from core.monitoring.view import Field
from ui.language import duration_text, say

LONG_SECONDS = 120.0
"""From here on a length of time is told in minutes, hours or days."""


def value_text(key: str, value: float | None) -> str:
    """Return *value* with its unit, or a dash."""
    if value is None:
        return "–"
    metric = metric_of(key)
    if metric is not None and metric.answers is not None:
        return say(metric.answers[bool(value)])
    if metric is not None and metric.unit is Unit.SECONDS and value >= LONG_SECONDS:
        return duration_text(value)
    if metric is not None and metric.unit is Unit.SECONDS and 0 < value < 1:
        return f"{value * 1000:.3g} ms"
    return format_value(key, value)


def name_text(key: str) -> str:
    """Return what a metric is called, with the database that it is of."""
    return say(label_of(key))


def state_text(state: State) -> str:
    """Return a state in a word."""
    texts: dict[State, Text] = {
        State.OK: translate("health", "Well"),
        State.WARNING: translate("health", "Warning"),
        State.CRITICAL: translate("health", "Critical"),
        State.UNKNOWN: translate("health", "Unknown"),
    }
    return say(texts[state])


def sign_of(state: State) -> tuple[str, str]:
    """Return the icon of a state and the theme's name of its colour."""
    return {
        State.OK: ("check", "good"),
        State.WARNING: ("warning", "warn"),
        State.CRITICAL: ("cross", "danger"),
        State.UNKNOWN: ("unknown", "faint"),
    }[state]


def field_tip(field: Field) -> str:
    """Return the tooltip of one field."""
    lines = [
        name_text(field.key),
        f"{value_text(field.key, field.value)} · {state_text(field.state)}",
    ]
    if field.at is not None:
        lines.append(f"{field.at.astimezone():%Y-%m-%d %H:%M:%S}")
    return "\n".join(lines)
