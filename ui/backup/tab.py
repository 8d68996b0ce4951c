"""The Backup tab: back up now, prune by a list, and everything about the restore points."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from PyQt6.QtCore import QModelIndex, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.backup.annotate import AnnotateRestorePoint
from core.backup.create import CreateRestorePoint
from core.backup.exchange import ExportRestorePoint, ImportRestorePoint, suggested_folder
from core.backup.models import ListedPoint
from core.backup.retention import Prune, Pruned, held_text, preview_prune
from core.backup.store import Store
from core.backup.verify import VerifyAll, VerifyRestorePoint
from core.base.folders import user_home
from core.base.journal import Outcome
from core.base.operation import Context, Kind, Operation, Tab
from core.base.text import translate
from ui.backup.details import Details
from ui.compare.view import CompareWindow
from ui.kit.parts import Banner, EmptyState, Header, Page, Stretch, beside, lay
from ui.language import bytes_text, say
from ui.points.messages import ago, exact_time, reason_name, when
from ui.points.table import PointsModel, PointsTable
from ui.session import Ended, Look, Session
from ui.theme import Theme, while_there


class PruneDialog(QDialog):
    """Names every restore point that would go and the bytes that return."""

    def __init__(
        self,
        preview: Pruned,
        points: Mapping[str, ListedPoint],
        store: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(say(translate("backup", "Prune by the rules")))
        count = len(preview.deleted)
        head = QLabel(self)
        head.setObjectName("subtitle")
        head.setWordWrap(True)
        if count:
            text = translate(
                "backup",
                "{count} restore points go, {kept} stay, {size} return.",
                count=count,
                kept=preview.kept,
                size=bytes_text(preview.freed_bytes),
            )
        elif preview.held_back:
            text = translate("backup", "Nothing goes now.")
        else:
            text = translate(
                "backup", "Nothing goes: the rules keep all {kept}.", kept=preview.kept
            )
        held = [f"! {say(held_text(store, preview))}"] if preview.held_back else []
        head.setText("\n".join([say(text), *held]))
        rules = QLabel(
            say(
                translate(
                    "backup",
                    "Pinned ones and the newest good one always stay; the rules stand in "
                    "ops_console.yaml under 'retention'.",
                )
            ),
            self,
        )
        rules.setObjectName("faint")
        rules.setWordWrap(True)
        names = QListWidget(self)
        now = datetime.now(UTC)
        for point_id in preview.deleted:
            listed = points.get(point_id)
            if listed is None:
                names.addItem(point_id)
                continue
            at = when(listed)
            names.addItem(f"{exact_time(at)} · {ago(at, now)} · {reason_name(listed.point.reason)}")
        names.setVisible(bool(count))
        keep = translate("backup", "Keep everything") if count else translate("backup", "Close")
        cancel = QPushButton(say(keep), self)
        cancel.setDefault(True)
        cancel.clicked.connect(self.reject)
        go = QPushButton(
            say(
                translate(
                    "backup",
                    "Remove {count}, get {size} back",
                    count=count,
                    size=bytes_text(preview.freed_bytes),
                )
            ),
            self,
        )
        go.setObjectName("danger")
        go.setAutoDefault(False)
        go.setVisible(bool(count))
        go.clicked.connect(self.accept)
        buttons = lay(QHBoxLayout(), Stretch(), cancel, go)
        lay(QVBoxLayout(self), head, rules, names, buttons, spacing=12, margins=(24, 24, 24, 16))
        self.setMinimumWidth(70 * self.fontMetrics().horizontalAdvance("0"))


class BackupTab(QWidget):
    """Restore points in a table, the chosen one beside it, and one primary action."""

    rollback_wanted = pyqtSignal(str)

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._chose_new = True
        self._banner = Banner(theme, self)
        self.model = PointsModel(self)
        self.table = PointsTable(self.model, theme, self, many=True)
        self.details = Details(self)
        self.back_up = QPushButton(say(translate("backup", "Back up &now")), self)
        self.back_up.setObjectName("primary")
        self.back_up.setToolTip(say(translate("backup", "Ctrl+B — the program keeps running")))
        self.back_up.clicked.connect(lambda: self._run(CreateRestorePoint(session.settings)))
        self._more = QPushButton(say(translate("backup", "M&ore")), self)
        self._more.setMenu(self._menu())
        empty = EmptyState(
            translate("backup", "No restore point yet"),
            translate(
                "backup",
                "A backup takes moments and the trading program keeps running. "
                "Then one click brings this state back.",
            ),
            self,
        )
        self._stack = QStackedWidget(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(self._parts())
        self._head = Header(self, self._more, self.back_up, look="subtitle")
        Page(self, self._head, self._banner, self._stack)
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
        parts = beside(self, self.table.with_filter(), self.details)
        width = 52 * self.fontMetrics().horizontalAdvance("0")
        self.details.setFixedWidth(width)
        parts.setSizes([3 * width, width])
        return parts

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
        self.table.addActions(details.offers)

    # ---- what is shown -------------------------------------------------------------------

    def _show(self, look: Look) -> None:
        listing = look.listing
        first = bool(listing.points) and not self.model.rows
        self.model.show_points(listing.points, look.at)
        if first or self._chose_new:
            self.table.selectRow(0)
            self._chose_new = not listing.points
        self._stack.setCurrentIndex(1 if listing.points else 0)
        size = sum(listed.point.size for listed in listing.points)
        text = translate("backup", "{count} restore points", count=len(listing.points))
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
        self._head.show_texts(say(text), " · ".join(facts))
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
        left = self.model.get(point_id)
        if left is not None:
            window = CompareWindow(self._session, self._theme, left, self.model.rows, self)
            window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            window.show()
            window.begin()

    def _export(self, point_id: str) -> None:
        title = say(translate("backup", "Where to"))
        folder = QFileDialog.getExistingDirectory(self, title, str(user_home()))
        listed = self.model.get(point_id)
        if folder and listed is not None:
            destination = suggested_folder(Path(folder), listed)
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
        points = {listed.point.id: listed for listed in self.model.rows}
        dialog = PruneDialog(preview, points, self._session.settings.store, self)
        dialog.accepted.connect(lambda: self._run(Prune(self._session.settings)))
        dialog.open()
