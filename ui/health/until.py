"""Asks until when nothing is to be told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PyQt6.QtCore import QDateTime
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QDateTimeEdit, QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from core.base.text import translate
from ui.kit.parts import label
from ui.language import say

FIRST_SECONDS = 4 * 3600
"""What is proposed lies so far ahead."""


def ask_until(parent: QWidget, then: Callable[[datetime], None]) -> QDialog:
    """Ask for a time that lies ahead and hand it to *then*; the window goes on meanwhile."""
    dialog = QDialog(parent)
    dialog.setWindowTitle(say(translate("health", "Silence until")))
    edit = QDateTimeEdit(QDateTime.currentDateTime().addSecs(FIRST_SECONDS), dialog)
    edit.setMinimumDateTime(QDateTime.currentDateTime().addSecs(60))
    edit.setDisplayFormat("yyyy-MM-dd HH:mm")
    edit.setCalendarPopup(True)
    title = label(dialog, text=translate("health", "Tell nothing of this alert until:"))
    title.setBuddy(edit)
    buttons = QDialogButtonBox(
        QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, dialog
    )
    for button, name in (
        (QDialogButtonBox.StandardButton.Ok, translate("health", "Silence")),
        (QDialogButtonBox.StandardButton.Cancel, translate("health", "Cancel")),
    ):
        shown = buttons.button(button)
        if shown is not None:
            shown.setText(say(name))
            shown.setIcon(QIcon())  # no other button here has one
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(16, 16, 16, 16)
    column.setSpacing(12)
    column.addWidget(title)
    column.addWidget(edit)
    column.addWidget(buttons)
    dialog.accepted.connect(lambda: then(edit.dateTime().toPyDateTime().astimezone()))
    dialog.finished.connect(lambda _: dialog.deleteLater())
    dialog.open()
    return dialog
