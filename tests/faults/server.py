"""Runs commands of the console in forks of one process that has loaded it already.

    python -m tests.faults.server        one JSON list of words a line in, one JSON object out

So that commands by the thousand, and their workers, which are forks, too, need not pay for loading
the console each time.  A command under a fault is armed once it is forked.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import multiprocessing
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from threading import Event, Timer
from typing import IO

import psutil

from tests.faults.interposer import Counted, Fault, build, environment
from tests.faults.workspace import LIMIT_SECONDS, ROOT, Ran, Site, compiled_once

NOTHING = Counted(calls={}, fired=0, pid=0, path="")


class Server:
    """The process, seen from a test; it ends with its pipe."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.server"], cwd=ROOT,
            env=compiled_once() | {"LD_PRELOAD": str(build())},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()

    def run(self, *words: str) -> Ran:
        """Run one command of the console on the site."""
        return self._run(words, {}, counted=False)

    def run_armed(self, *words: str, fault: Fault | None = None, below: str = "") -> Ran:
        """Run one under *fault*; without one its calls *below* a path are counted."""
        site = self._site
        armed = environment(site.folder / "counter", site.folder, fault, below)
        return self._run(words, armed, counted=True)

    def _run(self, words: tuple[str, ...], armed: dict[str, str], *, counted: bool) -> Ran:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("no pipes")
        line = json.dumps(
            {
                "words": ["--app", str(self._site.app), "--lang", "en", *words],
                "environment": self._site.environment() | armed,
                "folder": str(self._site.folder),
            }
        )
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        found = self._site.counted() if counted else NOTHING
        return Ran(words, answer["code"], answer["out"], answer["err"], found)


def serve(orders: IO[str], answers: IO[str]) -> None:
    """Run what *orders* say until they end."""
    _load_everything()
    for line in orders:
        order = json.loads(line)
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder) / "out", Path(folder) / "err"
            child = os.fork()
            if child == 0:
                _in_fork(order, out, err)
            late = Timer(LIMIT_SECONDS, _end_group, [child])
            late.start()
            _, status = os.waitpid(child, 0)
            in_time = late.is_alive()
            late.cancel()
            if order["environment"].get("FAULTS_ERROR", "").startswith("crash"):
                _await_all_dead(child)
            answer = {
                "code": os.waitstatus_to_exitcode(status) if in_time else -1000,
                "out": out.read_text(encoding="utf-8"),
                "err": err.read_text(encoding="utf-8"),
            }
        answers.write(f"{json.dumps(answer)}\n")
        answers.flush()


def _end_group(leader: int) -> None:
    os.killpg(leader, signal.SIGKILL)


def _await_all_dead(group: int) -> None:
    """Wait until a process group that was killed is gone: after a crash nobody is still dying."""
    while any(_lives_in(process, group) for process in psutil.process_iter()):
        Event().wait(0.002)


def _lives_in(process: psutil.Process, group: int) -> bool:
    try:
        return os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):
        return False


def _load_everything() -> None:
    """Load what every command would load for itself."""
    import core
    import migration
    import ui.cli

    for package in (core, migration, ui.cli):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            # What is another system's cannot be loaded here.
            with suppress(ImportError, AttributeError):
                importlib.import_module(module.name)
    # No fork looks through what all of them share, and so none has to copy it.
    gc.collect()
    gc.freeze()


def _in_fork(order: dict[str, object], out: Path, err: Path) -> None:
    code = 71
    try:
        os.setpgid(0, 0)
        os.chdir(str(order["folder"]))
        nowhere = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nowhere, 0)
        for number, path in ((1, out), (2, err)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)
        os.environ.clear()
        os.environ.update(order["environment"])  # type: ignore[call-overload]
        if "FAULTS_COUNTER" in os.environ:
            ctypes.CDLL(None).faults_arm()
        from core.base import process

        fork = multiprocessing.get_context("fork")
        multiprocessing.get_context = lambda method=None: fork
        process.FORKS = False  # a helper is a fork of the command itself, with its faults
        from ui.cli.main import main

        code = main(order["words"])  # type: ignore[arg-type]
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
