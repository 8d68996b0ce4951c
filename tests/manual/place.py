"""A practice workspace on which the manual's commands are run as an operator runs them."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import psutil
import yaml

from core.backup.store import Store
from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.monitoring.alerts.incidents import list_incidents
from core.program.find import find_programs
from tests.killing import INTERRUPT, KILL, KILLED
from tests.manual.reading import Command
from tests.ready import ENTRY, ReadyConsole

CALM = {
    name: {"enabled": False} for name in ("cpu", "memory", "disk", "store_disk", "candles_stale")
}
"""The machine that runs the tests may be as busy as it likes, and the stand-in program brings its
markets up to date one after the other."""


class Place:
    """The workspace, another disk, and what the manual's capital words stand for."""

    def __init__(self, app: Path, elsewhere: Path, ready: ReadyConsole | None = None) -> None:
        """*ready* runs the commands; None: each is a process that loads what it needs."""
        self.app = app
        self._ready = ready
        self.elsewhere = elsewhere
        self.copy = elsewhere / "다른 디스크" / "upbit store"
        self.copy.parent.mkdir(parents=True)
        self.environment: dict[str, str] = {}
        self.others: list[subprocess.Popen[str]] = []
        self._folders = 0
        self.configure({})

    @property
    def settings(self) -> Settings:
        return load_settings(self.app, {}, self.app)

    def configure(self, document: dict[str, object], rules: object = None) -> None:
        """Write `ops_console.yaml`, and let a deployment not mind how busy the machine is."""
        deployment = self.app / "deployment" / "production_config.yaml"
        if deployment.exists():
            written = yaml.safe_load(deployment.read_text(encoding="utf-8"))
            written["verify"] = {"soak_seconds": 1, "response_ms": 10_000}
            deployment.write_text(yaml.safe_dump(written), encoding="utf-8")
        health = {"rules": CALM if rules is None else rules}
        (self.app / "ops_console.yaml").write_text(
            yaml.safe_dump({"health": health} | document), encoding="utf-8"
        )

    def run(self, *words: str, code: int = 0) -> str:
        """Run one command of the console and return what it printed."""
        command, surroundings = self._call(words), os.environ | self.environment
        done = (
            self._ready.run(*command[2:], cwd=self.elsewhere, environment=surroundings)
            if self._ready is not None
            else subprocess.run(
                command, capture_output=True, check=False, cwd=self.elsewhere,
                stdin=subprocess.DEVNULL, env=surroundings, timeout=600,
            )
        )  # fmt: skip
        out, err = done.stdout.decode(), done.stderr.decode()
        said = f"{' '.join(words)}: {done.returncode}\n{out}{err}"
        assert done.returncode == code, said
        assert "Traceback" not in err, said
        return out

    def do(self, command: Command) -> None:
        """Run a command of the manual and compare how it ends."""
        words = tuple(self._filled(word) for word in command.words)
        if words[0] == "python3":
            done = subprocess.run(
                [sys.executable, *words[1:]], capture_output=True, encoding="utf-8", check=False
            )
            assert done.returncode == command.code, done.stderr
            return
        assert words[0] == "ops", f"what is {words[0]}?"
        if command.stopped:
            self._until_stopped(words[1:])
        else:
            self.run(*words[1:], code=command.code)

    def _call(self, words: tuple[str, ...]) -> list[str]:
        return [sys.executable, str(ENTRY), "--app", str(self.app), "--lang", "en", *words]

    def _until_stopped(self, words: tuple[str, ...]) -> None:
        """Let a command run until it has done something, then press Ctrl+C."""
        before = self._newest()
        process = subprocess.Popen(
            self._call(words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
            env=os.environ | self.environment | {"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        assert process.stdout is not None
        if words[0] == "monitor":  # it says nothing while all is well
            while self._newest() <= before:
                assert process.poll() is None
        else:
            # A first look may know less than all: its line has a question mark.
            while "?" in (line := process.stdout.readline()):
                pass
            assert line, "it ended by itself"
        os.kill(process.pid, INTERRUPT)
        said, _ = process.communicate(timeout=60)
        # What health says at its end is how well all is, at that.
        expected = {0, 1, 2, 130} if words[0] == "health" else {0, 130}
        if INTERRUPT == KILL:
            expected = {KILLED}
        assert process.returncode in expected, (process.returncode, said)
        assert "Traceback" not in said, said

    def _newest(self) -> int:
        """Return when the history of health was written last."""
        return max(
            (path.stat().st_mtime_ns for path in self.settings.home.rglob("*.sqlite3*")), default=0
        )

    def _filled(self, word: str) -> str:
        """Return *word* with the manual's capital words replaced."""
        if word.startswith("COPY"):
            return word.replace("COPY", str(self.copy), 1)
        filled = word
        match word:
            case "ID":
                listed = Store(self.settings.store).listed() or Store(self.copy).listed()
                filled = next(one.point.id for one in listed if one.good)
            case "NUMBER":
                filled = str(list_incidents(self.settings, active_only=True)[0].id)
            case "TIME":
                filled = f"{datetime.now() + timedelta(hours=1):%Y-%m-%dT%H:%M}"
            case "FILE":
                filled = str(self.elsewhere / "기록.csv")
            case "FOLDER":
                self._folders += 1
                filled = str(self.elsewhere / f"빈 폴더 {self._folders}")
        return filled

    # ---- what happens to it ----------------------------------------------------------------

    def kill_program(self) -> None:
        """Kill the stand-in program as a power failure would."""
        for program in find_programs(self.settings):
            process = psutil.Process(program.pid)
            process.kill()
            process.wait()

    def start_other(self, code: str, *arguments: object) -> None:
        """Start another program that does *code*, and wait until it says that it did."""
        other = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)], cwd=ENTRY.parent,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip
        self.others.append(other)
        assert other.stdout is not None and other.stdout.readline() == "ready\n"

    def end(self) -> None:
        """End everything that was started."""
        for other in self.others:
            other.kill()
            other.communicate()
        for process in psutil.process_iter(["cmdline", "cwd"]):
            words = [*(process.info["cmdline"] or ()), process.info["cwd"] or ""]
            if any(word.startswith(str(self.elsewhere.parent)) for word in words):
                with contextlib.suppress(psutil.Error):
                    process.kill()

    def move_away(self) -> None:
        """Lose the machine: what is left is the copy, and a newly installed program."""
        new = self.elsewhere / "새 컴퓨터"
        new.mkdir()
        shutil.copy(self.app / "run_desktop_ui.py", new)
        shutil.copytree(self.app / "deployment", new / "deployment")
        shutil.rmtree(self.app)
        self.app = new
        self.configure({})
