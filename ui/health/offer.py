"""After an operation health was watched and is worse: offer the way back, or go it.

Which of the two is the configuration's `health.watch.when_worse`.
"""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QPushButton, QWidget

from core.base.text import translate
from core.daemons.after_care import way_back
from core.monitoring.watch import BY, WatchResult
from migration.deploying import HOOKS
from ui.format import operation_name
from ui.kit.parts import Notice, label
from ui.language import say
from ui.session import Session


class Offer(Notice):
    """Stands below the strip until the operator answers."""

    wanted = pyqtSignal(str, str)
    """The watched operation, and the restore point from before it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        self._go = QPushButton(say(translate("health", "See the way &back")))
        super().__init__(parent, self._go)
        self._session = session
        self._point = self._operation = ""
        self._text = label(self, wrap=True)
        self.texts.addWidget(self._text)
        self._go.clicked.connect(self._take)

    def show_result(self, result: WatchResult) -> None:
        """Show what the watch found, where it found health worse, and do what is configured."""
        if not result.worse:
            return
        going = result.action == "perform" and self._perform(result)
        self._operation = result.operation
        self._point = "" if going else result.restore_point or ""
        self._go.setVisible(bool(self._point))
        name = operation_name(result.operation)
        head = translate("health", "Since '{operation}' health is worse.", operation=name)
        if going:
            head = translate(
                "health", "Since '{operation}' health is worse; the console goes back by itself.",
                operation=name,
            )  # fmt: skip
        reasons = "; ".join(say(reason) for reason in result.reasons[:3])
        self._text.setText(f"{say(head)} {reasons}")
        self.show()

    def _perform(self, result: WatchResult) -> bool:
        """Begin to go back; False where the operator's own operation has precedence."""
        back = way_back(self._session.settings, result, HOOKS)
        return back is not None and self._session.start(back, BY)

    def _take(self) -> None:
        self.hide()
        self.wanted.emit(self._operation, self._point)
