"""All stages at once: what is behind, where it stands, what is ahead."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from ui.icons import pixmap
from ui.migration.messages import stage_hint, stage_name
from ui.migration.stages import Progress, Stage
from ui.theme import Theme


class Stepper(QFrame):
    """A column of stages with a sign, a name and a hint each."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._theme = theme
        self._progress = Progress()
        self._rows: dict[Stage, tuple[QLabel, QLabel]] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 16, 16, 16)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        for stage in Stage:
            sign, name, hint = QLabel(self), QLabel(stage_name(stage), self), QLabel(self)
            hint.setText(stage_hint(stage))
            hint.setObjectName("small")
            hint.setWordWrap(True)
            grid.addWidget(sign, 3 * stage, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(name, 3 * stage, 1)
            grid.addWidget(hint, 3 * stage + 1, 1)
            grid.setRowMinimumHeight(3 * stage + 2, 16)
            self._rows[stage] = (sign, name)
        grid.setRowStretch(3 * len(Stage), 1)
        theme.changed.connect(self._dress)
        self._dress()

    def show_progress(self, progress: Progress) -> None:
        """Show where it stands."""
        self._progress = progress
        self._dress()

    def _dress(self) -> None:
        progress = self._progress
        side = round(self.fontMetrics().height() * 1.3)
        for stage, (sign, name) in self._rows.items():
            here = stage is progress.stage
            icon, colour = "ahead", "faint"
            if progress.done(stage):
                icon, colour = "check", "good"
            elif here and progress.failed:
                icon, colour = "cross", "danger"
            elif here:
                icon, colour = "play", "accent"
            tint = str(getattr(self._theme.tokens, colour))
            sign.setPixmap(pixmap(icon, tint, side, self.devicePixelRatioF()))
            font = name.font()
            font.setBold(here)
            name.setFont(font)
            name.setEnabled(here or progress.done(stage))
