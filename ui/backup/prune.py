"""What pruning would remove, before it removes anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.backup.models import ListedPoint
from core.backup.retention import Pruned, held_text
from core.base.text import translate
from ui.format import bytes_text
from ui.language import say
from ui.points.choice import when
from ui.points.messages import ago, exact_time, reason_name


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
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(go)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        for widget in (head, rules, names):
            column.addWidget(widget)
        column.addLayout(buttons)
        self.setMinimumWidth(70 * self.fontMetrics().horizontalAdvance("0"))
