"""Runs commands of the console in forks of one process that has loaded it already.

    python -m tests.faults.server        one JSON list of words a line in, one JSON object out

For the commands after a case (recover, status, backup, rollback): what is under a fault runs as
`run_ops_console.py` in a process of its own, these need not pay for loading the console each time;
nor need their workers, which are forks, too.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from tests.faults.interposer import Counted
from tests.faults.workspace import ROOT, Ran, Site, compiled_once

NOTHING = Counted(calls={}, fired=0, pid=0, path="")


class Server:
    """The process, seen from a test; it ends with its pipe."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.server"], cwd=ROOT, env=compiled_once(),
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
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("no pipes")
        line = json.dumps(
            {
                "words": ["--app", str(self._site.app), "--lang", "en", *words],
                "environment": self._site.environment(),
            }
        )
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return Ran(words, answer["code"], answer["out"], answer["err"], NOTHING)


def serve(orders: IO[str], answers: IO[str]) -> None:
    """Run what *orders* say until they end."""
    # What every command would load for itself.
    import core.deployment.operations
    import core.guard
    import core.services.status  # noqa: F401
    import migration.operations  # noqa: F401
    import ui.cli.main
    import ui.cli.points
    import ui.cli.rollback  # noqa: F401

    for line in orders:
        order = json.loads(line)
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder) / "out", Path(folder) / "err"
            child = os.fork()
            if child == 0:
                _in_fork(order, out, err)
            _, status = os.waitpid(child, 0)
            answer = {
                "code": os.waitstatus_to_exitcode(status),
                "out": out.read_text(encoding="utf-8"),
                "err": err.read_text(encoding="utf-8"),
            }
        answers.write(f"{json.dumps(answer)}\n")
        answers.flush()


def _in_fork(order: dict[str, object], out: Path, err: Path) -> None:
    code = 71
    try:
        nowhere = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nowhere, 0)
        for number, path in ((1, out), (2, err)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)
        os.environ.clear()
        os.environ.update(order["environment"])  # type: ignore[call-overload]
        fork = multiprocessing.get_context("fork")
        multiprocessing.get_context = lambda method=None: fork
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
