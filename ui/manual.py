"""The operations manual in a window of its own, beside the console's and in its language."""

from __future__ import annotations

import re
from pathlib import Path

from PyQt6.QtCore import QModelIndex, QSize, QStringListModel, Qt, QUrl
from PyQt6.QtGui import (
    QBrush,
    QColor,
    QDesktopServices,
    QKeySequence,
    QShortcut,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)
from PyQt6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListView,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from core.base.text import translate
from ui.kit.parts import lay
from ui.language import say
from ui.theme import Theme

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "operations"
SIZE = QSize(1080, 720)
_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)


def manual_path(language: str) -> Path:
    """Return the manual in *language* (``en_US``); Korean is the original."""
    english = language.startswith("en")
    return FOLDER / ("PRODUCTION_MANUAL.en.md" if english else "PRODUCTION_MANUAL.md")


def slug(heading: str) -> str:
    """Return the name by which a link in Markdown calls *heading*."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


class ManualWindow(QDialog):
    """Headings to choose from, a field to search in, and the text."""

    def __init__(self, path: Path, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self._theme = theme
        self._path = path
        self._blocks: list[int] = []
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(say(translate("manual", "Search (Ctrl+F)")))
        self.search.setClearButtonEnabled(True)
        self.search.returnPressed.connect(self._find)
        self.headings = QListView(self)
        self.headings.setAccessibleName(say(translate("manual", "Sections")))
        self.headings.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._names = QStringListModel(self)
        self.headings.setModel(self._names)
        self.headings.setSpacing(2)
        self.text = QTextBrowser(self)
        self.text.setAccessibleName(say(translate("manual", "Operations manual")))
        self.text.setOpenLinks(False)
        self.text.anchorClicked.connect(self._follow)
        self._lay_out()
        self.resize(SIZE)
        self.show_page(path)
        theme.changed.connect(self._dress)
        selection = self.headings.selectionModel()
        if selection is not None:
            selection.currentChanged.connect(self._chosen)

    def _lay_out(self) -> None:
        side = QWidget(self)
        lay(QVBoxLayout(side), self.search, (self.headings, 1), spacing=8, margins=0)
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.addWidget(side)
        split.addWidget(self.text)
        split.setStretchFactor(1, 1)
        split.setSizes([260, 820])
        split.setChildrenCollapsible(False)
        lay(QVBoxLayout(self), split, margins=16)
        QShortcut(QKeySequence.StandardKey.Find, self, self._begin_search)
        QShortcut(QKeySequence.StandardKey.FindNext, self, self._find)

    def show_page(self, path: Path) -> None:
        """Show the document at *path*."""
        self._path = path
        self._dress()

    def _dress(self) -> None:
        """Lay the document out in the colours of now."""
        document = self.text.document()
        if document is None:
            return
        source = _COMMENT.sub("", self._path.read_text(encoding="utf-8"))
        document.setDocumentMargin(16)
        document.setDefaultStyleSheet(f"a {{ color: {self._theme.tokens.accent}; }}")
        document.setMarkdown(source)
        self.setWindowTitle(say(translate("manual", "Operations manual")))
        names, self._blocks = [], []
        block = document.begin()
        while block.isValid():
            self._dress_block(block)
            level = block.blockFormat().headingLevel()
            if level in {2, 3}:
                names.append(f"{'    ' * (level - 2)}{block.text()}")
                self._blocks.append(block.blockNumber())
            block = block.next()
        self._names.setStringList(names)
        self._dress_tables(document)
        self.text.moveCursor(QTextCursor.MoveOperation.Start)

    def _dress_block(self, block: QTextBlock) -> None:
        """Give code its colour and headings room."""
        form = block.blockFormat()
        if form.headingLevel():
            form.setTopMargin(20.0)
            form.setBottomMargin(6.0)
        elif form.hasProperty(form.Property.BlockCodeFence) or form.nonBreakableLines():
            form.setBackground(QBrush(QColor(self._theme.tokens.sunken)))
            form.setLeftMargin(8.0)
        else:
            return
        QTextCursor(block).setBlockFormat(form)

    def _dress_tables(self, document: QTextDocument) -> None:
        root = document.rootFrame()
        for frame in root.childFrames() if root is not None else ():
            if not isinstance(frame, QTextTable):
                continue
            form = frame.format().toTableFormat()
            form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            form.setBorderBrush(QBrush(QColor(self._theme.tokens.line)))
            form.setBorderCollapse(True)
            form.setBorder(1)
            form.setCellPadding(6)
            form.setCellSpacing(0)
            form.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
            frame.setFormat(form)

    # ---- finding one's way ---------------------------------------------------------------

    def _chosen(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self._scroll_to(self._blocks[current.row()])

    def _scroll_to(self, number: int) -> None:
        document = self.text.document()
        layout = document.documentLayout() if document is not None else None
        bar = self.text.verticalScrollBar()
        if document is None or layout is None or bar is None:
            return
        block = document.findBlockByNumber(number)
        bar.setValue(round(layout.blockBoundingRect(block).top()) - 8)
        self.text.setTextCursor(QTextCursor(block))

    def go_to(self, name: str) -> bool:
        """Show the section that a link calls *name*; False where there is none."""
        for row, heading in enumerate(self._names.stringList()):
            if slug(heading) == name:
                self.headings.setCurrentIndex(self._names.index(row))
                self._scroll_to(self._blocks[row])
                return True
        return False

    def _follow(self, link: QUrl) -> None:
        if link.scheme() in {"http", "https"}:
            QDesktopServices.openUrl(link)
            return
        if link.path():
            target = (self._path.parent / link.path()).resolve()
            if target.suffix != ".md" or not target.is_file():
                return
            self.show_page(target)
        if link.fragment():
            self.go_to(QUrl.fromPercentEncoding(link.fragment().encode()))

    def _begin_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _find(self) -> None:
        """Go to the next place that holds the words, and from the end on to the first."""
        words = self.search.text().strip()
        if words and not self.text.find(words):
            self.text.moveCursor(QTextCursor.MoveOperation.Start)
            self.text.find(words)
