"""The Backup tab: back up now, and everything about the restore points there are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from PyQt6.QtCore import QModelIndex, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.backup.annotate import AnnotateRestorePoint
from core.backup.create import CreateRestorePoint
from core.backup.exchange import ExportRestorePoint, ImportRestorePoint, suggested_folder
from core.backup.retention import Prune, Pruned, preview_prune
from core.backup.store import Store
from core.backup.verify import VerifyAll, VerifyRestorePoint
from core.base.folders import user_home
from core.base.journal import Outcome
from core.base.kind import Kind, Tab
from core.base.operation import Context, Operation
from core.base.text import translate
from ui.backup.details import Details
from ui.backup.prune import PruneDialog
from ui.compare.window import CompareWindow
from ui.empty import EmptyState
from ui.format import bytes_text
from ui.language import say
from ui.points.model import PointsModel
from ui.points.table import PointsTable
from ui.session import Ended, Look, Session
from ui.shown_error import Banner
from ui.slots import while_there
from ui.theme import Theme


class BackupTab(QWidget):
    """Restore points in a table, the chosen one beside it, and one primary action."""

    rollback_wanted = pyqtSignal(str)

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._session, self._theme = session, theme
        self._chose_new = True
        self._banner = Banner(theme, self)
        self.model = PointsModel(self)
        self.table = PointsTable(self.model, theme, self)
        self.details = Details(self)
        self._head = QLabel(self)
        self._head.setObjectName("subtitle")
        self._below = QLabel(self)
        self._below.setObjectName("faint")
        self.back_up = QPushButton(say(translate("backup", "Back up &now")), self)
        self.back_up.setObjectName("primary")
        self.back_up.setToolTip(say(translate("backup", "Ctrl+B — the program keeps running")))
        self.back_up.clicked.connect(lambda: self._run(CreateRestorePoint(session.settings)))
        self._more = QPushButton(say(translate("backup", "M&ore")), self)
        self._more.setMenu(self._menu())
        self._empty = EmptyState(
            say(translate("backup", "No restore point yet")),
            say(
                translate(
                    "backup",
                    "A backup takes moments and the trading program keeps running. "
                    "Then one click brings this state back.",
                )
            ),
            self,
        )
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._parts())
        self._lay_out()
        self._connect()

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        for text, do in (
            (translate("backup", "&Import folder…"), self._import_folder),
            (translate("backup", "Import &file…"), self._import_file),
            (translate("backup", "&Check all stored bytes"), self._check_all),
            (translate("backup", "&Prune by the rules…"), self._preview_prune),
        ):
            menu.addAction(say(text), do)
        return menu

    def _parts(self) -> QWidget:
        parts = QSplitter(Qt.Orientation.Horizontal, self)
        parts.setChildrenCollapsible(False)
        parts.setHandleWidth(16)
        parts.addWidget(self.table)
        parts.addWidget(self.details)
        parts.setStretchFactor(0, 1)
        width = 52 * self.fontMetrics().horizontalAdvance("0")
        self.details.setMinimumWidth(width)
        self.details.setMaximumWidth(width)
        parts.setSizes([3 * width, width])
        return parts

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._head)
        words.addWidget(self._below)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addLayout(words, 1)
        head.addWidget(self._more)
        head.addWidget(self.back_up)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addLayout(head)
        column.addWidget(self._banner)
        column.addWidget(self._stack, 1)

    def _connect(self) -> None:
        session, details = self._session, self.details
        selection = self.table.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(self._chosen)
        self.model.dataChanged.connect(lambda *_: self._chosen())
        session.looked.connect(self._show)
        session.started.connect(while_there(self, lambda _: self._set_busy(busy=session.blocked)))
        session.idle.connect(while_there(self, lambda: self._set_busy(busy=False)))
        session.ended.connect(self._ended)
        details.note_wanted.connect(
            lambda id_, note: self._run(AnnotateRestorePoint(session.settings, id_, note=note))
        )
        details.pin_wanted.connect(
            lambda id_, pin: self._run(AnnotateRestorePoint(session.settings, id_, pinned=pin))
        )
        details.check_wanted.connect(lambda id_: self._verify(id_, "quick"))
        details.drill_wanted.connect(lambda id_: self._verify(id_, "full"))
        details.export_wanted.connect(self._export)
        details.rollback_wanted.connect(self.rollback_wanted)
        details.compare_wanted.connect(self._compare)

    # ---- what is shown -------------------------------------------------------------------

    def _show(self, look: Look) -> None:
        listing = look.listing
        before = {self.model.listed(row).point.id for row in range(self.model.rowCount())}
        self.model.set_now(look.at)
        self.model.show(listing.points)
        if (listing.points and not before) or self._chose_new:
            self.table.selectRow(0)
            self._chose_new = not listing.points
        self._stack.setCurrentIndex(1 if listing.points else 0)
        size = sum(one.point.size for one in listing.points)
        text = translate("backup", "{count} restore points", count=len(listing.points))
        self._head.setText(say(text))
        facts = [
            say(
                translate(
                    "backup",
                    "{stored} on disk for {size} of data",
                    stored=bytes_text(look.store_bytes),
                    size=bytes_text(size),
                )
            ),
            str(self._session.settings.store),
        ]
        if listing.damaged:
            damaged = translate("backup", "{count} damaged", count=len(listing.damaged))
            facts.insert(0, say(damaged))
        self._below.setText(" · ".join(facts))
        self._chosen()

    def _chosen(self, *_: QModelIndex) -> None:
        self.details.show_point(self.table.chosen())

    def _set_busy(self, *, busy: bool) -> None:
        self.back_up.setEnabled(not busy)
        self._more.setEnabled(not busy)
        self.details.set_busy(busy=busy)

    def _ended(self, ended: Ended) -> None:
        if ended.operation.tab is not Tab.BACKUP:
            return
        if ended.error is not None:
            self._banner.show_error(ended.error)
        elif ended.outcome is Outcome.OK:
            self._banner.hide()
            self._chose_new = ended.operation in {Kind.BACKUP_CREATE, Kind.BACKUP_IMPORT}

    # ---- what the operator does ----------------------------------------------------------

    def _run(self, operation: Operation[object]) -> None:
        self._session.start(operation)

    def _verify(self, point_id: str, kind: Literal["quick", "full"]) -> None:
        self._run(VerifyRestorePoint(self._session.settings, point_id, kind))

    def _check_all(self) -> None:
        self._run(VerifyAll(self._session.settings))

    def _compare(self, point_id: str) -> None:
        points = [self.model.listed(row) for row in range(self.model.rowCount())]
        left = next((one for one in points if one.point.id == point_id), None)
        if left is not None:
            window = CompareWindow(self._session, self._theme, left, points, self)
            window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            window.show()
            window.begin()

    def _export(self, point_id: str) -> None:
        title = say(translate("backup", "Where to"))
        folder = QFileDialog.getExistingDirectory(self, title, str(user_home()))
        row = self.model.row_of(point_id)
        if folder and row is not None:
            destination = suggested_folder(Path(folder), self.model.listed(row))
            self._run(ExportRestorePoint(self._session.settings, point_id, destination))

    def _import_folder(self) -> None:
        title = say(translate("backup", "Folder with a backup"))
        folder = QFileDialog.getExistingDirectory(self, title, str(self._session.settings.app))
        if folder:
            self._run(ImportRestorePoint(self._session.settings, Path(folder)))

    def _import_file(self) -> None:
        title = say(translate("backup", "Backup file"))
        app = str(self._session.settings.app)
        file, _ = QFileDialog.getOpenFileName(self, title, app, "SQLite (*.sqlite3 *.db)")
        if file:
            self._run(ImportRestorePoint(self._session.settings, Path(file)))

    def _preview_prune(self) -> None:
        settings = self._session.settings

        def work(_: Context) -> Pruned:
            return preview_prune(Store(settings.store), settings.retention, datetime.now(UTC))

        self._session.look(work, self._ask_to_prune, self._banner.show_error)

    def _ask_to_prune(self, preview: Pruned) -> None:
        points = {
            self.model.listed(row).point.id: self.model.listed(row)
            for row in range(self.model.rowCount())
        }
        dialog = PruneDialog(preview, points, self._session.settings.store, self)
        dialog.accepted.connect(lambda: self._run(Prune(self._session.settings)))
        dialog.open()
