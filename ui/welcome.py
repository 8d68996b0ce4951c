"""What opens where no trading program was found: what was looked for, and two ways on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QSettings, QSize, QStandardPaths, Qt
from PyQt6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.base.config.load import NoProgram
from core.base.folders import user_home
from core.base.operation import OperationError
from core.base.text import Text, translate
from core.base.worker import Worker
from ui.kit.parts import Card, Sign, Stretch, label, lay
from ui.language import LANGUAGES, locale, say, use_language
from ui.manual import ManualWindow, manual_path
from ui.practice import PRACTICE_BYTES, practice_workspace
from ui.theme import Theme

SIZE = QSize(880, 600)
CARD_CHARACTERS = 44
"""The width of each of the two ways, in digits of the window's font."""

Attempt = Callable[[Path, bool], None]
"""Opens the program in a folder, or the practice one (True); raises `OperationError`."""


class Welcome(QMainWindow):
    """Stands open until a folder could be opened, or until it is closed."""

    def __init__(self, error: OperationError, attempt: Attempt, language: str) -> None:
        super().__init__()
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            raise TypeError("a window needs a QApplication")
        self._app = app
        self._error = error
        self._attempt = attempt
        self._worker: Worker | None = None
        self._manual: ManualWindow | None = None
        self.language = language
        self.practising = False
        """Whether what was opened is the practice workspace."""
        # Read for the appearance alone: nothing is written before there is a program.
        store = QSettings(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, "upbit-ops-console", "welcome"
        )
        self._theme = Theme(app, store)
        self._build()
        self.resize(SIZE)
        for key, do in (("Ctrl+Q", self.close), ("F1", self.show_manual)):
            QShortcut(QKeySequence(key), self).activated.connect(do)

    # ---- what is in it -------------------------------------------------------------------

    def _build(self) -> None:
        """Make everything anew in the language of now."""
        use_language(self._app, self.language)
        self.setWindowTitle("Upbit Ops Console")
        centre = QWidget()
        centre.setObjectName("page")
        hint = _label(
            translate(
                "welcome",
                "Started in the program's folder, or with --app and its path, the console opens "
                "it at once.",
            ),
            "faint",
        )
        hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        lay(
            QVBoxLayout(centre),
            self._languages(),
            Stretch(),
            self._head(),
            16,
            self._what_happened(),
            16,
            self._ways(),
            16,
            hint,
            Stretch(2),
            margins=(24, 16, 24, 24),
        )
        self.setCentralWidget(centre)
        self.choose.setFocus()

    def _languages(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        group = QButtonGroup(self)
        for key, name in LANGUAGES.items():
            button = QToolButton()
            button.setText(name)
            button.setCheckable(True)
            button.setChecked(key == self.language)
            button.clicked.connect(lambda _=False, key=key: self.speak(key))
            group.addButton(button)
            row.addWidget(button)
        return row

    def _head(self) -> QHBoxLayout:
        sign = Sign(self._theme, lines=1.8)
        sign.show_sign("console", "accent")
        title = _label(translate("welcome", "Which trading program?"), "title")
        title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        title.setWordWrap(False)
        return lay(QHBoxLayout(), Stretch(), sign, title, Stretch(), spacing=12)

    def _what_happened(self) -> QFrame:
        """Say what was not found, quietly; what the operator chose and is wrong is an alarm."""
        quiet = isinstance(self._error, NoProgram)
        frame = QFrame()
        frame.setObjectName("notice" if quiet else "banner")
        self.happened = _label(self._error.happened, "" if quiet else "alarm")
        rest = [self._error.data_state, *([] if quiet else [self._error.to_do])]
        self.rest = _label(Text(context="", template=""), "")
        self.rest.setText("  ".join(say(part) for part in rest))
        lay(QVBoxLayout(frame), self.happened, self.rest, spacing=4, margins=(16, 12, 16, 12))
        self.setAccessibleDescription(f"{self.happened.text()} {self.rest.text()}")
        return frame

    def _ways(self) -> QHBoxLayout:
        self.choose = QPushButton(say(translate("welcome", "&Choose the folder …")))
        self.choose.setObjectName("primary")
        self.choose.clicked.connect(self._choose)
        self.practise = QPushButton(say(translate("welcome", "Open the &practice workspace")))
        self.practise.clicked.connect(self.open_practice)
        return lay(
            QHBoxLayout(),
            (
                self._card(
                    translate("welcome", "Guard my trading program"),
                    translate(
                        "welcome",
                        "Choose the folder in which its script and its databases lie. The console "
                        "reads them and then makes a folder of its own beside them.",
                    ),
                    self.choose,
                ),
                1,
            ),
            (
                self._card(
                    translate("welcome", "Practise first"),
                    translate(
                        "welcome",
                        "A stand-in program with invented data, to back up, roll back and migrate "
                        "without any risk.",
                    ),
                    self.practise,
                    translate("welcome", "Its place: {folder}", folder=_at_home(practice_folder())),
                ),
                1,
            ),
            spacing=16,
        )

    def _card(
        self, title: Text, sentence: Text, button: QPushButton, place: Text | None = None
    ) -> QFrame:
        card = Card()
        card.setMinimumWidth(CARD_CHARACTERS * self.fontMetrics().horizontalAdvance("0"))
        column = card.column
        column.addWidget(_label(title, "subtitle"))
        column.addWidget(_label(sentence, ""))
        if place is not None:
            column.addWidget(_label(place, "small"))
        column.addStretch(1)
        column.addSpacing(8)
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        return card

    # ---- what the operator does ----------------------------------------------------------

    def speak(self, language: str) -> None:
        """Show everything in *language*, which the console then opens in, too."""
        self.language = language
        self._build()

    def show_manual(self) -> None:
        """Open the operations manual in the language that is spoken."""
        if self._manual is None:
            self._manual = ManualWindow(manual_path(locale().name()), self._theme, self)
            self._manual.destroyed.connect(self._forget_manual)
        self._manual.show()
        self._manual.raise_()

    def _forget_manual(self) -> None:
        self._manual = None

    def _choose(self) -> None:
        title = say(translate("welcome", "The trading program's folder"))
        found = QFileDialog.getExistingDirectory(self, title, str(user_home()))
        if found:
            self.open_folder(Path(found))

    def open_folder(self, folder: Path) -> None:
        """Open the program in *folder* and close, or say why it is none."""
        try:
            self._attempt(folder, self.practising)
        except OperationError as error:
            self.practising = False
            self._show_error(error)
            return
        self.close()

    def open_practice(self) -> None:
        """Make the practice workspace where there is none yet, and open it."""
        folder = practice_folder()
        self.practising = True
        for button in (self.choose, self.practise):
            button.setEnabled(False)
        self.practise.setText(say(translate("welcome", "The workspace is being made …")))
        self._worker = Worker(lambda _: practice_workspace(folder, PRACTICE_BYTES), self)
        self._worker.succeeded.connect(lambda _: self.open_folder(folder))
        self._worker.failed.connect(self._not_made)
        self._worker.start()

    def _not_made(self, error: Exception) -> None:
        self.practising = False
        if not isinstance(error, OperationError):
            error = OperationError(
                translate("welcome", "The practice workspace cannot be made: {why}",
                          why=str(error)),
                data_state=translate("welcome", "Nothing else was touched."),
                to_do=translate("welcome", "Look at the disk's space and permissions, and at "
                                "{folder}.", folder=str(practice_folder())),
            )  # fmt: skip
        self._show_error(error)

    def _show_error(self, error: OperationError) -> None:
        self._error = error
        self._build()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Leave no thread and no window behind."""
        if self._worker is not None:
            self._worker.wait(60)
        if self._manual is not None:
            self._manual.close()
        self._theme.deleteLater()
        if event is not None:
            event.accept()


def practice_folder() -> Path:
    """Return where the practice workspace of this user lies."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    return Path(place) / "upbit-ops-console" / "practice"


def _at_home(folder: Path) -> str:
    home = user_home()
    return str(Path("~") / folder.relative_to(home)) if folder.is_relative_to(home) else str(folder)


def _label(text: Text, look: str) -> QLabel:
    made = label(None, look, text, wrap=True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made
