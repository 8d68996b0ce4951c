"""Saves what the graphs show: a range of values as CSV, graphs as PNG."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QPixmap
from PyQt6.QtWidgets import QFileDialog, QWidget

from core.base.operation import OperationError
from core.base.text import Text, translate
from core.monitoring.history.export import CsvResult, ExportHistory
from core.monitoring.models import utc
from ui.health.canvas import GraphCanvas
from ui.health.graphs import Graphs
from ui.health.painting import Lane
from ui.language import say
from ui.session import Session
from ui.theme import Theme

GRAPH_SIZE = QSize(1200, 420)
"""Of one graph as a picture, in device-independent pixels."""


def picture_of(graphs: Graphs, theme: Theme, key: str) -> QPixmap:
    """Return the graph of *key* by itself, with times, marks and thresholds."""
    shown = graphs.canvas
    canvas = GraphCanvas(theme, graphs.canvas.interval)
    canvas.setFont(shown.font())
    canvas.resize(GRAPH_SIZE)
    lane = next(one for one in shown.lanes if one.key == key)
    canvas.set_lanes([Lane(key, lane.limits, lane.series, lane.incidents)])
    canvas.set_range(*graphs.span)
    canvas.show_states(shown.states)
    canvas.show_data({key: lane.series}, graphs.marks())
    canvas.show_at(shown.crosshair)
    found: QPixmap = canvas.grab()
    canvas.deleteLater()
    return found


class Saving:
    """Asks where to, saves, and says what became of it."""

    def __init__(
        self, session: Session, graphs: Graphs, theme: Theme, parent: QWidget,
        told: Callable[[str], None], failed: Callable[[Exception], None],
    ) -> None:  # fmt: skip
        self._session, self._graphs, self._theme = session, graphs, theme
        self._parent, self._told, self._failed = parent, told, failed

    def values(self, *keys: str) -> None:
        """Save the values of *keys* (none: of all metrics) in the range that is seen."""
        start, end = self._graphs.span
        path = self._ask(translate("health", "Export CSV"), "health", "CSV (*.csv)", ".csv")
        if path is None:
            return
        operation = ExportHistory(
            self._session.settings, utc(start * 1000), utc(end * 1000), path, keys
        )

        def done(result: CsvResult) -> None:
            self._told(
                say(translate("health", "{rows} rows in {path}", rows=result.rows, path=str(path)))
            )

        self._session.look(operation.run, done, self._failed)

    def picture(self, key: str = "") -> None:
        """Save the graph of *key* (none: all that is seen) as PNG."""
        name = key.replace(".", "_") or "health"
        path = self._ask(translate("health", "Save picture"), name, "PNG (*.png)", ".png")
        if path is None:
            return
        picture = picture_of(self._graphs, self._theme, key) if key else self._graphs.canvas.grab()
        if picture.save(str(path), "PNG"):
            self._told(say(translate("health", "The picture is in {path}", path=str(path))))
            return
        self._failed(
            OperationError(
                translate("health", "The picture cannot be written to {path}.", path=str(path)),
                data_state=translate("health", "Nothing was written."),
                to_do=translate("health", "Choose another place."),
            )
        )

    def _ask(self, title: Text, name: str, kind: str, suffix: str) -> Path | None:
        start, end = (datetime.fromtimestamp(at).astimezone() for at in self._graphs.span)
        proposed = f"{name}_{start:%Y%m%d-%H%M%S}_{end:%Y%m%d-%H%M%S}{suffix}"
        path, _ = QFileDialog.getSaveFileName(self._parent, say(title), proposed, kind)
        if not path:
            return None
        return Path(path) if Path(path).suffix else Path(f"{path}{suffix}")
