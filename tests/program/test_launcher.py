"""The keeper: what the program prints, how it ended, and that nothing makes it wait or end."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from core.base.config.models import OutputSettings, Settings
from core.base.operation import OperationError
from core.program.models import Launch
from core.program.runs import last_end, log_paths, newest_run
from core.program.spawn import Spawned, spawn
from tests.program.conftest import until

Make = Callable[..., Settings]
posix = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")


def start(settings: Settings) -> Spawned:
    assert settings.program.start is not None
    launch = Launch(command=settings.program.start, cwd=settings.app, environment=dict(os.environ))
    return spawn(settings, launch, by="test")


def test_both_streams_and_the_exit_code_are_kept(program: Make) -> None:
    settings = program(
        "import sys\nsys.stdout.buffer.write(bytes([0, 255]) + b' out\\nno end')\n"
        "sys.stderr.buffer.write(b'err\\n')\nsys.stdout.flush()\nsys.exit(7)\n"
    )
    spawned = start(settings)
    assert spawned.exit_code() == 7
    spawned.keeper.wait(10)
    logs = log_paths(settings)
    assert logs.out.read_bytes() == b"\x00\xff out\nno end" and logs.err.read_bytes() == b"err\n"
    end = last_end(settings)
    assert end is not None and end.exit_code == 7 and end.pid == spawned.pid and not end.alive


def test_what_is_printed_is_there_at_once(program: Make) -> None:
    settings = program("import sys\nprint('half a line', end='', flush=True)\nsys.stdin.read()\n"
                       "import time; time.sleep(600)\n")  # fmt: skip
    start(settings)
    out = log_paths(settings).out
    assert until(lambda: out.exists() and out.read_bytes()) == b"half a line"
    run = newest_run(settings)
    assert run is not None and run.alive and run.exit_code is None


def test_gigabytes_neither_fill_the_disk_nor_make_the_program_wait(program: Make) -> None:
    settings = program(
        "import sys\nline = b'x' * 1023 + b'\\n'\n"
        "for number in range(256):\n"
        "    sys.stdout.buffer.write(line * 1024)\n"
        "    sys.stderr.buffer.write(line * 16)\n"
        "sys.stdout.buffer.write(b'the end\\n')\n",
        output=OutputSettings(max_mb=1, keep=2),
    )
    spawned = start(settings)
    assert psutil.Process(spawned.pid).wait(120) in {0, None}
    spawned.keeper.wait(60)
    assert spawned.exit_code() == 0
    logs = log_paths(settings)
    sizes = [path.stat().st_size for path in logs.out.parent.glob("ops_console_program.*")]
    assert len(sizes) == 6 and max(sizes) <= 1024 * 1024 + 64 * 1024
    assert logs.out.read_bytes().endswith(b"the end\n")


@posix
def test_signals_to_the_keeper_end_nothing_and_the_program_hears_its_own(program: Make) -> None:
    settings = program(
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))\nprint('up', flush=True)\n"
        "time.sleep(600)\n"
    )
    spawned = start(settings)
    until(lambda: log_paths(settings).out.exists() and log_paths(settings).out.read_bytes())
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(spawned.keeper.pid, number)
    assert psutil.pid_exists(spawned.pid) and spawned.keeper.poll() is None
    os.kill(spawned.pid, signal.SIGTERM)
    spawned.keeper.wait(10)
    assert spawned.exit_code() == 5


@posix
def test_the_program_inherits_no_ignored_signal(program: Make) -> None:
    spawned = start(program("import time; time.sleep(600)"))
    os.kill(spawned.pid, signal.SIGTERM)
    spawned.keeper.wait(10)
    assert spawned.exit_code() == -signal.SIGTERM


def test_what_cannot_be_started_is_said_and_nothing_is_left(settings: Settings) -> None:
    launch = Launch(command=("/no/such/program",), cwd=settings.app, environment={})
    with pytest.raises(OperationError, match=r"No such file|WinError 2"):
        spawn(settings, launch, by="test")
    assert newest_run(settings) is None


def test_environment_and_command_are_not_to_be_read_from_outside(
    program: Make, tmp_path: Path
) -> None:
    settings = program("import time; time.sleep(600)")
    assert settings.program.start is not None
    launch = Launch(
        command=(*settings.program.start, "--password=hush"), cwd=tmp_path,
        environment={**os.environ, "UPBIT_SECRET_KEY": "hush hush"},
    )  # fmt: skip
    spawned = spawn(settings, launch, by="test")
    keeper = psutil.Process(spawned.keeper.pid)
    assert "hush" not in " ".join(keeper.cmdline()) and "UPBIT_SECRET_KEY" not in keeper.environ()
    assert "hush" not in spawned.record.read_text(encoding="utf-8")
    assert psutil.Process(spawned.pid).environ()["UPBIT_SECRET_KEY"] == "hush hush"
