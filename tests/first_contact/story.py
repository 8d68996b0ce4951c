"""The story of a stranger: what the README says to type first, then the manual's emergencies."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from resources.demo import prepare_workspace
from tests.manual.place import ENTRY, Place
from tests.manual.reading import scenes
from tests.manual.situations import SITUATIONS

README = ENTRY.parent / "README.md"
DEMO, FIRST = "demo", "the five things"
EMERGENCIES = (
    "locked", "damaged", "missing", "rollback", "rollback-again", "migration-failed",
    "migration-undo", "deploy-back", "interrupted", "busy", "lost", "no-console",
)  # fmt: skip
"""All but those for which a disk has to be filled, which is for root to make."""
CHAPTERS = (DEMO, FIRST, *EMERGENCIES)


def tell(chapter: str, folder: Path) -> None:
    """Tell *chapter* in *folder*; raises where anything is not as it is written."""
    if chapter == DEMO:
        practise(folder)
        return
    app = prepare_workspace(folder / "자동 매매 프로그램", 2_000_000)
    elsewhere = folder / "밖에 있는 것"
    elsewhere.mkdir()
    place = Place(app, elsewhere)
    try:
        if chapter == FIRST:
            do_first(place)
        else:
            SITUATIONS[chapter](place)
            for command in scenes("ko")[chapter]:
                print(command, flush=True)
                place.do(command)
    finally:
        place.end()
    nothing_of_others(folder)


def first_command() -> list[str]:
    """Return the first command of the README."""
    found = re.search(r"^    (python3 .+)$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return shlex.split(found[1])


def practise(folder: Path) -> None:
    """Type the README's first command where there is no screen."""
    words = first_command()
    assert words == ["python3", "run_ops_console.py", "demo"]
    environment = {name: text for name, text in os.environ.items() if name != "QT_QPA_PLATFORM"}
    done = subprocess.run(
        [sys.executable, str(ENTRY), *words[2:]], cwd=folder, env=environment, check=False,
        capture_output=True, text=True, encoding="utf-8", stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stdout + done.stderr
    assert all(f"\n{number}. " in done.stdout for number in range(1, 7)), done.stdout
    assert len(list((folder / "screenshots").glob("*.png"))) == 6
    assert (folder / "demo" / "data" / "market_data.sqlite3").exists()


def do_first(place: Place) -> None:
    """Do the five things of the README, the window among them."""
    text = README.read_text(encoding="utf-8").partition("## The five things to do first")[2]
    items = re.findall(r"^\d\. (.*(?:\n   .*)*)", text, re.MULTILINE)
    assert len(items) == 5
    assert "run_ops_console.py --app PATH-OF-THE-PROGRAM" in items[0]
    open_window(place)
    typed = []
    for item in items[1:]:
        typed += re.findall(r"`… ([^`]+)`", item)
    assert len(typed) == 5, typed
    for line in typed:
        print(line, flush=True)
        place.run(*shlex.split(line.replace("DIR", shlex.quote(str(place.copy)))))


def open_window(place: Place) -> None:
    """Open the window beside the program, and close it when it is there."""
    window = subprocess.Popen(
        [sys.executable, str(ENTRY), "--app", str(place.app)], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    while not (place.settings.home / "health.lock").exists():
        assert window.poll() is None, window.communicate()
    if sys.platform == "win32":
        window.terminate()
        window.communicate()
        return
    window.send_signal(signal.SIGTERM)
    _, said = window.communicate()
    assert window.returncode == 0 and "Traceback" not in said, said


def nothing_of_others(folder: Path) -> None:
    """What holds keys is private, and nothing is left among the temporary files."""
    for store in folder.rglob("STORE.json"):
        for path in (store.parent, *store.parent.rglob("*")):
            allowed = 0o700 if path.is_dir() else 0o600
            assert os.name == "nt" or path.stat().st_mode & 0o777 & ~allowed == 0, path
    assert not list((folder / "temporary files").glob("ops-console-*"))
