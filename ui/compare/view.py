"""What differs between two states: counts per table first, then the rows themselves.

The view computes nothing: its owner, the Rollback tab or a window of its own, hands it progress,
a result or a failure, and the pages that it asks for.
"""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QModelIndex, Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.backup.models import ListedPoint
from core.base.operation import OperationError, Progress
from core.base.text import translate
from core.base.worker import Worker
from core.diff.models import RowKind
from ui.compare.difference import Difference, PageView, TableLine, compare, read_page
from ui.compare.rows import RowBrowser
from ui.compare.tables import TablesModel, TablesTable
from ui.kit.parts import Stretch, beside, label, lay
from ui.language import count_text, say
from ui.points.messages import exact_time, reason_name, when
from ui.session import Session
from ui.theme import Theme

PROGRESS_STEPS = 1_000


class CompareView(QWidget):
    """Shows a comparison while it is computed and when it is there."""

    cancel_wanted = pyqtSignal()
    again_wanted = pyqtSignal()
    page_wanted = pyqtSignal(object, object, int)
    """The `TableLine`, the kind of rows (None: all) and the number of rows before the page."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._open: TableLine | None = None
        self._heading = label(self, "subtitle", wrap=True)
        self._waiting = QWidget(self)
        self._message = label(self._waiting, wrap=True)
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._bar = QProgressBar(self._waiting)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(say(translate("compare", "Progress of the comparison")))
        self._button = QPushButton(self._waiting)
        self._button.clicked.connect(self._press)
        self._computing = False
        lay(
            QVBoxLayout(self._waiting),
            Stretch(),
            self._message,
            self._bar,
            (self._button, 0, Qt.AlignmentFlag.AlignHCenter),
            Stretch(2),
        )

        self.model = TablesModel(self)
        self.tables = TablesTable(self.model, theme, self)
        self.browser = RowBrowser(theme, self)
        above = self.tables.with_filter(by_key=False)
        self._found = beside(self, above, self.browser, way=Qt.Orientation.Vertical)
        self._found.setStretchFactor(1, 1)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._waiting)
        self._stack.addWidget(self._found)
        lay(QVBoxLayout(self), self._heading, (self._stack, 1), margins=0)
        self.browser.page_wanted.connect(self._want_page)
        selection = self.tables.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(self._open_row)

    def show_message(self, text: str) -> None:
        """Show why there is nothing to compare."""
        self._wait("", text, button="")

    def show_progress(self, progress: Progress | None) -> None:
        """Show how far the comparison is; None: it has just begun."""
        self._computing = True
        heading = say(translate("compare", "Computing what would change…"))
        text = "" if progress is None else say(progress.what)
        self._wait(heading, text, button=say(translate("compare", "Cancel")))
        self._bar.setVisible(True)
        if progress is None or not progress.total:
            self._bar.setRange(0, 0)
        else:
            self._bar.setRange(0, PROGRESS_STEPS)
            self._bar.setValue(round(progress.done / progress.total * PROGRESS_STEPS))

    def show_cancelled(self) -> None:
        """Show that the operator cancelled, and offer to begin again."""
        text = say(translate("compare", "The comparison was cancelled."))
        self._wait("", text, button=say(translate("compare", "Compare again")))

    def show_failure(self, error: OperationError) -> None:
        """Show why there is no comparison, and offer to begin again."""
        text = "\n".join(say(part) for part in (error.happened, error.data_state, error.to_do))
        self._wait("", text, button=say(translate("compare", "Compare again")))

    def show_result(self, heading: str, lines: Sequence[TableLine]) -> None:
        """Show what differs, under *heading*; the table with the most rows is opened."""
        self._computing = False
        self._heading.setText(heading)
        self._heading.setVisible(bool(heading))
        self._open = None
        self.model.show_lines(lines)
        if not lines:
            self.show_message(heading)
            return
        self._stack.setCurrentWidget(self._found)
        self.tables.selectRow(0)

    def show_page(self, line: TableLine, page: PageView, first: int) -> None:
        """Show a page that was asked for, unless another table was opened meanwhile."""
        if line == self._open:
            self.browser.show_page(page, first)

    def _wait(self, heading: str, text: str, *, button: str) -> None:
        self._heading.setText(heading)
        self._heading.setVisible(bool(heading))
        self._message.setText(text)
        self._bar.setVisible(False)
        self._button.setText(button)
        self._button.setVisible(bool(button))
        self._stack.setCurrentWidget(self._waiting)

    def _press(self) -> None:
        if self._computing:
            self._computing = False
            self.cancel_wanted.emit()
        else:
            self.again_wanted.emit()

    def _open_row(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self._open = self.model.row(current.row())
            self.browser.open(self._open)

    def _want_page(self, kind: RowKind | None, first: int) -> None:
        if self._open is not None:
            self.page_wanted.emit(self._open, kind, first)


class CompareWindow(QDialog):
    """Says what going back to *left* would change of the state chosen in the box."""

    def __init__(
        self,
        session: Session,
        theme: Theme,
        left: ListedPoint,
        others: Sequence[ListedPoint],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(say(translate("compare", "Compare")))
        self._session, self._left = session, left
        self._running: Worker | None = None
        self._right: str | None = None
        self._with = QComboBox(self)
        self._with.setAccessibleName(say(translate("compare", "Compare with")))
        self._with.addItem(say(translate("compare", "The data of now")), None)
        for listed in others:
            if listed.point.id != left.point.id:
                text = f"{exact_time(when(listed))} · {reason_name(listed.point.reason)}"
                self._with.addItem(text, listed.point.id)
        self.view = CompareView(theme, self)
        head = lay(
            QHBoxLayout(),
            label(self, "subtitle", exact_time(when(left))),
            label(self, text=translate("compare", "compared with")),
            (self._with, 1),
        )
        lay(QVBoxLayout(self), head, (self.view, 1), spacing=16, margins=16)
        self.resize(960, 640)
        self._with.activated.connect(lambda _: self.begin())
        self.view.cancel_wanted.connect(self._cancel)
        self.view.again_wanted.connect(self.begin)
        self.view.page_wanted.connect(self._want_page)
        self.view.tables.filter.listen(self)

    def begin(self) -> None:
        """Compare with what is chosen now."""
        self._cancel()
        chosen = self._with.currentData()
        self._right = chosen if isinstance(chosen, str) else None
        self.view.show_progress(None)
        self._running = self._session.look(
            compare(self._session.settings, self._left.point.id, self._right),
            self._show,
            self._failed,
            self.view.show_progress,
        )

    def _cancel(self) -> None:
        if self._running is not None:
            self._running.cancel()
            self._running = None
            self.view.show_cancelled()

    def _show(self, difference: Difference) -> None:
        if self._running is None:
            return
        self._running = None
        rows = sum(line.rows for line in difference.lines)
        at = f"{difference.at.astimezone():%Y-%m-%d %H:%M:%S}"
        if difference.lines:
            text = translate(
                "compare",
                "{rows} rows in {tables} tables differ (as of {at})",
                rows=count_text(rows),
                tables=count_text(len(difference.lines)),
                at=at,
            )
        else:
            text = translate("compare", "Nothing differs (as of {at})", at=at)
        self.view.show_result(say(text), difference.lines)

    def _failed(self, error: Exception) -> None:
        if self._running is None:
            return
        self._running = None
        if isinstance(error, OperationError):
            self.view.show_failure(error)
        else:
            self.view.show_message(str(error))

    def _want_page(self, line: TableLine, kind: RowKind | None, first: int) -> None:
        def show(page: PageView) -> None:
            self.view.show_page(line, page, first)

        self._session.look(
            read_page(self._session.settings, self._left.point.id, self._right, line, kind, first),
            show,
            self._failed,
        )

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Stop comparing."""
        self._cancel()
        super().closeEvent(event)
