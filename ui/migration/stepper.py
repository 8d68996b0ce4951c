"""All stages at once: what is behind, where it stands, what is ahead."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from ui.kit.parts import label
from ui.kit.signs import Sign
from ui.migration.messages import stage_hint, stage_name
from ui.migration.stages import Progress, Stage
from ui.theme import Theme


class Stepper(QFrame):
    """A column of stages with a sign, a name and a hint each."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._rows: dict[Stage, tuple[Sign, QLabel]] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 16, 16, 16)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        for stage in Stage:
            sign, name = Sign(theme, self), label(self, "", stage_name(stage))
            hint = label(self, "small", stage_hint(stage), wrap=True)
            grid.addWidget(sign, 3 * stage, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(name, 3 * stage, 1)
            grid.addWidget(hint, 3 * stage + 1, 1)
            grid.setRowMinimumHeight(3 * stage + 2, 16)
            self._rows[stage] = (sign, name)
        grid.setRowStretch(3 * len(Stage), 1)
        self.show_progress(Progress())

    def show_progress(self, progress: Progress) -> None:
        """Show where it stands."""
        for stage, (sign, name) in self._rows.items():
            here = stage is progress.stage
            icon, colour = "ahead", "faint"
            if progress.done(stage):
                icon, colour = "check", "good"
            elif here and progress.failed:
                icon, colour = "cross", "danger"
            elif here:
                icon, colour = "play", "accent"
            sign.show_sign(icon, colour)
            font = name.font()
            font.setBold(here)
            name.setFont(font)
            name.setEnabled(here or progress.done(stage))
