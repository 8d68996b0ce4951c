"""The review as a page of its own, with as many rows as a neglected workspace may have."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QModelIndex, Qt
from PyQt6.QtTest import QAbstractItemModelTester
from PyQt6.QtWidgets import QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from migration.models import (
    Assignee,
    ReviewRow,
    TableMap,
)
from migration.run.models import (
    Decision,
    Outcome,
)
from migration.upbit.describe import reason_text
from ui.language import use_language
from ui.migration.deciding import Deciding
from ui.migration.review_model import DECISION

ROWS = 20_000
ODD = "odd_conditions"

PLACE, NAME = 0, 1


def row(number: int) -> ReviewRow:
    odd = number % 10 == 0
    reason = "malformed_json" if odd else ("no_strategy", "no_role")[number % 2]
    return ReviewRow(
        database="strategies",
        table=ODD if odd else "trading_conditions",
        shape="unified",
        row=number,
        part="$.entry" if odd else "",
        reason=reason,
        why=reason_text(reason),
        values={"id": number, "name": f"볼린저밴드 상단 돌파 {number}"},
    )


def outcome(rows: int, total: int | None = None) -> Outcome:
    return Outcome(
        scripts=(), validators=(),
        tables=(TableMap(database="strategies", table="trading_conditions", shape="unified",
                         rows=total or rows, converted=0, review=total or rows, targets={}),),
        schema_changes=(), setting_changes=(), setting_remarks=(),
        review=tuple(row(number) for number in range(1, rows + 1)), review_total=total or rows,
        choices=(Assignee(id="STR_1", name="First 전략"),
                    Assignee(id="STR_2", name="Second 전략"),
                    Assignee(id="STR_3", name="Third 전략"),
                    Assignee(id="STR_4", name="Third 전략")),
        leftovers=(), heads={}, counts={}, size=0,
    )  # fmt: skip


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> Deciding:
    use_language(qapp, "en")
    made = Deciding()
    qtbot.addWidget(made)
    made.show_outcome(outcome(ROWS), open_=True)
    made.resize(1000, 700)
    made.show()
    qtbot.waitExposed(made)
    return made


def shown(page: Deciding) -> int:
    return page.model.rowCount()


def cell(page: Deciding, place: int, column: int) -> str:
    return str(page.model.index(place, column).data())


def press(page: Deciding, qtbot: QtBot, key: Qt.Key, *, control: bool = False) -> None:
    none, held = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
    page.table.setFocus()
    qtbot.keyClick(page.table, key, held if control else none)


def choose(box: QComboBox, text: str) -> None:
    box.setCurrentIndex(box.findText(text, Qt.MatchFlag.MatchStartsWith))


def test_rows_are_found_by_text_table_reason_and_what_is_undecided(
    page: Deciding, qtbot: QtBot
) -> None:
    QAbstractItemModelTester(page.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert shown(page) == ROWS
    page.search.setText("돌파 1234")
    qtbot.waitUntil(lambda: shown(page) == 12)  # 1234, 11234, and 12340 to 12349
    page.search.setText("json 돌파 1234")
    qtbot.waitUntil(lambda: shown(page) == 1)
    assert cell(page, 0, NAME) == "볼린저밴드 상단 돌파 12340"
    page.search.clear()
    qtbot.waitUntil(lambda: shown(page) == ROWS)
    page.tables.setCurrentIndex(page.tables.findText(f"strategies.{ODD} (2,000)"))
    page.tables.activated.emit(page.tables.currentIndex())
    assert shown(page) == 2_000 and {cell(page, 7, PLACE)} == {f"strategies.{ODD} #80 $.entry"}
    page.tables.setCurrentIndex(0)
    page.reasons.setCurrentIndex(
        page.reasons.findText("It has no role", Qt.MatchFlag.MatchContains)
    )
    page.reasons.activated.emit(page.reasons.currentIndex())
    assert shown(page) == ROWS // 2
    page.undecided.setChecked(True)
    decided = Decision(database="strategies", table="Trading_Conditions", row=1, role="EXIT")
    page.show_decisions((decided,))
    assert cell(page, 0, DECISION) == "✓ Exit", "it does not vanish from under the hand"
    page.undecided.setChecked(False)
    page.undecided.setChecked(True)
    assert shown(page) == ROWS // 2 - 1
    page.show_decisions((decided.model_copy(update={"row": None}),))
    assert cell(page, 0, DECISION) == "✓ Exit (whole table)"


def test_many_rows_are_decided_left_and_withdrawn_by_the_keyboard(
    page: Deciding, qtbot: QtBot
) -> None:
    kept: list[tuple[Decision, ...]] = []
    page.decided.connect(kept.append)
    page.withdrawn.connect(kept.append)
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.search.hasFocus()
    qtbot.keyClicks(page.search, "trading_conditions 77")
    many = sum("77" in str(number) for number in range(1, ROWS + 1) if number % 10)
    qtbot.waitUntil(lambda: shown(page) == many)
    qtbot.keyClick(page.search, Qt.Key.Key_Return)
    assert page.table.hasFocus()
    press(page, qtbot, Qt.Key.Key_Return)
    assert page.choice.role.hasFocus() and not kept, "it asks which role is meant"
    page.table.setFocus()
    press(page, qtbot, Qt.Key.Key_A, control=True)
    assert f"{many} chosen" in page.count.text()
    choose(page.choice.role, "Ex")
    choose(page.choice.strategy, "Sec")
    press(page, qtbot, Qt.Key.Key_Return)
    (decisions,) = kept
    assert len(decisions) == many and {one.strategy for one in decisions} == {"STR_2"}
    assert {one.role for one in decisions} == {"EXIT"} and len(
        {one.row for one in decisions}
    ) == many
    changes: list[tuple[int, int]] = []
    page.model.dataChanged.connect(lambda first, last: changes.append((first.row(), last.row())))
    page.show_decisions(decisions)
    assert cell(page, many - 1, DECISION) == "✓ Exit · Second 전략" and changes == [(0, many - 1)]
    page.show_decisions((*decisions[1:], decisions[0].model_copy(update={"role": "ENTRY"})))
    assert changes[1:] == [(0, 0)], "only what changed is drawn anew"
    press(page, qtbot, Qt.Key.Key_Delete)
    assert len(kept.pop()) == many
    qtbot.mouseClick(page.choice.leave, Qt.MouseButton.LeftButton)
    assert {(one.leave, one.role) for one in kept.pop()} == {(True, None)}
    # One row at a time: the next one is chosen by itself.
    page.table.selectRow(3)
    choose(page.choice.role, "En")
    press(page, qtbot, Qt.Key.Key_Return)
    assert [one.role for one in kept.pop()] == ["ENTRY"]
    assert page.table.chosen_places() == [4]


def test_a_whole_table_is_decided_with_the_rows_that_are_not_listed(
    page: Deciding, qtbot: QtBot
) -> None:
    kept: list[tuple[Decision, ...]] = []
    page.decided.connect(kept.append)
    page.withdrawn.connect(kept.append)
    page.show_outcome(outcome(1_000, ROWS), open_=True)
    assert "only the first 1,000 of 20,000" in page.count.text()
    choice = page.choice
    assert choice.about.itemText(1) == "All of strategies.trading_conditions (20,000)"
    choice.about.setCurrentIndex(1)
    choose(choice.role, "Man")
    qtbot.mouseClick(choice.keep, Qt.MouseButton.LeftButton)
    whole = Decision(database="strategies", table="trading_conditions", role="MANAGEMENT")
    assert kept.pop() == (whole,)
    alone = Decision(database="strategies", table="trading_conditions", row=1, leave=True)
    page.show_decisions((whole, alone))
    assert cell(page, 0, DECISION) == "✓ stays in review"
    assert cell(page, 1, DECISION) == "✓ Management (whole table)"
    assert choice.about.currentIndex() == 0, "a look at another row does not decide a table"
    choice.about.setCurrentIndex(1)
    qtbot.mouseClick(choice.withdraw, Qt.MouseButton.LeftButton)
    assert set(kept.pop()) == {whole, alone}
    # What a role cannot mend says so, and a part of a strategy belongs to it already.
    page.table.selectRow(9)
    assert "Neither a role nor a strategy" in choice._hint.text()
    choose(choice.role, "Ex")
    choose(choice.strategy, "Fir")
    press(page, qtbot, Qt.Key.Key_Return)
    assert [(one.part, one.strategy) for one in kept.pop()] == [("$.entry", None)]
    page.show_outcome(outcome(10), open_=False)
    assert not choice.isVisible(), "after the migration nothing is decided any more"


def test_rows_cost_no_widgets_and_are_named_for_those_who_cannot_see(
    page: Deciding, qtbot: QtBot
) -> None:
    many = len(page.findChildren(QWidget))
    page.show_outcome(outcome(1), open_=True)
    assert len(page.findChildren(QWidget)) == many
    for widget in (page.search, page.table, page.tables, page.reasons, page.choice.about,
                   page.choice.role, page.choice.strategy):  # fmt: skip
        assert widget.accessibleName()
    assert page.model.rowCount(QModelIndex()) == 1
    assert page.choice.strategy.findText("Third 전략 (STR_4)") > 0, "names that repeat"
    page.show_outcome(outcome(0), open_=True)
    assert not page.choice.keep.isEnabled() and not page.choice.leave.isEnabled()
