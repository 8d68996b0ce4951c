"""What was deployed: one entry for each line of the log, with what it changed."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from core.base.text import Text, translate
from core.release.operations import Ending, Record
from ui.deployment.messages import changes_lines, ending_text, kind_text
from ui.format import duration_text
from ui.kit.parts import label
from ui.kit.rows import Column, RowsModel
from ui.kit.signs import icon
from ui.kit.table import Table
from ui.language import say
from ui.points.messages import exact_time
from ui.theme import Theme

SIGNS = {Ending.DONE: ("check", "good"), Ending.UNTOUCHED: ("ahead", "faint")}


class Past(QWidget):
    """The entries of the log, newest first; one that is opened shows its report."""

    opened = pyqtSignal(Record)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        text = Column[Record]("", entry_text, icon=self._icon, tip=entry_text)
        self.model = RowsModel((text,), lambda record: (record.deployment, record.number), self)
        name = translate("deploying", "What was deployed")
        self.table = Table(self.model, name, self, tall=True)
        self.table.setAccessibleDescription(say(translate("deploying", "Enter opens the report")))
        self.table.opened.connect(self.opened)
        self._trouble = label(self, "alarm", wrap=True)
        nothing = translate("deploying", "Nothing was deployed yet.")
        self._nothing = label(self, "faint", nothing)
        self._list = self.table.with_filter()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (label(self, "subtitle", name), self._trouble, self._nothing):
            column.addWidget(part)
        column.addWidget(self._list, 1)
        self.show_records((), None)

    def show_records(self, records: Sequence[Record], problem: Text | None) -> None:
        """Show *records*, newest first, and what is wrong with the log."""
        self._trouble.setText(say(problem) if problem is not None else "")
        self._trouble.setVisible(problem is not None)
        self._nothing.setVisible(not records and problem is None)
        self._list.setVisible(bool(records))
        self.model.show(records)

    def _icon(self, record: Record) -> QIcon:
        sign, colour = SIGNS.get(record.ending, ("cross", "danger"))
        return icon(sign, self._theme.colour(colour))


def entry_text(record: Record) -> str:
    """Return what is to be said of an entry, a line each."""
    head = " ".join(part for part in (kind_text(record.kind), record.version) if part)
    lines = [f"{head} · {ending_text(record.ending)}", exact_time(record.begun)]
    if record.downtime_seconds:
        time = duration_text(record.downtime_seconds)
        lines.append(say(translate("deploying", "{time} of downtime", time=time)))
    if record.changes is not None:
        lines += changes_lines(record.changes)
    if record.failure is not None:
        lines.append(say(record.failure))
    return "\n".join(lines)
