"""A folder that another console is making at this moment is a home, and no stranger's folder."""

from __future__ import annotations

import threading
from pathlib import Path

from core.base.config.models import Settings
from core.base.folders import HOME_MARKER, is_free_or_home, make_home
from core.base.lock import console_lock
from ui.app import SingleInstance


def test_a_home_that_is_just_being_made_is_refused_by_nobody(tmp_path: Path) -> None:
    homes = [tmp_path / str(number) for number in range(300)]
    refused: list[Path] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            refused.extend(home for home in homes if not is_free_or_home(home))

    looker = threading.Thread(target=look)
    looker.start()
    for home in homes:
        (make_home(home) / "copies.json").touch()
    done.set()
    looker.join()
    assert refused == []


def test_whatever_makes_the_home_makes_its_marker_first(
    settings: Settings, tmp_path: Path, qapp: object
) -> None:
    SingleInstance(tmp_path / "of a window")
    assert (tmp_path / "of a window" / HOME_MARKER).exists()
    with console_lock(settings, "a look"):
        assert (settings.home / HOME_MARKER).exists()


def test_a_folder_of_somebody_else_is_no_home(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    assert not is_free_or_home(tmp_path)
    assert not is_free_or_home(tmp_path / "notes.txt")
