"""The strip that is always true: the program, its databases, the newest restore point."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.base.databases import Condition, DatabaseState, condition_words
from core.base.text import translate
from core.monitoring.alerts.models import title_of
from core.monitoring.models import State
from core.monitoring.view import HealthReport
from core.status import Status
from core.switchover.obstacles import Obstacle
from ui.health.feed import HealthFeed
from ui.health.messages import sign_of
from ui.kit.parts import Sign, Stretch, label, lay
from ui.language import bytes_text, duration_text, say
from ui.points.messages import ago, exact_time, future_text
from ui.session import Look, Session
from ui.theme import Theme

OLD_RESTORE_POINT = timedelta(hours=24)
"""From this age on the newest restore point is shown as a warning."""


class Chip(QFrame):
    """One fact: a sign, its name in small, and what there is to say."""

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = Sign(theme, self)
        self._name = label(self, "small", name)
        self._value = label(self, "", "…")
        words = lay(QVBoxLayout(), self._name, self._value, spacing=0)
        lay(
            QHBoxLayout(self),
            (self._sign, 0, Qt.AlignmentFlag.AlignVCenter),
            words,
            spacing=8,
            margins=0,
        )

    def show_fact(self, sign: str, colour: str, value: str, tip: str) -> None:
        """Show *value* behind icon *sign* in the colour that the theme calls *colour*."""
        self._sign.show_sign(sign, colour)
        self._value.setText(value)
        self.setToolTip(tip)
        self.setAccessibleName(f"{self._name.text()}: {value}")


class Strip(QFrame):
    """Fed by the session; computes nothing but words."""

    def __init__(
        self, session: Session, feed: HealthFeed, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self._rules = session.settings.health.rules
        self._program = Chip(say(translate("strip", "Trading program")), theme, self)
        self._databases = {
            file.name: Chip(file.name, theme, self) for file in session.settings.databases
        }
        self._point = Chip(say(translate("strip", "Newest restore point")), theme, self)
        self._health = Chip(say(translate("strip", "Alerts")), theme, self)
        row = lay(
            QHBoxLayout(self),
            self._program,
            _divider(self),
            *self._databases.values(),
            _divider(self),
            self._point,
            _divider(self),
            self._health,
            Stretch(),
            spacing=32,
            margins=(16, 8, 16, 8),
        )
        self._row = row
        self.setAccessibleName(say(translate("strip", "State of the workspace")))
        session.looked.connect(self._show)
        feed.reported.connect(self._show_health)

    def add_right(self, widget: QWidget) -> None:
        """Put *widget* at the right end."""
        self._row.addWidget(widget)

    def _show(self, look: Look) -> None:
        self._show_program(look.status)
        obstacles = {obstacle.name: obstacle for obstacle in look.status.obstacles}
        for state in look.status.files:
            chip = self._databases.get(state.name)
            if chip is not None:
                chip.show_fact(*database_fact(state, obstacles.get(state.name)))
        self._show_point(look.status)

    def _show_health(self, report: HealthReport) -> None:
        active = [
            incident for incident in report.incidents if incident.active and not incident.silenced
        ]
        worst = max((one.severity for one in active), key=lambda one: one.rank, default=State.OK)
        sign, colour = sign_of(worst)
        if not active:
            text = say(translate("strip", "None"))
            self._health.show_fact(sign, colour, text, text)
            return
        rules = self._rules
        titles = [say(title_of(one.rule, rules.get(one.rule))) for one in active]
        more = f" +{len(titles) - 1}" if len(titles) > 1 else ""
        self._health.show_fact(sign, colour, f"{titles[0]}{more}", "\n".join(titles))

    def _show_program(self, status: Status) -> None:
        program = status.program
        if program is None:
            text = say(translate("strip", "Not running"))
            self._program.show_fact("stop", "faint", text, text)
            return
        length = duration_text((datetime.now(UTC) - program.started).total_seconds())
        text = say(
            translate("strip", "Running for {time} · PID {pid}", time=length, pid=str(program.pid))
        )
        self._program.show_fact("play", "good", text, " ".join(program.command))

    def _show_point(self, status: Status) -> None:
        at = status.newest_good_at
        if at is None:
            text = say(translate("strip", "None yet"))
            self._point.show_fact("warning", "warn", text, text)
            return
        now = datetime.now(UTC)
        doubtful = now - at > OLD_RESTORE_POINT or status.future_points
        sign, colour = ("warning", "warn") if doubtful else ("check", "good")
        tip = [exact_time(at)]
        if status.future_points:
            tip.append(say(future_text(status.future_points)))
        self._point.show_fact(sign, colour, ago(at, now), "\n".join(tip))


def database_fact(
    state: DatabaseState, obstacle: Obstacle | None = None
) -> tuple[str, str, str, str]:
    """Return icon, colour, words and tooltip for a database."""
    signs = {
        Condition.OK: ("check", "good"),
        Condition.LOCKED: ("lock", "warn"),
        Condition.MISSING: ("warning", "warn"),
        Condition.EMPTY: ("warning", "warn"),
    }
    sign, colour = signs.get(state.condition, ("cross", "danger"))
    if obstacle is not None and colour == "good":
        sign, colour = "warning", "warn"
    size = bytes_text(state.size)
    words = say(condition_words(state.condition))
    if state.condition is Condition.OK:
        words = size
    tip = "\n".join(
        line
        for line in (
            f"{state.configured} → {state.path}" if state.configured else str(state.path),
            say(condition_words(state.condition)),
            f"{size} · WAL {bytes_text(state.wal_size)}",
            state.detail,
            say(obstacle.what) if obstacle is not None else "",
            say(obstacle.to_do) if obstacle is not None else "",
        )
        if line
    )
    return sign, colour, words, tip


def _divider(parent: QWidget) -> QFrame:
    line = QFrame(parent)
    line.setObjectName("divider")
    line.setFixedWidth(1)
    return line
