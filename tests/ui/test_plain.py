"""Nothing that comes from data is markup in the window: labels, messages and tooltips are plain."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, QSettings, Qt
from PyQt6.QtWidgets import QApplication, QLabel, QMessageBox, QToolTip
from pytestqt.qtbot import QtBot

from ui.theme import Theme

EVIL = "<h1>all is well</h1><img src='file:///etc/passwd'> <a href='x'>here</a>"


@pytest.fixture
def themed(qapp: QApplication, tmp_path: Path) -> QApplication:
    Theme(qapp, QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat))
    return qapp


def plain(label: QLabel) -> bool:
    return label.textFormat() is Qt.TextFormat.PlainText and label.text() == EVIL


def test_a_label_shows_what_a_name_is_and_no_markup(themed: QApplication, qtbot: QtBot) -> None:
    before, rich = QLabel(EVIL), QLabel("<b>ours</b>")
    rich.setTextFormat(Qt.TextFormat.RichText)
    for label in (before, rich):
        qtbot.addWidget(label)
        label.show()
    assert plain(before) and rich.textFormat() is Qt.TextFormat.RichText
    before.setText("")
    before.setText(EVIL)
    assert plain(before)


def test_a_tooltip_shows_what_a_name_is_and_no_markup(themed: QApplication, qtbot: QtBot) -> None:
    owner = QLabel("x")
    qtbot.addWidget(owner)
    owner.show()
    QToolTip.showText(QPoint(5, 5), EVIL, owner)
    tips = [one for one in themed.topLevelWidgets() if one.inherits("QTipLabel")]
    assert tips and all(isinstance(tip, QLabel) and plain(tip) for tip in tips)
    QToolTip.hideText()


def test_a_message_shows_what_a_name_is_and_no_markup(themed: QApplication, qtbot: QtBot) -> None:
    box = QMessageBox()
    qtbot.addWidget(box)
    box.setText(EVIL)
    box.setInformativeText(EVIL)
    box.show()
    labels = [label for label in box.findChildren(QLabel) if label.text()]
    assert len(labels) == 2 and all(map(plain, labels))


def test_no_text_of_the_window_is_written_as_markup() -> None:
    root = Path(__file__).resolve().parents[2] / "ui"
    markup = re.compile(r"RichText|AutoText|setHtml|<b>|<br>|<i>|insertHtml|appendHtml")
    found = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if markup.search(path.read_text(encoding="utf-8"))
    }
    assert found <= {"theme/style.py", "manual.py"}, found
