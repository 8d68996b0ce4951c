"""The commands ``deploy …`` as an operator and a script call them: real processes, real output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.program.find import find_programs
from core.release.config import config_path, example_path
from core.release.log import log_path
from core.release.releases import deploy_status
from tests.release.conftest import Site
from tests.release.test_killed import killed

ROOT = Path(__file__).resolve().parents[2]
EXIT_DAMAGED = 3


def command(site: Site, *words: str, language: str = "en") -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    return subprocess.run(
        [sys.executable, "run_ops_console.py", "--app", str(site.settings.app), "--lang", language,
         *words],
        cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def document(site: Site, *words: str, language: str = "en") -> dict[str, Any]:
    done = command(site, *words, "--json", language=language)
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_the_first_configuration_is_written_and_never_overwritten(site: Site) -> None:
    path = config_path(site.settings)
    path.unlink()
    refused = command(site, "deploy", "plan")
    assert refused.returncode == 1 and "deploy init" in refused.stderr
    done = command(site, "deploy", "init")
    assert done.returncode == 0 and str(path) in done.stdout
    assert path.read_bytes() == example_path(site.settings).read_bytes(), "the workspace's language"
    path.write_text("artefact: {path: mine}\n", encoding="utf-8")
    again = command(site, "deploy", "init")
    assert again.returncode == 1 and "already" in again.stderr
    assert path.read_text(encoding="utf-8") == "artefact: {path: mine}\n"


def test_the_plan_is_one_object_of_plain_words(site: Site) -> None:
    site.configure(site.release("one"))
    for language in ("en", "ko"):
        plan = document(site, "deploy", "plan", language=language)
        assert len(plan["checks"]) > 15
        for check in plan["checks"]:
            assert {"name", "state", "evidence", "remedy"} <= check.keys()
            assert all(isinstance(check[key], str) and check[key] for key in
                       ("name", "state", "evidence", "remedy"))  # fmt: skip
            assert "{" not in check["evidence"]
        hangul = any("가" <= letter <= "힣" for letter in plan["checks"][0]["evidence"])
        assert hangul == (language == "ko")
    site.configure(site.shelf / "nowhere")
    assert command(site, "deploy", "plan").returncode == EXIT_DAMAGED


def test_deployed_killed_recovered_and_read_back(running: Site) -> None:
    site = running
    site.configure(site.release("one"), migrate=True, window={"max_open_positions": 0})
    refused = command(site, "deploy", "run", "--yes")
    assert refused.returncode == 1 and "positions" in refused.stderr
    why = "held for <b>years</b>"
    assert command(site, "deploy", "run", "--yes", "--override", "positions=no").returncode == 2
    done = command(site, "deploy", "run", "--yes", "--override", f"positions={why}")
    assert done.returncode == 0, done.stderr
    assert site.version == "one"
    listed = command(site, "deploy", "history")
    assert why in listed.stdout and ".html" in listed.stdout
    site.configure(site.release("two"), migrate=True)
    killed(site, "run", "wrote pointer")
    assert document(site, "deploy", "status")["interrupted"] is not None
    recovered = command(site, "recover")
    assert recovered.returncode == 0 and "it was undone" in recovered.stdout
    assert site.version == "one" and len(find_programs(site.settings)) == 1
    back = command(site, "deploy", "rollback", "--to", "before-first", "--yes")
    assert back.returncode == 0, back.stderr
    assert site.version == "legacy" and deploy_status(site.settings).pointer is None
    # A log that was tampered with is told, and what is whole of it still shown.
    path = log_path(site.settings)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], lines[1].replace(b"years", b"month"), *lines[2:]]))
    told = command(site, "deploy", "history")
    assert told.returncode == EXIT_DAMAGED and "line 2" in told.stdout
    assert len(document(site, "deploy", "history")["records"]) == 1


@pytest.mark.usefixtures("quick")
def test_two_commands_at_once(running: Site) -> None:
    running.configure(running.release("one"), migrate=True, verify={"soak_seconds": 15})
    words = [sys.executable, "run_ops_console.py", "--app", str(running.settings.app),
             "--lang", "en", "deploy", "run", "--yes"]  # fmt: skip
    both = [
        subprocess.Popen(
            words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
        )
        for _ in range(2)
    ]
    told = [one.communicate()[1] for one in both]
    assert sorted(one.returncode for one in both) == [0, 4], told
    assert running.version == "one" and len(find_programs(running.settings)) == 1
