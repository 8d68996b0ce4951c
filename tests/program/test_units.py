"""What the system is told to run: a unit and a task, as text and installed by their tools."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import psutil
import pytest

from core.base.config.models import Settings
from core.base.operation import OperationError
from core.program import task_windows, unit_systemd
from core.program.find import find_program
from core.program.models import Unit
from core.program.runs import read_supervision
from core.program.unit import ToolFailed
from tests.program.conftest import Console, supervised, until

ODD = "업비트 자동 100% $HOME \"q\" 'a' b\\c;d#e"
NS = {"t": task_windows.NAMESPACE}

linux = pytest.mark.skipif(
    sys.platform == "win32",
    reason="systemd, and scripts that stand for a system's tools, are Linux's",
)


def unit(app: str, environment: Mapping[str, str] | None = None, target: str = "") -> str:
    command = (sys.executable, "/opt/콘솔 %h/run.py", "--app", app, "service", "supervise")
    return unit_systemd.unit_text(
        Path(app), command, environment or {}, 30.0, target or "default.target"
    )


def unquoted(line: str) -> list[str]:
    """Read words as systemd.syntax(7) says, independently of how they were written."""
    words = []
    for match in re.finditer(r'"((?:[^"\\\\]|\\\\.)*)"|(\\S+)'.replace("\\\\", "\\"), line):
        word = match.group(1) if match.group(1) is not None else match.group(2)
        word = re.sub(r"\\x([0-9a-f]{2})", lambda one: chr(int(one.group(1), 16)), word)
        words.append(re.sub(r'\\(["\\])', r"\1", word).replace("%%", "%"))
    return words


@pytest.mark.parametrize("app", ["/plain", f"/srv/{ODD}", "/srv/line\nbreak\ttab", "/srv/끝\\"])
def test_every_path_arrives_as_it_is(app: str) -> None:
    text = unit(app, {"OPS_CONSOLE_HOME": app})
    lines = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    words = unquoted(lines["ExecStart"].removeprefix(":"))
    assert words == [sys.executable, "/opt/콘솔 %h/run.py", "--app", app, "service", "supervise"]
    assert unquoted(lines["Environment"]) == [f"OPS_CONSOLE_HOME={app}"]
    assert lines["KillMode"] == "process" and lines["SendSIGKILL"] == "no"
    assert lines["TimeoutStopSec"] == "90"


def test_what_no_unit_can_hold_is_refused() -> None:
    for app in ("/srv/\udcff", "/srv/\0"):
        with pytest.raises(OperationError, match="cannot hold"):
            unit(app)


@linux
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("target", ["default.target", "graphical-session.target"])
def test_systemd_finds_no_fault(tmp_path: Path, target: str) -> None:
    app = tmp_path / "업비트 자동 100% $HOME 'a' b\\c;d#e"
    path = tmp_path / "upbit-ops-console-test.service"

    def verify(text: str) -> str:
        path.write_text(text, encoding="utf-8")
        done = subprocess.run(
            ["systemd-analyze", "verify", "--user", "--man=no", str(path)],
            capture_output=True, encoding="utf-8", check=False,
            env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        )  # fmt: skip
        return done.stdout + done.stderr

    text = unit(str(app), {"OPS_CONSOLE_HOME": str(app)}, target)
    assert verify(text) == ""
    assert "Failed to parse" in verify(text.replace("on-failure", "on failure"))


# ---- against a systemctl that keeps and starts units -----------------------------------------

SYSTEMCTL = """#!{python}
import json, os, re, subprocess, sys
from pathlib import Path
base = Path({base!r})
words = [word for word in sys.argv[1:] if not word.startswith("--") or word == "--now"]
log = base / "calls.jsonl"
with log.open("a") as file:
    file.write(json.dumps(sys.argv[1:]) + "\\n")
broken = (base / "broken").read_text().split() if (base / "broken").exists() else []
if words[0] in broken:
    sys.exit(f"Failed to {{words[0]}}: broken on purpose")
if words[0] == "is-active":
    sys.exit(3)
if words[0] in ("show", "daemon-reload", "reset-failed"):
    sys.exit(0)
unit = base / "config" / "systemd" / "user" / words[-1]
wants = base / "enabled"
if words[0] == "disable":
    wants.unlink(missing_ok=True)
elif words[0] == "enable":
    if not unit.exists():
        sys.exit(f"Failed to enable unit: Unit file {{words[-1]}} does not exist.")
    wants.write_text(words[-1])
    if "--now" in words and not (base / "lame").exists():
        [line] = re.findall("^ExecStart=:(.*)$", unit.read_text(), re.M)
        command = [word.strip('"').replace("%%", "%") for word in
                   re.findall('"[^"]*"|[^ ]+', line)]
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL, start_new_session=True,
                         env={{**os.environ, "INVOCATION_ID": "x"}})
"""


class System:
    """A systemd of the test's own."""

    def __init__(self, base: Path, console: Console) -> None:
        self.base, self.console = base, console
        tools = base / "bin"
        tools.mkdir(parents=True)
        tool = tools / "systemctl"
        tool.write_text(SYSTEMCTL.format(python=sys.executable, base=str(base)), encoding="utf-8")
        tool.chmod(0o755)
        console.environment = {
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "XDG_CONFIG_HOME": str(base / "config"),
        }

    def units(self) -> list[Path]:
        return sorted((self.base / "config").rglob("*.service"))

    @property
    def enabled(self) -> bool:
        return (self.base / "enabled").exists()

    def break_(self, *words: str) -> None:
        (self.base / "broken").write_text(" ".join(words), encoding="utf-8")

    def calls(self) -> list[list[str]]:
        return [
            json.loads(line)
            for line in (self.base / "calls.jsonl").read_text(encoding="utf-8").splitlines()
        ]

    def run(self, *words: str, code: int = 0) -> Any:
        done = self.console.run("service", *words, "--json")
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def system(console: Console, tmp_path: Path) -> Iterator[System]:
    yield System(tmp_path / "system d", console)


@linux
def test_install_begins_and_remove_leaves_the_program(system: System, settings: Settings) -> None:
    installed = system.run("install")
    assert [str(path) for path in system.units()] == [installed["path"]]
    assert system.units()[0].read_text(encoding="utf-8") == installed["text"] and system.enabled
    state = supervised(settings, "watching")
    assert state.run_by == "systemd"
    program = until(lambda: find_program(settings))
    status = system.run("status")
    assert status["how"] == "unit" and status["unit"] == installed["name"]
    # Installing again hands the program over without touching it.
    system.run("install")
    again = until(lambda: (one := read_supervision(settings)) and one.program_pid and one)
    assert again.pid != state.pid and again.program_pid == program.pid
    removed = system.run("remove")
    assert removed["was_installed"] and removed["program_runs"]
    assert system.units() == [] and not system.enabled and read_supervision(settings) is None
    assert psutil.pid_exists(program.pid) and system.run("status")["how"] == "detached"
    assert system.run("remove") == {
        "name": installed["name"].removesuffix(".service"), "was_installed": False,
        "program_runs": False,
    }  # fmt: skip


@linux
def test_a_supervisor_by_hand_makes_way(
    system: System, console: Console, settings: Settings
) -> None:
    by_hand = console.start("service", "supervise")
    program = until(lambda: find_program(settings))
    supervised(settings, "watching")
    system.run("install")
    said, _ = by_hand.communicate(timeout=30)
    assert by_hand.returncode == 0 and "runs on, unsupervised" in said
    state = supervised(settings, "watching")
    assert state.run_by == "systemd" and state.program_pid == program.pid


@pytest.mark.parametrize("broken", ["show", "daemon-reload", "enable"])
@linux
def test_nothing_is_half_installed(system: System, settings: Settings, broken: str) -> None:
    system.break_(broken)
    error = system.run("install", code=1)["error"]
    assert (
        "broken on purpose" in error["happened"] and "Nothing is installed" in error["data_state"]
    )
    assert system.units() == [] and not system.enabled
    assert find_program(settings) is None and system.run("status", code=1)["unit"] is None


@linux
def test_a_supervisor_that_does_not_come_is_not_installed(
    system: System, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    from core.base.operation import Context
    from core.program import unit as module

    (system.base / "lame").touch()
    for name, value in system.console.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(module, "BEGIN_SECONDS", 0.2)
    with pytest.raises(OperationError, match="did not come"):
        module.Install(settings).run(Context())
    assert system.units() == [] and not system.enabled


@linux
def test_a_failed_reinstallation_keeps_the_former(system: System) -> None:
    path = system.base / "config" / "systemd" / "user"
    name = system.run("install", "--dry-run")["name"]
    path.mkdir(parents=True)
    (path / name).write_text("[Service]\nExecStart=/bin/true\n", encoding="utf-8")
    system.break_("enable")
    system.run("install", code=1)
    assert (path / name).read_text(encoding="utf-8") == "[Service]\nExecStart=/bin/true\n"


@linux
def test_remove_that_is_refused_says_so(system: System, settings: Settings) -> None:
    system.run("install")
    supervised(settings, "watching")
    system.break_("disable")
    assert "broken on purpose" in system.run("remove", code=1)["error"]["happened"]
    assert len(system.units()) == 1


@linux
def test_without_a_bus_it_says_what_to_do(console: Console, tmp_path: Path) -> None:
    if shutil.which("systemctl") is None:
        pytest.skip("needs systemctl")
    console.environment = {
        "XDG_RUNTIME_DIR": str(tmp_path), "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }  # fmt: skip
    done = console.run("service", "install", "--json")
    assert done.returncode == 1
    error = json.loads(done.stdout)["error"]
    assert "cannot be reached" in error["happened"] and "enable-linger" in error["to_do"]
    assert not (tmp_path / "config").exists()


@linux
def test_without_systemd_it_says_so(console: Console, tmp_path: Path) -> None:
    console.environment = {"PATH": str(tmp_path)}
    done = console.run("service", "install")
    assert done.returncode == 1 and "systemctl: not found" in done.stderr


# ---- the scheduled task ---------------------------------------------------------------------


def task(app: str = r"C:\업비트 자동 100%", user: str = r"PC\운영자 <&>") -> ElementTree.Element:
    command = (r"C:\Program Files\Python\python.exe", r"C:\콘솔 폴더\run_ops_console.py",
               "--app", app, "service", "supervise", "--resume")  # fmt: skip
    text = task_windows.task_text(Path(app), command, user)
    data = task_windows.task_bytes(text)
    assert data[:2] in {b"\xff\xfe", b"\xfe\xff"}, "UTF-16 with its mark"
    return ElementTree.fromstring(data)


def test_the_task_is_what_the_schema_says() -> None:
    root = task()
    assert root.tag == f"{{{task_windows.NAMESPACE}}}Task" and root.get("version") == "1.4"
    assert [one.tag.split("}")[1] for one in root] == [
        "RegistrationInfo", "Triggers", "Principals", "Settings", "Actions",
    ]  # fmt: skip
    run = root.find("t:Actions/t:Exec", NS)
    assert run is not None
    assert run.findtext("t:Command", namespaces=NS) == r"C:\Program Files\Python\python.exe"
    assert run.findtext("t:Arguments", namespaces=NS) == (
        '"C:\\콘솔 폴더\\run_ops_console.py" --app "C:\\업비트 자동 100%" '
        "service supervise --resume"
    )
    assert run.findtext("t:WorkingDirectory", namespaces=NS) == r"C:\콘솔 폴더"
    assert root.findtext("t:Triggers/t:LogonTrigger/t:UserId", namespaces=NS) == r"PC\운영자 <&>"
    principal = root.find("t:Principals/t:Principal", NS)
    actions = root.find("t:Actions", NS)
    assert principal is not None and actions is not None
    assert actions.get("Context") == principal.get("id")
    values = {one.tag.split("}")[1]: one.text for one in root.find("t:Settings", NS) or ()}
    assert values["ExecutionTimeLimit"] == "PT0S" and values["AllowHardTerminate"] == "false"
    assert values["MultipleInstancesPolicy"] == "IgnoreNew"
    assert re.fullmatch(r"PT\d+M", root.findtext("t:Settings/t:RestartOnFailure/t:Interval",
                                                 namespaces=NS) or "")  # fmt: skip


@pytest.mark.parametrize("app", ["C:\\%TEMP%\\app", "C:\\a\x01b", "C:\\\ud800"])
def test_what_no_task_can_hold_is_refused(app: str) -> None:
    with pytest.raises(OperationError, match="cannot hold"):
        task(app)


def test_a_task_does_not_see_the_consoles_variables(settings: Settings) -> None:
    with pytest.raises(OperationError, match="OPS_CONSOLE_HOME"):
        task_windows.describe("x", settings, ("python", "run"), {"OPS_CONSOLE_HOME": "y"})


SCHTASKS = """#!{python}
import sys
from pathlib import Path
base = Path({base!r})
words = sys.argv[1:]
with (base / "calls").open("a") as file:
    file.write(" ".join(words[:3]) + "\\n")
if (base / "broken").exists() and words[0] == (base / "broken").read_text():
    sys.exit("ERROR: broken on purpose")
name = words[words.index("/TN") + 1] if "/TN" in words else None
task = base / f"{{name}}.xml"
if words[0] == "/Create":
    task.write_bytes(Path(words[words.index("/XML") + 1]).read_bytes())
elif words[0] == "/Delete":
    task.unlink()
elif (base / "mute").exists():
    sys.exit(0)
elif name is not None and not task.exists():
    sys.exit("ERROR: The system cannot find the file specified.")
elif name is not None and "/XML" in words:
    sys.stdout.write(task.read_bytes().decode("utf-16"))
"""


@pytest.fixture
def scheduler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    base = tmp_path / "scheduler"
    base.mkdir()
    tool = base / "schtasks"
    tool.write_text(SCHTASKS.format(python=sys.executable, base=str(base)), encoding="utf-8")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{base}{os.pathsep}{os.environ['PATH']}")
    return base


@linux
def test_a_scheduler_that_does_nothing_has_installed_nothing(scheduler: Path) -> None:
    (scheduler / "mute").touch()
    assert task_windows.installed("upbit-x") is None


@linux
def test_a_task_comes_and_goes(scheduler: Path) -> None:
    text = task_windows.task_text(Path("/앱"), ("python.exe", "/c/run.py"), "user")
    made = Unit(kind="task", name="upbit-x", path=None, text=text)
    assert task_windows.installed("upbit-x") is None
    task_windows.require_reachable()
    with task_windows.installing(made):
        pass
    assert (scheduler / "upbit-x.xml").read_bytes() == task_windows.task_bytes(text)
    assert task_windows.installed("upbit-x") == "upbit-x"
    task_windows.remove("upbit-x")
    assert task_windows.installed("upbit-x") is None
    with pytest.raises(ToolFailed):
        task_windows.remove("upbit-x")


def test_a_unit_that_stays_is_told(
    scheduler: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    from core.base.operation import Context
    from core.program import unit as module

    monkeypatch.setattr(module, "system", task_windows)
    monkeypatch.setattr(task_windows, "installed", lambda name: name)
    with pytest.raises(OperationError, match="could not be removed"):
        module.Remove(settings).run(Context())


@pytest.mark.parametrize("broken", ["/Create", "/Run"])
@linux
def test_no_task_is_half_registered(scheduler: Path, broken: str) -> None:
    (scheduler / "broken").write_text(broken, encoding="utf-8")
    made = Unit(kind="task", name="upbit-x", path=None, text="<Task/>")
    with (
        pytest.raises(OperationError, match="broken on purpose"),
        task_windows.installing(made),
    ):
        pass
    assert not (scheduler / "upbit-x.xml").exists()


def test_words_of_the_shell_stay_words() -> None:
    """What `shlex` would split, one word of the unit holds."""
    word = "a b; rm -rf $HOME `x` && y"
    assert len(shlex.split(word)) > 1
    assert unquoted(unit_systemd.quoted(word)) == [word]


@linux
def test_a_supervisor_that_systemd_stops_stops_the_program(
    system: System, settings: Settings
) -> None:
    system.run("install")
    state = supervised(settings, "watching")
    pid = until(lambda: (one := find_program(settings)) and one.pid)
    os.kill(state.pid, signal.SIGTERM)
    until(lambda: read_supervision(settings) is None)
    assert not psutil.pid_exists(pid) and system.run("status", code=1)["wanted"] is None
