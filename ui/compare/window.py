"""A comparison in a window of its own: a restore point with the present or with another."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtGui import QCloseEvent
from PyQt6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from core.backup.models import ListedPoint
from core.base.operation import OperationError
from core.base.text import translate
from core.base.worker import Worker
from core.diff import RowKind
from ui.compare.difference import Difference, PageView, TableLine, compare, read_page
from ui.compare.view import CompareView
from ui.format import count_text
from ui.kit.parts import label
from ui.language import say
from ui.points.choice import when
from ui.points.messages import exact_time, reason_name
from ui.session import Session
from ui.theme import Theme


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
        head = QHBoxLayout()
        head.addWidget(label(self, "subtitle", exact_time(when(left))))
        head.addWidget(label(self, text=translate("compare", "compared with")))
        head.addWidget(self._with, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addLayout(head)
        column.addWidget(self.view, 1)
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
