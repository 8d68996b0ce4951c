"""What was deployed: one entry for each line of the log, with what it changed."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QLabel, QListView, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from core.base.text import Text, translate
from core.release.operations import Ending, Record
from ui.deployment.messages import changes_lines, ending_text, kind_text
from ui.format import duration_text
from ui.icons import icon
from ui.language import say
from ui.points.messages import exact_time
from ui.slots import while_there
from ui.theme import Theme

SIGNS = {Ending.DONE: ("check", "good"), Ending.UNTOUCHED: ("ahead", "faint")}


class Past(QWidget):
    """The newest entries; one that is chosen opens its report."""

    opened = pyqtSignal(object)
    """`Record`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._records: tuple[Record, ...] = ()
        self._problem: Text | None = None
        title = QLabel(say(translate("deploying", "What was deployed")), self)
        title.setObjectName("subtitle")
        self._trouble = QLabel(self)
        self._trouble.setObjectName("alarm")
        self._trouble.setWordWrap(True)
        self.list = QListWidget(self)
        self.list.setWordWrap(True)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(title.text())
        self.list.setAccessibleDescription(say(translate("deploying", "Enter opens the report")))
        self.list.itemActivated.connect(self._open)
        self._nothing = QLabel(say(translate("deploying", "Nothing was deployed yet.")), self)
        self._nothing.setObjectName("faint")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(title)
        column.addWidget(self._trouble)
        column.addWidget(self._nothing)
        column.addWidget(self.list, 1)
        theme.changed.connect(
            while_there(self, lambda: self.show_records(self._records, self._problem))
        )
        self.show_records((), None)

    def show_records(self, records: Sequence[Record], problem: Text | None) -> None:
        """Show *records*, newest first, and what is wrong with the log."""
        self._records, self._problem = tuple(records), problem
        self._trouble.setText(say(problem) if problem is not None else "")
        self._trouble.setVisible(problem is not None)
        self._nothing.setVisible(not records and problem is None)
        self.list.setVisible(bool(records))
        chosen = self.list.currentRow()
        self.list.clear()
        for record in self._records:
            item = QListWidgetItem("\n".join(_lines(record)))
            item.setToolTip(item.text())
            sign, colour = SIGNS.get(record.ending, ("cross", "danger"))
            item.setIcon(icon(sign, str(getattr(self._theme.tokens, colour))))
            self.list.addItem(item)
        self.list.setCurrentRow(min(chosen, self.list.count() - 1))

    def _open(self, _: QListWidgetItem) -> None:
        self.opened.emit(self._records[self.list.currentRow()])


def _lines(record: Record) -> list[str]:
    head = " ".join(part for part in (kind_text(record.kind), record.version) if part)
    lines = [f"{head} · {ending_text(record.ending)}", exact_time(record.begun)]
    if record.downtime_seconds:
        time = duration_text(record.downtime_seconds)
        lines.append(say(translate("deploying", "{time} of downtime", time=time)))
    if record.changes is not None:
        lines += changes_lines(record.changes)
    if record.failure is not None:
        lines.append(say(record.failure))
    return lines
