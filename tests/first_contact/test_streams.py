"""Whatever encoding the output is of, every command says what it has to say."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.first_contact.conftest import ENTRY, Start
from tests.ready import ReadyConsole

ENCODINGS: dict[str, dict[str, str]] = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "cp949": {"PYTHONIOENCODING": "cp949"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "C, ascii": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii:strict"},
}
COMMANDS = (
    "status", "health", "backup create", "backup list", "verify system", "migrate plan",
    "--help", "no-such-command",
)  # fmt: skip


@pytest.fixture
def place(workspace: Path) -> Path:
    """The practice program in a folder with a space, Hangul and a sign that few encodings have."""
    return Path(shutil.move(workspace, workspace.with_name("거래 프로그램 ✓")))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_encoding_of_the_output_is_a_mistake_of_the_console(
    encoding: str, surroundings: dict[str, str], place: Path
) -> None:
    written = ENCODINGS[encoding].get("PYTHONIOENCODING", "utf-8").partition(":")[0]
    with ReadyConsole(surroundings | ENCODINGS[encoding]) as ready:
        ran = {
            command: ready.run("--app", place, *command.split(), cwd=place.parent)
            for command in COMMANDS
        }
    for command, console in ran.items():
        out, err = console.stdout.decode(written), console.stderr.decode(written)
        said = f"{command}: {console.returncode}\n{out}\n{err}"
        assert console.returncode in range(4) and "Traceback" not in err and out + err, said
        assert "?" * 3 not in out + err, said


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_json_holds_every_character_in_any_encoding(
    encoding: str, start: Start, place: Path
) -> None:
    surroundings = ENCODINGS[encoding]
    made = place.with_name("연습 ✓ 😀")
    console = start(
        "demo", "--prepare-only", "--workspace", made, "--size", "2MB", "--json", cwd=place,
        **surroundings,
    )  # fmt: skip
    out, err = console.communicate()
    assert console.returncode == 0, err
    assert json.loads(out) == {"workspace": str(made)}
    lost = start("--app", "없는 폴더", "health", "--json", cwd=place, **surroundings)
    out, _ = lost.communicate()
    assert lost.returncode == 3 and "없는 폴더" in json.loads(out)["error"]["happened"]


def test_korean_is_spoken_where_it_can_be_written_and_english_elsewhere(
    start: Start, place: Path
) -> None:
    for encoding, hangul in (("utf-8", True), ("cp949", True), ("cp1252", False), ("ascii", False)):
        console = start(
            "--lang", "ko", "--app", "nowhere", "status", cwd=place, PYTHONIOENCODING=encoding
        )
        _, said = console.communicate()
        sentence = "폴더가 없습니다: nowhere" if hangul else "There is no folder nowhere"
        assert sentence in said, encoding


@pytest.mark.skipif(os.name != "posix", reason="names of files are text on Windows")
@pytest.mark.parametrize("words", ["status", "status --json", "backup list"])
def test_a_name_that_is_no_text_is_shown_by_its_escapes(words: str, tmp_path: Path) -> None:
    command = [sys.executable, ENTRY, "--app", os.fsencode(tmp_path) + b"/\xff", *words.split()]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 1 and b"\\udcff" in done.stdout + done.stderr, done
    if "--json" in words:
        assert "\udcff" in json.loads(done.stdout)["error"]["happened"]


@pytest.mark.skipif(os.name != "posix", reason="needs a shell that closes a stream")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_stream_is_no_failure(closed: str, place: Path) -> None:
    for words in ("status", "status --json", "--app nowhere status", "no-such-command"):
        line = f'exec "$@" {closed}'
        command = ["sh", "-c", line, "sh", sys.executable, str(ENTRY), *words.split()]
        done = subprocess.run(
            command, cwd=place, check=False, capture_output=True, encoding="utf-8"
        )
        assert done.returncode in {0, 1, 2} and "Traceback" not in done.stderr, done
