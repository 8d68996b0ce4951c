"""What every page is made of: icons, headers, cards, lines of checks, banners, and questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias, TypeVar

from PyQt6.QtCore import QByteArray, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPixmapCache, QPolygonF
from PyQt6.QtSvg import QSvgRenderer
from PyQt6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.base.operation import OperationError
from core.base.text import Text, translate
from ui.language import say
from ui.theme import Theme, while_there

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "icons"


def pixmap(name: str, colour: str, side: int, ratio: float = 1.0) -> QPixmap:
    """Return icon *name* in *colour*, *side* device-independent pixels wide and high."""
    key = f"{name} {colour} {side} {ratio}"
    kept = QPixmapCache.find(key)
    if kept is not None:
        return kept
    drawing = (FOLDER / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    image = QPixmap(QSize(round(side * ratio), round(side * ratio)))
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(drawing.encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    QPixmapCache.insert(key, image)
    return image


def icon(name: str, colour: str) -> QIcon:
    """Return icon *name* in *colour*, sharp on screens of one and of two pixels a point."""
    sharp = QIcon()
    for ratio in (1.0, 2.0):
        sharp.addPixmap(pixmap(name, colour, 20, ratio))
    return sharp


def stroke(colour: QColor, width: float) -> QPen:
    """Return a pen of *width* pixels with round ends."""
    return QPen(
        colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    )


def paint_check(painter: QPainter, centre: QPointF, size: float, colour: QColor) -> None:
    """Paint a check mark."""
    painter.setPen(stroke(colour, size * 0.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(
        QPolygonF(
            [
                centre + QPointF(-size * 0.9, 0.1 * size),
                centre + QPointF(-size * 0.25, 0.75 * size),
                centre + QPointF(size * 0.9, -0.65 * size),
            ]
        )
    )


def paint_cross(painter: QPainter, centre: QPointF, size: float, colour: QColor) -> None:
    """Paint a cross."""
    painter.setPen(stroke(colour, size * 0.5))
    for slope in (1, -1):
        painter.drawLine(
            centre + QPointF(-size, -slope * size), centre + QPointF(size, slope * size)
        )


class Sign(QLabel):
    """One icon, *lines* lines of text high, in its colour of light and of dark."""

    def __init__(self, theme: Theme, parent: QWidget | None = None, lines: float = 1.3) -> None:
        super().__init__(parent)
        self._theme, self._lines = theme, lines
        self._shown = ("unknown", "faint")
        theme.changed.connect(self._dress)
        self._dress()

    def show_sign(self, name: str, colour: str) -> None:
        """Show icon *name* in what the theme calls *colour*."""
        if self._shown != (name, colour):
            self._shown = (name, colour)
            self._dress()

    def _dress(self) -> None:
        name, colour = self._shown
        side = round(self.fontMetrics().height() * self._lines)
        tint = self._theme.colour(colour)
        self.setPixmap(pixmap(name, tint, side, self.devicePixelRatioF()))


Do = Callable[[], object]
ANYWHERE = Qt.AlignmentFlag(0)
Box = TypeVar("Box", bound=QBoxLayout)
Sized: TypeAlias = tuple[QWidget | QLayout, int]
Placed: TypeAlias = tuple[QWidget, int, Qt.AlignmentFlag]


def label(
    parent: QWidget | None, look: str = "", text: Text | str = "", *, wrap: bool = False
) -> QLabel:
    """Return a label that looks as the style sheet says of *look* (``title``, ``faint``, …)."""
    made = QLabel(text if isinstance(text, str) else say(text), parent)
    made.setObjectName(look)
    made.setWordWrap(wrap)
    # What a program, a file or a release is called is shown as it stands.
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made


def make_buttons(parent: QWidget, offers: Mapping[str, tuple[Text, Do]]) -> dict[str, QPushButton]:
    """Return a button for each of *offers*, by the same names."""
    buttons = {}
    for name, (text, do) in offers.items():
        buttons[name] = button = QPushButton(say(text), parent)
        button.clicked.connect(lambda _=False, do=do: do())
    return buttons


def beside(
    parent: QWidget, *widgets: QWidget, way: Qt.Orientation = Qt.Orientation.Horizontal
) -> QSplitter:
    """Return *widgets* side by side with a handle between; the first takes what room is left."""
    parts = QSplitter(way, parent)
    parts.setChildrenCollapsible(False)
    parts.setHandleWidth(16)
    for widget in widgets:
        parts.addWidget(widget)
    parts.setStretchFactor(0, 1)
    return parts


class Stretch(NamedTuple):
    """Room that grows, by so many parts."""

    parts: int = 1


def lay(
    box: Box,
    *parts: QWidget | QLayout | int | Stretch | Sized | Placed,
    spacing: int | None = None,
    margins: int | tuple[int, int, int, int] | None = None,
) -> Box:
    """Put *parts* into *box* one after the other and return it; a number is room in pixels.

    A tuple says how much of the room that is left its widget takes, and where it stands in that;
    *margins* are all the same, or left, top, right and bottom.
    """
    if margins is not None:
        box.setContentsMargins(*((margins,) * 4 if isinstance(margins, int) else margins))
    if spacing is not None:
        box.setSpacing(spacing)
    for part in parts:
        if isinstance(part, Stretch):
            box.addStretch(part.parts)
        elif isinstance(part, int):
            box.addSpacing(part)
        else:
            _add(box, *(part if isinstance(part, tuple) else (part,)))
    return box


def _add(
    box: QBoxLayout, what: QWidget | QLayout, share: int = 0, where: Qt.AlignmentFlag = ANYWHERE
) -> None:
    if isinstance(what, QLayout):
        box.addLayout(what, share)
    else:
        box.addWidget(what, share, where)


class Page(QVBoxLayout):
    """The layout of a tab: parts below each other, within the margins that every tab has."""

    def __init__(self, tab: QWidget, *parts: QWidget, spacing: int = 16) -> None:
        super().__init__(tab)
        tab.setObjectName("page")
        self.setContentsMargins(16, 16, 16, 16)
        self.setSpacing(spacing)
        for part in parts:
            self.addWidget(part, 1 if part is parts[-1] else 0)


class Header(QWidget):
    """What a page is about, what there is to know of it, and at the right what can be done."""

    def __init__(
        self,
        parent: QWidget,
        *right: QWidget,
        look: str = "title",
        sign: Sign | None = None,
    ) -> None:
        super().__init__(parent)
        self.title = label(self, look)
        self.below = label(self, "faint", wrap=True)
        words = lay(QVBoxLayout(), self.title, self.below, spacing=2)
        row = lay(QHBoxLayout(self), spacing=8, margins=0)
        if sign is not None:
            row.addWidget(sign, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(words, 1)
        for widget in right:
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)

    def show_texts(self, title: str, below: str) -> None:
        """Show *title*, and *below* where there is something to say."""
        self.title.setText(title)
        self.below.setText(below)
        self.below.setVisible(bool(below))


class Card(QFrame):
    """A framed ground with a column in it."""

    def __init__(self, parent: QWidget | None = None, margin: int = 16, spacing: int = 8) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.column = lay(QVBoxLayout(self), spacing=spacing, margins=margin)


def scrolled(parent: QWidget, within: QWidget) -> QScrollArea:
    """Return *within*, to be scrolled where it does not fit."""
    area = QScrollArea(parent)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setWidget(within)
    return area


class EmptyState(QWidget):
    """What stands where there is nothing yet: a title, and a sentence that says what to do."""

    def __init__(self, title: Text, sentence: Text, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        head, body = label(self, "title", title), label(self, "faint", sentence, wrap=True)
        body.setFixedWidth(70 * self.fontMetrics().horizontalAdvance("0"))
        for text in (head, body):
            text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        # Between stretches and not aligned: only so its height follows its width.
        middle = lay(QHBoxLayout(), Stretch(), body, Stretch())
        lay(QVBoxLayout(self), Stretch(2), head, 8, middle, Stretch(3))


class CheckLine(NamedTuple):
    """One line: icon, the theme's name of its colour, what was found, what to do."""

    icon: str
    colour: str
    text: str
    remedy: str = ""


class ChecksView(QScrollArea):
    """A card of things that were looked at; filled once for each look."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.lines: tuple[CheckLine, ...] = ()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)

    def show_lines(self, lines: Sequence[CheckLine]) -> None:
        """Show *lines* in place of those before."""
        self.lines = tuple(lines)
        card = Card(margin=24)
        for line in self.lines:
            card.column.addWidget(self._row(card, line))
        card.column.addStretch(1)
        self.setWidget(card)

    def _row(self, card: QWidget, line: CheckLine) -> QWidget:
        row = QWidget(card)
        sign, text = Sign(self._theme, row), label(row, "", line.text, wrap=True)
        sign.show_sign(line.icon, line.colour)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words = lay(QVBoxLayout(), text, spacing=0)
        if line.remedy:
            words.addWidget(label(row, "faint", line.remedy, wrap=True))
        lay(
            QHBoxLayout(row),
            (sign, 0, Qt.AlignmentFlag.AlignTop),
            (words, 1),
            spacing=12,
            margins=0,
        )
        return row


class Closable(QFrame):
    """Stands above what it is about until it is closed: a sign, texts, and what can be done."""

    def __init__(self, parent: QWidget | None, *parts: QWidget, sign: Sign | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        close = QToolButton(self)
        close.setText("×")
        close.setToolTip(say(translate("window", "Close")))
        close.setAccessibleName(close.toolTip())
        close.clicked.connect(self.hide)
        self.texts = QVBoxLayout()
        self.texts.setSpacing(4)
        row = lay(QHBoxLayout(self), spacing=12, margins=(16, 12, 8, 12))
        if sign is not None:
            row.addWidget(sign)
        row.addLayout(self.texts, 1)
        for part in (*parts, close):
            row.addWidget(part)
        self.hide()


class Banner(Closable):
    """A failure: what happened, what state the data is in, what to do."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        sign = Sign(theme, lines=1.6)
        sign.show_sign("warning", "danger")
        super().__init__(parent, sign=sign)
        self._happened = label(self, "alarm", wrap=True)
        self._rest = label(self, wrap=True)
        self.texts.addWidget(self._happened)
        self.texts.addWidget(self._rest)

    def show_error(self, error: Exception) -> None:
        """Show *error*: the three sentences of a known one, or that it is a bug."""
        if isinstance(error, OperationError):
            happened, rest = say(error.happened), (error.data_state, error.to_do)
        else:
            happened = say(translate("window", "The console met an error of its own."))
            rest = (
                translate(
                    "window",
                    "The strip at the top shows what state the live data is in; the "
                    "details are in the log.",
                ),
                Text(context="", template="{bug}", values={"bug": repr(error)[:300]}),
            )
        self._happened.setText(happened)
        self._rest.setText("  ".join(say(part) for part in rest))
        self.setAccessibleDescription(f"{happened} {self._rest.text()}")
        self.show()


class Answer(NamedTuple):
    """One answer to a question, and what is done for it."""

    text: Text
    do: Do
    offered: bool = True


def ask(
    parent: QWidget,
    question: Text,
    more: str,
    *answers: Answer,
    stay: Text | None = None,
    details: str = "",
) -> None:
    """Ask *question*; Return, Esc and *stay* (None: Cancel) do nothing."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(say(question))
    box.setInformativeText(more)
    if details:
        box.setDetailedText(details)
    roles = QMessageBox.ButtonRole
    does = []
    for number, answer in enumerate(answers):
        # A version or a file name in it is no mnemonic.
        text = say(answer.text).replace("&", "&&")
        button = box.addButton(text, roles.ActionRole if number else roles.AcceptRole)
        if button is not None:
            button.setEnabled(answer.offered)
        does.append((button, answer.do))
    no = stay if stay is not None else translate("window", "Cancel")
    cancel = box.addButton(say(no), roles.RejectRole)
    box.setDefaultButton(cancel)

    def answered() -> None:
        chosen = box.clickedButton()
        for button, do in does:
            if button is chosen:
                do()

    box.finished.connect(while_there(parent, lambda _: answered()))
    box.finished.connect(box.deleteLater)
    box.open()
