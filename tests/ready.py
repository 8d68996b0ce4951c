"""A console that has loaded everything, for tests that run many commands.

    python tests/ready.py CONTROL

Each command is a fork of one process: the entry's file runs in it from its first line to the
interpreter's end, in an environment, a folder and on streams of its own.  All that is spared is
loading the modules, which is most of what a command costs.  That a command loads what it needs
shows where it runs as an operator runs it, as in `tests/cli/test_commands.py` and in the story of
`tests/first_contact`.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENTRY = ROOT / "run_ops_console.py"
FORKS = sys.platform == "linux"
"""Elsewhere each command is a process that loads what it needs."""
LARGEST = 1 << 20


class ReadyConsole:
    """Runs commands, one after the other.

    They run in *environment*; None: in ours, and what they say is UTF-8.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        spoken = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        self._environment = spoken if environment is None else dict(environment)
        self._control: socket.socket | None = None
        if FORKS:
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            # Whoever asks what the process is finds the console by the name of its entry.
            command = [sys.executable, __file__, str(theirs.fileno()), ENTRY.name]
            with theirs:
                self._process = subprocess.Popen(
                    command, cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                )  # fmt: skip

    def run(
        self, *words: str | Path, cwd: Path = ROOT, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run one command and return how it ended and what it printed."""
        with ExitStack() as files:
            out, err = (files.enter_context(tempfile.TemporaryFile()) for _ in range(2))
            code = self.run_on(out.fileno(), err.fileno(), *words, cwd=cwd, environment=environment)
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(words, code, out.read(), err.read())

    def run_on(
        self, out: int, err: int, *words: str | Path, cwd: Path = ROOT,
        environment: Mapping[str, str] | None = None,
    ) -> int:  # fmt: skip
        """Run one command on two open streams and return its exit code."""
        command = [str(ENTRY), *map(str, words)]
        surroundings = self._environment if environment is None else dict(environment)
        if self._control is None:
            return subprocess.run(
                [sys.executable, *command], cwd=cwd, env=surroundings, check=False,
                stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            ).returncode  # fmt: skip
        asked = json.dumps([command, str(cwd), surroundings])
        socket.send_fds(self._control, [asked.encode()], [out, err])
        return int(self._control.recv(LARGEST))

    def close(self) -> None:
        """End the process."""
        if self._control is not None:
            self._control.close()
            self._process.wait()

    def __enter__(self) -> ReadyConsole:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _load() -> None:
    """Import what the commands import."""
    import_module("core.runner.run")
    grammar = import_module("ui.cli.grammar")
    grammar.build_parser()
    import_module("ui.cli.main")
    # No fork looks through what all of them share, and so none has to copy it.
    gc.collect()
    gc.freeze()


def _serve(control: socket.socket) -> None:
    """Answer commands; returns in the fork that is to be one, and ends in the process itself."""
    while True:
        asked, streams, _, _ = socket.recv_fds(control, LARGEST, 2)
        if not asked:
            sys.exit()
        child = os.fork()
        if child == 0:
            control.close()
            _become(*json.loads(asked), *streams)
            return
        for stream in streams:
            os.close(stream)
        _, status = os.waitpid(child, 0)
        control.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(
    command: list[str], folder: str, surroundings: dict[str, str], out: int, err: int
) -> None:
    sys.argv = command
    os.environ.clear()
    os.environ.update(surroundings)
    os.chdir(folder)
    for number, stream, name in ((1, out, "stdout"), (2, err, "stderr")):
        os.dup2(stream, number)
        os.close(stream)
        # As Python makes them at its start: whether it is a terminal is asked but once.
        former = getattr(sys, name)
        made = open(  # noqa: SIM115
            number, "w", encoding=former.encoding, errors=former.errors, newline="\n",
            buffering=1 if os.isatty(number) or name == "stderr" else -1, closefd=False,
        )  # fmt: skip
        setattr(sys, name, made)
        setattr(sys, f"__{name}__", made)


if __name__ == "__main__":
    sys.path[0] = str(ROOT)
    from core.base.bootstrap import ensure_unicode

    ensure_unicode()
    _load()
    _serve(socket.socket(fileno=int(sys.argv[1])))
    runpy.run_path(str(ENTRY), run_name="__main__")
