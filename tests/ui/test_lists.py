"""What every list in the window does: filter, sort, copy, remember its columns, keep its place."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PyQt6.QtCore import QPersistentModelIndex, QSettings, Qt
from PyQt6.QtGui import QAction, QGuiApplication
from PyQt6.QtTest import QAbstractItemModelTester
from PyQt6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from core.base.text import Text
from ui.kit.rows import Column, RowsModel
from ui.kit.table import Table
from ui.language import use_language

NAME = Text(context="", template="Fruit")


class Fruit(NamedTuple):
    id: int
    name: str
    grams: int = 0


COLUMNS = (
    Column[Fruit]("Name", lambda fruit: fruit.name),
    Column[Fruit](
        "Weight", lambda fruit: f"{fruit.grams} g", right=True, sort=lambda fruit: fruit.grams
    ),
)
SOME = (Fruit(1, "Pear", 90), Fruit(2, "apple", 120), Fruit(3, "Fig", 9), Fruit(4, "사과", 1_000))


def model_of(rows: Iterable[Fruit]) -> RowsModel[Fruit]:
    model = RowsModel(COLUMNS, lambda fruit: fruit.id)
    model.show(rows)
    return model


def ids(model: RowsModel[Fruit]) -> list[int]:
    return [model.row(place).id for place in range(model.rowCount())]


class Shown(NamedTuple):
    page: QWidget
    model: RowsModel[Fruit]
    table: Table[Fruit]


@pytest.fixture
def shown(qtbot: QtBot, qapp: QApplication) -> Shown:
    use_language(qapp, "en")
    page = QWidget()
    qtbot.addWidget(page)
    model = RowsModel(COLUMNS, lambda fruit: fruit.id, page)
    model.show(SOME)
    table = Table(model, NAME, page)
    QVBoxLayout(page).addWidget(table.with_filter())
    page.resize(500, 300)
    page.show()
    qtbot.waitExposed(page)
    table.setFocus()
    return Shown(page, model, table)


ROWS = st.lists(
    st.builds(Fruit, st.integers(0, 30), st.sampled_from(["Pear", "Fig"])),
    unique_by=lambda fruit: fruit.id,
    max_size=12,
)


@given(st.lists(ROWS, min_size=2, max_size=5), st.sampled_from(["", "pe"]), st.integers(-1, 0))
@settings(deadline=None)
def test_a_list_becomes_what_it_is_told_and_its_views_follow(
    states: list[list[Fruit]], words: str, column: int
) -> None:
    model = model_of(states[0])
    tester = QAbstractItemModelTester(
        model, QAbstractItemModelTester.FailureReportingMode.Fatal, model
    )
    model.filter(words)
    model.sort(column)
    for state in states:
        # Where the order stays no view loses its place, whatever comes and goes around it.
        before = {
            model.row(place).id: QPersistentModelIndex(model.index(place, 0))
            for place in range(model.rowCount())
        }
        model.show(state)
        wanted = [fruit for fruit in state if words in fruit.name.casefold()]
        if column == 0:
            wanted.sort(key=lambda fruit: fruit.name)
        assert [model.row(place) for place in range(model.rowCount())] == wanted
        assert model.rows == tuple(state)
        for number, index in before.items():
            assert not index.isValid() or model.row(index.row()).id == number
    assert tester.model() is model


def test_rows_that_stay_are_neither_removed_nor_painted_anew() -> None:
    model = model_of(SOME)
    told: list[str] = []
    model.modelReset.connect(lambda: told.append("reset"))
    model.rowsInserted.connect(lambda _, first, last: told.append(f"new {first}-{last}"))
    model.rowsRemoved.connect(lambda _, first, last: told.append(f"gone {first}-{last}"))
    model.dataChanged.connect(lambda first, last: told.append(f"~{first.row()}-{last.row()}"))
    pear, apple, fig, _ = SOME
    model.show((Fruit(9, "Kiwi"), Fruit(8, "Plum"), pear, apple._replace(grams=1), fig))
    assert told == ["gone 3-3", "new 0-1", "~3-3"]


def test_typing_filters_and_escape_shows_all_again(shown: Shown, qtbot: QtBot) -> None:
    _, model, table = shown
    table.choose(2)
    assert not table.filter.isVisible()
    qtbot.keyClicks(table, "p")
    assert table.filter.isVisible() and table.filter.hasFocus()
    assert ids(model) == [1, 2]
    qtbot.keyClicks(table.filter, "e 9")
    assert ids(model) == [1], "each word is in it, in whichever column"
    assert table.chosen() is None
    qtbot.keyClick(table.filter, Qt.Key.Key_Escape)
    assert ids(model) == [1, 2, 3, 4] and not table.filter.isVisible() and table.hasFocus()
    chosen = table.chosen()
    assert chosen is not None and chosen.id == 2, "what was chosen is so again"
    qtbot.keyClick(table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert table.filter.hasFocus()
    table.filter.setText("사과")
    assert ids(model) == [4]
    qtbot.keyClick(table.filter, Qt.Key.Key_Down)
    assert table.hasFocus() and table.filter.isVisible(), "it goes on saying what is left out"


def test_a_title_sorts_by_what_it_means_and_the_third_click_ends_that(
    shown: Shown, qtbot: QtBot
) -> None:
    _, model, table = shown
    viewport = table.titles.viewport()
    assert viewport is not None

    def click(column: int) -> None:
        place = table.titles.sectionViewportPosition(column) + 5
        middle = viewport.rect().center()
        middle.setX(place)
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=middle)

    click(1)
    assert ids(model) == [3, 1, 2, 4], "by grams, not by how they are written"
    click(1)
    assert ids(model) == [4, 2, 1, 3]
    click(1)
    assert ids(model) == [1, 2, 3, 4]
    click(0)
    assert ids(model) == [2, 3, 1, 4], "no matter which case"


def test_chosen_rows_are_copied_as_text_by_the_columns_in_sight(shown: Shown) -> None:
    _, _, table = shown
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    table.selectRow(0)
    table.selectAll()
    table.titles.moveSection(0, 1)
    copy = next(action for action in table.actions() if action.text() == "Copy")
    copy.trigger()
    assert clipboard.text().splitlines()[:2] == ["90 g\tPear", "120 g\tapple"]
    table.titles.setSectionHidden(0, True)
    table.copy_rows()
    assert clipboard.text() == "90 g\n120 g\n9 g\n1000 g"


def test_return_opens_and_every_action_stands_in_the_menu(shown: Shown, qtbot: QtBot) -> None:
    _, _, table = shown
    asked: list[str] = []
    delete = Text(context="", template="Delete")
    table.add_action(delete, lambda: asked.append("delete"), Qt.Key.Key_Delete)
    table.choose(3)
    with qtbot.waitSignal(table.opened) as opened:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened.args == [SOME[2]]
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert asked == ["delete"]
    assert table.contextMenuPolicy() is Qt.ContextMenuPolicy.ActionsContextMenu
    told = [(action.text(), action.shortcut().toString()) for action in table.actions()]
    assert told == [("Copy", "Ctrl+C"), ("Filter", ""), ("Delete", "Del")]


def test_columns_are_remembered_and_can_be_hidden(shown: Shown, tmp_path: Path) -> None:
    page, model, table = shown
    store = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    table.remember(store, "fruit")
    table.titles.moveSection(0, 1)
    table.titles.resizeSection(0, 123)
    weight = table.titles.actions()[1]
    assert isinstance(weight, QAction) and weight.isChecked()
    weight.setChecked(False)
    assert table.isColumnHidden(1)
    other = Table(model, NAME, page)
    other.remember(store, "fruit")
    assert other.isColumnHidden(1) and not other.titles.actions()[1].isChecked()
    assert other.titles.visualIndex(0) == 1 and other.columnWidth(0) == 123


def test_columns_keep_their_width_while_texts_grow_shorter(shown: Shown, qtbot: QtBot) -> None:
    page, model, table = shown
    model.show([Fruit(1, "A name that is much longer than the others", 1)])
    qtbot.waitUntil(lambda: table.columnWidth(0) > 200)
    before = table.columnWidth(0)
    model.show([Fruit(1, "Short", 1)])
    page.hide()
    page.show()  # measured at once
    assert table.columnWidth(0) == before
