"""The interposer hits the call that is meant, and no other; nothing here runs the console."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.interposer import STRANGER, Counted, Fault, environment, read, unavailable

pytestmark = pytest.mark.skipif(unavailable() is not None, reason=str(unavailable()))

SCRIPT = """
import os, sys
said = []
for number in range(4):
    try:
        d = os.open(f"{root}/{number}", os.O_WRONLY | os.O_CREAT)
        os.write(d, b"x" * 10)
        os.close(d)
        os.rename(f"{root}/{number}", f"{root}/{number}.new")
    except OSError as error:
        said.append(f"{number} {error.errno}")
os.open(os.devnull, os.O_RDONLY)
print(*said, sep="; ", flush=True)
"""


def call(
    folder: Path, fault: Fault | None, script: str = SCRIPT, *words: str
) -> tuple[int, str, Counted]:
    root = folder / "root"
    root.mkdir(exist_ok=True)
    armed = environment(folder / "counter", root, fault)
    done = subprocess.run(
        [sys.executable, "-c", script.replace("{root}", str(root)), *words],
        env=dict(os.environ) | armed, capture_output=True, encoding="utf-8", check=False,
        process_group=0,
    )  # fmt: skip
    return done.returncode, done.stdout.strip(), read(folder / "counter")


def test_counts_only_calls_below_the_workspace(tmp_path: Path) -> None:
    code, said, counted = call(tmp_path, None)
    assert (code, said) == (0, "")
    assert counted.calls["open"] == counted.calls["write"] == counted.calls["rename"] == 4
    assert sum(counted.calls.values()) == 12 and counted.fired == 0


@pytest.mark.parametrize("kind", ["open", "write", "rename"])
def test_the_nth_call_fails_once(tmp_path: Path, kind: str) -> None:
    _, said, counted = call(tmp_path, Fault(kind, 3, "EIO"))
    assert said == "2 5" and counted.fired == 1


def test_from_the_nth_call_on_all_fail(tmp_path: Path) -> None:
    _, said, counted = call(tmp_path, Fault("rename", 2, "ENOSPC", lasting=True))
    assert said == "1 28; 2 28; 3 28" and counted.fired == 3


def test_only_paths_with_a_beginning_are_counted_and_hit(tmp_path: Path) -> None:
    _, said, _ = call(tmp_path, Fault("open", 1, "EACCES", lasting=True, below="2"))
    assert said == "2 13"


def test_an_interrupted_call_gets_through_when_it_is_tried_again(tmp_path: Path) -> None:
    # Python itself tries again; were every call interrupted, it would do so for ever.
    _, said, counted = call(tmp_path, Fault("write", 1, "EINTR", lasting=True))
    assert said == "" and counted.fired == 4


@pytest.mark.parametrize(("error", "there"), [("kill-before", False), ("kill-after", True)])
def test_a_kill_comes_before_the_call_or_after_it(tmp_path: Path, error: str, there: bool) -> None:
    code, _, _ = call(tmp_path, Fault("rename", 2, error))
    assert code == -signal.SIGKILL
    assert (tmp_path / "root" / "1.new").exists() is there
    assert (tmp_path / "root" / "0.new").exists() and not (tmp_path / "root" / "2").exists()


CHILDREN = """
import subprocess, sys
child = "import os; os.mkdir(sys.argv[1])".replace("os;", "os, sys;")
codes = [subprocess.run([sys.executable, "-c", child, f"{root}/{name}"]).returncode
         for name in "abc"]
print(codes)
"""


def test_n_counts_across_the_processes_of_a_command(tmp_path: Path) -> None:
    _, said, counted = call(tmp_path, Fault("mkdir", 2, "kill-before"), CHILDREN)
    assert said == "[0, -9, 0]" and counted.calls["mkdir"] == 3


def test_a_crash_takes_every_process_of_the_command(tmp_path: Path) -> None:
    code, said, _ = call(tmp_path, Fault("mkdir", 2, "crash-before"), CHILDREN)
    assert (code, said) == (-signal.SIGKILL, "")


def test_the_trading_program_and_what_it_starts_are_never_hit(tmp_path: Path) -> None:
    _, said, counted = call(
        tmp_path, Fault("mkdir", 1, "EIO", lasting=True), CHILDREN, "--", STRANGER
    )
    assert said == "[0, 0, 0]" and counted.calls["mkdir"] == 0
