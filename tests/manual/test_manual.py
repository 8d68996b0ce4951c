"""The operations manual is true: every command in it does, at its place, what it says.

Its emergencies are played in `tests/first_contact`, where they are harder: by a stranger.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PyQt6.QtWidgets import QApplication

from core.base.metrics import Unit, metric_of
from core.monitoring.alerts.models import title_of
from migration.upbit.settings import UpbitHealth
from tests.first_contact.story import EMERGENCIES
from tests.manual.place import ENTRY, Place
from tests.manual.reading import (
    MANUALS,
    NAMES,
    loose_commands,
    mentioned,
    names,
    row_of,
    scenes,
)
from tests.manual.situations import SITUATIONS
from tests.ready import ReadyConsole
from ui.health.messages import value_text
from ui.language import duration_text, say, use_language

WANTED = {
    "check_system_health", "shutdown_system", "restore_from_backup", "verify_data_integrity",
    "verify_backup", "verify_system_health", "verify_rollback",
}  # fmt: skip
LANGUAGES = sorted(MANUALS)
TRANSLATIONS = ENTRY.parent / "resources" / "translations" / "ops_console_ko.ts"


@pytest.fixture
def place(workspace: Path, tmp_path: Path, ready: ReadyConsole) -> Iterator[Place]:
    elsewhere = tmp_path / "밖"
    elsewhere.mkdir()
    made = Place(workspace, elsewhere, ready)
    yield made
    made.end()
    if os.path.ismount(elsewhere / "disk"):
        subprocess.run(["umount", "-l", elsewhere / "disk"], check=True)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("scene", sorted(scenes("ko").keys() - {NAMES, *EMERGENCIES}))
def test_every_command_ends_as_the_manual_says(scene: str, place: Place) -> None:
    if scene == "disk-full" and (sys.platform != "linux" or os.geteuid() != 0):
        pytest.skip("filling a disk needs root on Linux")
    if scene == "install" and sys.platform == "win32":
        pytest.skip("the rig has no Task Scheduler")
    SITUATIONS[scene](place)
    for command in scenes("ko")[scene]:
        place.do(command)


@pytest.mark.timeout(1800)
def test_every_name_of_the_task_is_a_command_that_works(place: Place) -> None:
    SITUATIONS[NAMES](place)
    # The program is stopped last: what verifies the system needs it.
    for name in sorted(WANTED, key=lambda name: (name == "shutdown_system", name)):
        place.do(names("ko")[name])


def test_no_scene_lacks_its_situation_nor_a_situation_its_scene() -> None:
    assert set(scenes("ko")) == set(SITUATIONS) > set(EMERGENCIES)


def test_both_languages_have_the_same_commands_in_the_same_places() -> None:
    assert scenes("ko") == scenes("en")
    assert names("ko") == names("en") and set(names("ko")) == WANTED
    assert mentioned("ko") == mentioned("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_command_stands_where_nothing_runs_it(language: str) -> None:
    assert loose_commands(language) == []
    run = {str(command) for commands in scenes(language).values() for command in commands}
    assert mentioned(language) <= run


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_is_told_by_the_name_in_the_window_its_limit_and_its_time(
    language: str, qapp: QApplication
) -> None:
    use_language(qapp, language)
    severities = {"ko": {"warning": "경고", "critical": "심각"}}.get(language, {})
    for rule_name, rule in UpbitHealth().rules.items():
        title, _, limit, lasting, severity, advice = row_of(language, rule_name)
        metric = metric_of(rule.metric)
        assert metric is not None
        key = rule.metric.replace("*", "settings")
        if metric.unit is Unit.YES_NO:
            wanted = value_text(key, 0)
        else:
            value = value_text(key, rule.threshold)
            above = rule.above is not None
            ko = f"{value} {'초과' if above else '미만'}"
            wanted = ko if language == "ko" else f"{'above' if above else 'below'} {value}"
        assert title == say(title_of(rule_name, rule))
        assert (limit, lasting) == (wanted, duration_text(rule.for_seconds)), rule_name
        assert severity == severities.get(rule.severity, rule.severity)
        assert len(advice) > 10


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_within_the_manual_leads_to_a_heading(language: str) -> None:
    text = MANUALS[language].read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    for target in re.findall(r"\]\(#([^)]+)\)", text):
        assert target in headings, target


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of Linux")
def test_the_short_name_works_as_it_is_registered(place: Place) -> None:
    for language in LANGUAGES:
        text = MANUALS[language].read_text(encoding="utf-8")
        (line,) = re.findall(r"`(alias ops=[^`]+)`", text)
        (powershell,) = re.findall(r"`(function ops [^`]+)`", text)
        assert "run_ops_console.py --app" in powershell and "@args" in powershell
        line = line.replace("python3", sys.executable)
        line = line.replace("/opt/upbit-ops-console/run_ops_console.py", str(ENTRY))
        line = line.replace("/opt/upbit-autotrader", str(place.app))
        done = subprocess.run(
            ["bash", "-c", f"shopt -s expand_aliases\n{line}\nops status"],
            capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == 0 and "market_data" in done.stdout, done.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_manual_quotes_is_what_the_console_says(language: str) -> None:
    tag = "translation" if language == "ko" else "source"
    catalogue = ElementTree.parse(TRANSLATIONS)
    said = " ".join(" ".join("".join(one.itertext()).split()) for one in catalogue.iter(tag))
    text = MANUALS[language].read_text(encoding="utf-8")
    codes = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    quoted = [one for one in codes if re.match(r"[가-힣]|[A-Z][a-z]", one)]
    assert len(quoted) > 8
    for quote in quoted:
        for part in quote.split("…"):
            assert part.strip() in said, quote
