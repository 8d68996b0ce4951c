"""The first thing anybody types opens a window, whatever stands behind it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.base.config.models import Settings
from tests.first_contact.conftest import Start, content
from ui.cli.grammar import WINDOW, Ahead, read_ahead

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM there closes no window")


def require_welcome(console: subprocess.Popen[str], said: str) -> None:
    """The welcome says *said* in its first line, stays open, and closes in order."""
    assert console.stderr is not None
    lines = [console.stderr.readline() for _ in range(3)]
    assert said in lines[0] and "Traceback" not in lines[0] and all(lines)
    assert console.poll() is None, "it ended by itself"
    console.send_signal(signal.SIGTERM)
    _, rest = console.communicate()
    assert console.returncode == 0 and "Traceback" not in rest, rest


def require_window(console: subprocess.Popen[str], settings: Settings) -> None:
    """The window of the workspace opens, and closes in order."""
    while not (settings.home / "health.lock").exists():
        assert console.poll() is None, console.communicate()
    assert (settings.home / "window.lock").exists()
    console.send_signal(signal.SIGTERM)
    _, rest = console.communicate()
    assert console.returncode == 0 and "Traceback" not in rest, rest


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "찾지 못했습니다"),
        (("--lang", "ko"), "찾지 못했습니다"),
        (("--lang", "en"), "No trading program was found"),
        (("--lang=en",), "No trading program was found"),
        (("--app", "nowhere", "--lang", "en"), "There is no folder nowhere"),
        (("--app=nowhere", "--lang=en"), "There is no folder nowhere"),
    ],
)
def test_where_nothing_is_found_the_welcome_stays_open(
    words: tuple[str, ...], said: str, start: Start, tmp_path: Path
) -> None:
    outside = tmp_path / "빈 곳"
    outside.mkdir()
    require_welcome(start(*words, cwd=outside), said)
    assert content(outside) == {}


def test_somebody_elses_folder_is_welcomed_and_left_as_it_is(
    start: Start, stranger: Path, settings: Settings
) -> None:
    before = content(stranger)
    said = "not a trading program's folder"
    for cwd in (stranger, settings.app):
        require_welcome(start("--app", stranger, "--lang", "en", cwd=cwd), said)
    require_welcome(start("--lang", "en", cwd=stranger), "No trading program was found")
    assert content(stranger) == before


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ((), "workspace"),
        (("--lang", "ko"), "workspace"),
        ((), "below"),
        (("--app", "WORKSPACE"), "outside"),
        (("--lang", "en", "--app", "WORKSPACE"), "outside"),
        (("--app=WORKSPACE",), "workspace"),
    ],
)
def test_a_program_is_opened_from_inside_and_from_outside(
    words: tuple[str, ...], where: str, start: Start, settings: Settings, tmp_path: Path
) -> None:
    cwd = {"workspace": settings.app, "below": settings.app / "logs", "outside": tmp_path}[where]
    named = [word.replace("WORKSPACE", str(settings.app)) for word in words]
    require_window(start(*named, cwd=cwd), settings)


def test_a_broken_configuration_is_welcomed_with_what_is_wrong_in_it(
    start: Start, settings: Settings
) -> None:
    (settings.app / "ops_console.yaml").write_text("colour: blue\n", encoding="utf-8")
    require_welcome(start("--lang", "en", cwd=settings.app), "'colour' is 'blue'")


def test_without_a_screen_a_sentence_says_so(start: Start, tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("there is a screen always")
    console = start("--lang", "en", cwd=tmp_path, QT_QPA_PLATFORM="")
    _, said = console.communicate()
    assert console.returncode == 1 and said.startswith("There is no screen"), said


@pytest.mark.parametrize(
    ("line", "language", "command"),
    [
        ("", None, WINDOW),
        ("--lang ko", "ko", WINDOW),
        ("--lang=xx --app status", "xx", WINDOW),
        ("--app status health --lang en", None, "health"),
        ("--lang en --app=x -- health", "en", "health"),
        ("--lang xx health --json", "xx", "health"),
        ("--version", None, ""),
        ("--lang en --help", "en", ""),
        ("--lang", None, WINDOW),
        ("health --app", None, "health"),
    ],
)
def test_what_is_asked_for_is_read_before_the_grammar_is_built(
    line: str, language: str | None, command: str
) -> None:
    assert read_ahead(line.split()) == Ahead(language, command)


@pytest.mark.parametrize("line", ["--lang xx health", "health --bogus", "--bogus health"])
def test_a_mistyped_health_is_unknown_and_not_critical(
    line: str, start: Start, tmp_path: Path
) -> None:
    console = start(*line.split(), cwd=tmp_path)
    console.communicate()
    assert console.returncode == 3
