"""The window in a process of its own, which goes to one place in the wizard and stays there.

`main`, given FOLDER and PLACE, opens it as `run_ops_console.py` does, does what an operator would
do, and prints the place when it is reached.  Then it waits to be killed.  It is to be called from
``python -c``: helper processes would load this module, and Qt with it, if it were the main one.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

import core.promote.swap
from core.base.operation import Step
from migration.run import execute
from ui.app import make_application, open_window
from ui.main_window import MainWindow
from ui.migration.messages import Stage

PLACES = ("rehearsing", "decided", "executing", "stopped", "swapping", "swapped")
RENAMES = 2
"""Of six: one of two databases has been moved by then."""


def reached(place: str) -> None:
    """Say so, and never come back."""
    print(place, flush=True)
    threading.Event().wait()


def stop_in_the_swap(place: str) -> None:
    """Let the operation's own thread stop for good before, in, or after the swap."""
    promote, name = execute.promote, core.promote.swap._link
    calls: list[int] = []
    begun = threading.Event()

    def stopping(*arguments: Any, **more: Any) -> Any:
        if place == "stopped":
            reached(place)
        # What the preflight tried beside the live files does not count.
        calls.clear()
        begun.set()
        parked = promote(*arguments, **more)
        if place == "swapped":
            reached(place)
        return parked

    def naming(source: Path, target: Path) -> None:
        name(source, target)
        calls.append(1)
        if place == "swapping" and begun.is_set() and len(calls) == RENAMES:
            reached(place)

    execute.promote = stopping  # type: ignore[assignment]
    core.promote.swap._link = naming


class Operator:
    """Looks at the window now and then, and does the next thing."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.done = False
        self.timer = QTimer()
        self.timer.timeout.connect(self.look)
        self.timer.start(20)

    def once(self, do: Callable[[], object]) -> None:
        if not self.done:
            self.done = True
            do()

    def look(self) -> None:
        windows = [one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow)]
        if not windows:
            return
        window = windows[0]
        tab = window.migration
        if window.tabs.currentWidget() is not tab:
            window.tabs.setCurrentWidget(tab)
            window._session.stepped.connect(self.stepped)
        elif not tab.settled() or window._session.busy:
            return
        elif self.place == "rehearsing" and tab.progress.may_rehearse:
            self.once(tab._buttons["rehearse"].click)
        elif self.place == "decided" and tab.progress.unrehearsed:
            reached(self.place)
        elif self.place == "decided" and tab.progress.stage is Stage.REVIEW:
            self.once(lambda: self.decide(window))
        elif self.place not in {"rehearsing", "decided"} and tab._buttons["run"].isEnabled():
            self.once(tab.run)

    def decide(self, window: MainWindow) -> None:
        choice = window.migration.review.deciding.choice
        choice.role.setCurrentIndex(choice.role.findData("EXIT"))
        choice.keep.click()

    def stepped(self, steps: tuple[Step, ...]) -> None:
        at = {"rehearsing": "migrate", "executing": "validate"}.get(self.place)
        if steps and steps[-1].name == at:
            reached(self.place)


def main() -> None:
    folder, place = Path(sys.argv[1]), sys.argv[2]
    stop_in_the_swap(place)
    app, operator = make_application(), Operator(place)
    open_window(folder, "en")
    del operator, app
