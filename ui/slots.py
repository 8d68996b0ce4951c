"""Slots that end with their widget.

PyQt disconnects a widget's own methods when the widget goes, but not a lambda: after the language
was changed, a long-lived signal would call into widgets of the former one.
"""

from __future__ import annotations

from collections.abc import Callable

from PyQt6 import sip
from PyQt6.QtCore import QObject


def while_there(owner: QObject, do: Callable[..., object]) -> Callable[..., None]:
    """Return *do* as a slot that does nothing once *owner* is gone."""

    def slot(*values: object) -> None:
        if not sip.isdeleted(owner):
            do(*values)

    return slot
