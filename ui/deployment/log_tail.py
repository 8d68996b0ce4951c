"""What the trading program prints, as it prints it.

The log is read by looks of the session, in threads of their own, a bounded piece at a time, and
only while it is seen.
"""

from __future__ import annotations

from collections import deque

from PyQt6.QtCore import QTimer
from PyQt6.QtGui import (
    QColor,
    QFontDatabase,
    QGuiApplication,
    QHideEvent,
    QShowEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextDocument,
)
from PyQt6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.base.operation import Context
from core.base.text import translate
from core.base.worker import Worker
from core.program.tail import ErrorLines, Gained, LogReader, Which
from ui.kit.parts import Stretch, lay
from ui.language import say
from ui.session import Session
from ui.theme import Theme

LOOK_MS = 400
KEPT_LINES = 5_000
FIRST_LINES = 500
ERROR = 1
"""The state of a block that tells of an error."""


class LogTail(QWidget):
    """One of the program's logs: its newest lines, and whatever is appended."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._reader: LogReader | None = None
        self._looking: Worker | None = None
        self._read = False
        self._errors = ErrorLines()
        self._lines: deque[tuple[str, bool]] = deque(maxlen=KEPT_LINES)
        self._which = QComboBox(self)
        self._only_errors = QToolButton(self)
        self._copy = QPushButton(say(translate("service", "&Copy")), self)
        self._place = QLabel(self)
        self._text = QPlainTextEdit(self)
        self._empty = QLabel(self)
        self._paint = _Paint(self._text.document(), theme)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._which.currentIndexChanged.connect(self._begin)
        self._only_errors.toggled.connect(self._show_all)
        self._copy.clicked.connect(self._copy_shown)

    def _lay_out(self) -> None:
        names: dict[Which, str] = {
            "out": say(translate("service", "Standard output")),
            "err": say(translate("service", "Standard error")),
            "program": say(translate("service", "The program's own log")),
        }
        for which, name in names.items():
            self._which.addItem(name, which)
        self._which.setAccessibleName(say(translate("service", "Which log")))
        self._only_errors.setText(say(translate("service", "&Errors only")))
        self._only_errors.setCheckable(True)
        self._copy.setToolTip(
            say(translate("service", "Copy what is selected, or everything that is shown"))
        )
        self._place.setObjectName("small")
        self._text.setReadOnly(True)
        self._text.setMaximumBlockCount(KEPT_LINES)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._text.setAccessibleName(say(translate("service", "Log of the trading program")))
        self._empty.setObjectName("faint")
        self._empty.setContentsMargins(12, 12, 12, 12)
        self._empty.setWordWrap(True)
        row = lay(
            QHBoxLayout(), self._which, self._only_errors, (self._place, 1), self._copy, spacing=8
        )
        # The note lies upon the text, so that the text keeps its place.
        lay(QVBoxLayout(self._text), self._empty, Stretch(), margins=0)
        lay(QVBoxLayout(self), row, (self._text, 1), spacing=8, margins=0)

    # ---- reading -------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent | None) -> None:
        """Read on when it is seen."""
        super().showEvent(event)
        if self._reader is None:
            self._begin()
        self._timer.start()
        self.look()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Pause while nobody sees it."""
        super().hideEvent(event)
        self._timer.stop()

    def settled(self) -> bool:
        """Whether the newest lines of the chosen log are shown."""
        return self._read

    def _begin(self) -> None:
        """Read the chosen log from its newest lines on."""
        which: Which = self._which.currentData()
        self._reader = LogReader(self._session.settings, which, FIRST_LINES)
        self._errors = ErrorLines()
        self._read = False
        self._lines.clear()
        self._show_all()
        self.look()

    def look(self) -> None:
        """Read what is new, unless a look is under way."""
        reader = self._reader
        if reader is None or self._looking is not None:
            return

        def work(_: Context) -> tuple[LogReader, Gained]:
            return reader, reader.look()

        self._looking = self._session.look(work, self._found)
        self._looking.finished.connect(self._look_over)

    def _look_over(self) -> None:
        self._looking = None

    def _found(self, found: tuple[LogReader, Gained]) -> None:
        reader, gained = found
        if reader is not self._reader:
            return  # another log was chosen meanwhile
        self._read = True
        self._place.setText(reader.path.name if reader.path is not None else "")
        self._place.setToolTip(str(reader.path) if reader.path is not None else "")
        fresh = [(line, self._errors.tells(line)) for line in gained.lines]
        if gained.skipped:
            text = translate("service", "… {size_bytes} left out …", size_bytes=gained.skipped)
            fresh.insert(0, (say(text), False))
        self._lines.extend(fresh)
        self._append(fresh)
        self._dress()

    # ---- showing -------------------------------------------------------------------------

    def _show_all(self) -> None:
        self._text.clear()
        self._append(list(self._lines))
        self._dress()

    def _append(self, lines: list[tuple[str, bool]]) -> None:
        chosen = [one for one in lines if one[1] or not self._only_errors.isChecked()]
        for line, error in chosen[-KEPT_LINES:]:
            self._paint.error = error
            self._text.appendPlainText(line)
        self._paint.error = None

    def _dress(self) -> None:
        nothing = self._text.document() is None or not self._text.toPlainText()
        text = (
            translate("service", "No errors in the lines that were read.")
            if self._only_errors.isChecked() and self._lines
            else translate(
                "service",
                "Nothing yet. What the program prints appears here once the console or its "
                "supervisor has started it.",
            )
        )
        self._empty.setText(say(text))
        self._empty.setVisible(nothing)
        self._copy.setEnabled(not nothing)

    def _copy_shown(self) -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard is None:
            return
        selected = self._text.textCursor().selectedText().replace("\u2029", "\n")
        clipboard.setText(selected or self._text.toPlainText())


class _Paint(QSyntaxHighlighter):
    """Paints lines that tell of errors; whether one does is said when it is appended."""

    def __init__(self, document: QTextDocument | None, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        self.error: bool | None = None
        theme.changed.connect(self._repaint)

    def highlightBlock(self, text: str | None) -> None:
        """Paint one line; what it was at first it stays."""
        if self.currentBlockState() == -1 and self.error is not None:
            self.setCurrentBlockState(ERROR if self.error else 0)
        if self.currentBlockState() == ERROR:
            look = QTextCharFormat()
            look.setForeground(QColor(self._theme.tokens.danger))
            self.setFormat(0, len(text or ""), look)

    def _repaint(self) -> None:
        self.rehighlight()
