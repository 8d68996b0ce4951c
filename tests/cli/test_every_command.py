"""Every command in the hands of a distracted operator: wrong ids, wrong folders, ``--json``."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.base.config.models import Settings
from tests.ready import ENTRY, ReadyConsole
from tests.skips import needs_mount
from ui.cli.grammar import MODULES, build_parser

KNOWN = {0, 1, 2, 3, 4}
NO_ID = "20200101T000000000Z-abcdef"

CALLS: tuple[tuple[str, ...], ...] = (
    ("backup", "create"),
    ("backup", "list"),
    ("backup", "show", NO_ID),
    ("backup", "show", "../../etc/passwd"),
    ("backup", "show", ""),
    ("backup", "verify", NO_ID),
    ("backup", "verify"),
    ("backup", "diff"),
    ("backup", "diff", NO_ID),
    ("backup", "diff", "--rows", "nonsense"),
    ("backup", "export", NO_ID, "--to", "out"),
    ("backup", "export", "--to", "data"),
    ("backup", "import", "nowhere"),
    ("backup", "import", "data"),
    ("backup", "pin", NO_ID),
    ("backup", "prune", "--dry-run"),
    ("backup", "prune", "--delete", NO_ID),
    ("backup", "prune", "--delete", "../x"),
    ("backup", "copy", "--to", "data/backups"),
    ("backup", "copy", "--from", "nowhere"),
    ("rollback",),
    ("rollback", "--to", NO_ID, "--yes"),
    ("rollback", "--to", "nonsense", "--dry-run"),
    ("recover",),
    ("verify", "data"),
    ("verify", "system"),
    ("verify", "rollback"),
    ("status",),
    ("journal", "--limit", "-5"),
    ("journal", "--limit", "0"),
    ("service", "status"),
    ("service", "stop"),
    ("service", "restart"),
    ("service", "log", "--lines", "-1"),
    ("service", "log"),
    ("service", "install", "--dry-run"),
    ("migrate", "status"),
    ("migrate", "plan"),
    ("migrate", "preflight"),
    ("migrate", "report"),
    ("migrate", "run"),
    ("migrate", "undo", "--dry-run"),
    ("migrate", "undo", "--yes"),
    ("migrate", "repair"),
    ("migrate", "baseline", "999", "--yes"),
    ("migrate", "baseline", "-1", "--yes"),
    ("migrate", "verify"),
    ("health",),
    ("health", "history", "--csv", "nowhere/x.csv"),
    ("health", "history", "--csv", "x.csv", "--metric", "nonsense"),
    ("health", "changed"),
    ("alerts", "list"),
    ("alerts", "ack", "999"),
    ("alerts", "silence", "nonsense"),
    ("monitor", "--seconds", "0"),
    ("monitor", "--seconds", "-1"),
    ("deploy", "plan"),
    ("deploy", "init"),
    ("deploy", "plan", "--override", "nonsense=because"),
    ("deploy", "run"),
    ("deploy", "status"),
    ("deploy", "history", "--limit", "-1"),
    ("deploy", "rollback", "--yes"),
    ("deploy", "rollback", "--to", "nonsense", "--yes"),
)


def require_sense(
    ready: ReadyConsole, app: Path, words: tuple[str, ...], cwd: Path | None = None
) -> None:
    """The exit code is a known one, standard output one JSON object or nothing, no traceback."""
    done = ready.run("--app", app, "--lang", "en", *words, "--json", cwd=cwd or app)
    out, err = done.stdout.decode(), done.stderr.decode()
    said = f"{words}: {done.returncode}\n{out}\n{err}"
    assert done.returncode in KNOWN, said
    assert "Traceback" not in err + out, said
    if done.returncode == 2 and not out:
        assert err, said
        return
    assert isinstance(json.loads(out), dict), said
    if "error" in json.loads(out):
        error = json.loads(out)["error"]
        assert set(error) == {"happened", "data_state", "to_do"} and all(error.values()), said


def commands(parser: argparse.ArgumentParser, before: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command of the grammar, as words."""
    found = False
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found = action.required
            for name, below in action.choices.items():
                yield from commands(below, (*before, name))
    if not found and before:
        yield " ".join(before)


def test_no_command_is_left_out() -> None:
    tried = {" ".join(words[:2]) for words in CALLS} | {words[0] for words in CALLS}
    # These begin, change or ask for more than a hostile call should; others tests run them.
    elsewhere = {
        "demo", "service start", "service supervise", "service remove", "migrate rehearse",
        "deploy rehearse",
    }  # fmt: skip
    assert set(commands(build_parser())) - tried == elsewhere


@pytest.mark.parametrize("words", CALLS, ids=" ".join)
def test_json_is_all_that_a_script_reads(
    words: tuple[str, ...], settings: Settings, ready: ReadyConsole
) -> None:
    before = {file.name: file.path.read_bytes() for file in settings.files}
    require_sense(ready, settings.app, words)
    if words[0] not in {"service"}:
        assert {file.name: file.path.read_bytes() for file in settings.files} == before


LOOKS = (
    ("status",), ("backup", "list"), ("backup", "create"), ("rollback", "--yes"), ("journal",),
    ("verify", "data"), ("verify", "system"), ("health",), ("alerts", "list"), ("recover",),
    ("migrate", "status"), ("deploy", "plan"), ("service", "status"), ("service", "stop"),
)  # fmt: skip


@pytest.fixture
def read_only(settings: Settings) -> Iterator[Path]:
    """A workspace on a disk that the system mounted read-only, as it does after an error."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a disk needs root on Linux")
    bind = ["mount", "--bind", str(settings.app), str(settings.app)]
    if subprocess.run(bind, check=False, capture_output=True).returncode:
        pytest.skip("this machine forbids mounting")
    subprocess.run(["mount", "-o", "remount,ro,bind", str(settings.app)], check=True)
    yield settings.app
    subprocess.run(["umount", "-l", str(settings.app)], check=True)


@pytest.mark.parametrize("words", LOOKS, ids=" ".join)
@needs_mount
def test_a_read_only_disk_is_told_in_sentences(
    words: tuple[str, ...], read_only: Path, ready: ReadyConsole
) -> None:
    require_sense(ready, read_only, words, cwd=Path("/"))


@pytest.mark.parametrize("words", LOOKS, ids=" ".join)
def test_a_folder_without_a_single_file_is_told_in_sentences(
    words: tuple[str, ...], tmp_path: Path, ready: ReadyConsole
) -> None:
    empty = tmp_path / "빈 폴더 (새 것)"
    empty.mkdir()
    require_sense(ready, empty, words)


def test_the_same_command_twice_at_once_is_done_twice_one_after_the_other(
    settings: Settings,
) -> None:
    command = [
        sys.executable, str(ENTRY), "--app", str(settings.app), "--lang", "en", "backup", "create",
        "--json",
    ]  # fmt: skip
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        for _ in range(2)
    ]
    ids = set()
    for process in both:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        ids.add(json.loads(out)["id"])
    assert len(ids) == 2


LOADED = """
import sys
from tests.ready import ENTRY, ReadyConsole
from ui.cli.grammar import MODULES, build_parser
build_parser(sys.argv[1])
print(*{"numpy", "pyqtgraph", "migration", "core.release", "core.runner", "core.daemons",
        "ui.cli.health"} & sys.modules.keys())
"""


def test_a_command_loads_what_it_needs_and_no_more() -> None:
    for command in ("status", "backup"):
        found = subprocess.run(
            [sys.executable, "-c", LOADED, command], cwd=ENTRY.parent, check=True,
            capture_output=True, encoding="utf-8",
        )  # fmt: skip
        assert found.stdout.split() == [], command


def test_every_name_leads_to_the_module_that_defines_it() -> None:
    whole = set(commands(build_parser()))
    assert {path.split()[0] for path in whole} == set(MODULES)
    for name in MODULES:
        alone = {path for path in commands(build_parser(name)) if path.split()[0] == name}
        assert alone == {path for path in whole if path.split()[0] == name}
