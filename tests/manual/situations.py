"""What must have happened before the commands of each scene of the manual."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from core.backup.create import CreateRestorePoint
from core.base.operation import Context
from core.monitoring.alerts.incidents import list_incidents
from core.program.control import ServiceStart, ServiceStop
from tests.manual.place import Place
from tests.program.test_units import SYSTEMCTL

LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("UPDATE strategies SET is_active = is_active")
connection.execute("PRAGMA locking_mode = EXCLUSIVE")
connection.execute("BEGIN EXCLUSIVE")
connection.execute("CREATE TABLE held (x)")
print("ready", flush=True)
input()
"""
BUSY = """
import sys
from pathlib import Path
from core.base.config.load import load_settings
from core.base.lock import console_lock
app = Path(sys.argv[1])
with console_lock(load_settings(app, {}, app), "rollback"):
    print("ready", flush=True)
    input()
"""
CUT_OFF = """
import os, sys
from pathlib import Path
import core.promote.engine
from core.base.config.load import load_settings
from core.runner.run import run_operation
from core.base.operation import Context
from core.monitoring.alerts.incidents import list_incidents
from core.switchover.rollback import Rollback

if __name__ == "__main__":
    app = Path(sys.argv[1])
    settings = load_settings(app, {}, app)
    core.promote.engine.make_live = lambda *_: os._exit(9)
    run_operation(settings, Rollback(settings, sys.argv[2]), Context(), "test")
"""


def start(place: Place) -> None:
    ServiceStart(place.settings).run(Context())


def stop(place: Place) -> None:
    ServiceStop(place.settings).run(Context())


def backup(place: Place) -> str:
    return CreateRestorePoint(place.settings).run(Context()).id


def running(place: Place) -> None:
    start(place)
    backup(place)


def copied(place: Place) -> None:
    backup(place)
    place.run("backup", "copy", "--to", str(place.copy), "--create")


def kept_elsewhere(place: Place) -> None:
    start(place)
    copied(place)


def nothing(place: Place) -> None:
    """A workspace as it was made."""


def alerted(place: Place) -> None:
    calm = {"program_not_running": {"for_seconds": 0}}
    start(place)
    backup(place)
    place.configure({}, rules=calm)
    place.kill_program()
    # A busy machine may leave it no second of the five.
    while not list_incidents(place.settings, active_only=True):
        place.run("monitor", "--seconds", "5")


def locked(place: Place) -> None:
    backup(place)
    place.start_other(LOCK, place.settings.file("strategies").path)


def damaged(place: Place) -> None:
    running(place)
    path = place.settings.file("strategies").path
    with path.open("r+b") as file:
        file.seek(5 * 4096)
        file.write(os.urandom(20 * 4096))


def missing(place: Place) -> None:
    running(place)
    stop(place)
    for path in place.app.glob("data/settings.sqlite3*"):
        path.unlink()


def full_disk(place: Place) -> None:
    """Move the workspace to a small disk, fill it, and let the program die of it."""
    disk = place.elsewhere / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)]
    subprocess.run(mount, check=True, capture_output=True)
    place.app = Path(shutil.copytree(place.app, disk / "app"))
    place.configure({}, rules={"cpu": {"enabled": False}})
    place.run("backup", "create")
    place.run("backup", "create")
    place.run("backup", "copy", "--to", str(place.copy), "--create")
    # Unbuffered: what the last write left over would be tried once more, and fail, at the end.
    with (disk / "ballast").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(65_536))
        except OSError:
            pass


def mistaken(place: Place) -> None:
    running(place)
    connection = sqlite3.connect(place.settings.file("strategies").path)
    connection.execute("DELETE FROM execution_history")
    connection.commit()
    connection.close()


def rolled_back(place: Place) -> None:
    mistaken(place)
    place.run("rollback", "--yes")


def failing_release(place: Place) -> None:
    running(place)
    place.configure({"program": {"environment": {"DEMO_FAIL": "exit_at_start"}}})


def migrated(place: Place) -> None:
    running(place)
    place.run("migrate", "run", "--yes")


def deployed(place: Place) -> None:
    running(place)
    place.run("deploy", "run", "--yes")


def interrupted(place: Place) -> None:
    point = backup(place)
    done = subprocess.run(
        [sys.executable, "-c", CUT_OFF, place.app, point], cwd=Path(__file__).parents[2],
        check=False, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 9, done.stderr


def busy(place: Place) -> None:
    backup(place)
    place.start_other(BUSY, place.app)


def lost(place: Place) -> None:
    copied(place)
    place.move_away()


def with_systemd(place: Place) -> None:
    base = place.elsewhere / "system"
    tool = base / "bin" / "systemctl"
    tool.parent.mkdir(parents=True)
    tool.write_text(SYSTEMCTL.format(python=sys.executable, base=str(base)), encoding="utf-8")
    tool.chmod(0o755)
    place.environment = {
        "PATH": f"{tool.parent}{os.pathsep}{os.environ['PATH']}",
        "XDG_CONFIG_HOME": str(base / "config"),
    }


SITUATIONS: dict[str, Callable[[Place], object]] = {
    "start": backup,
    "stop": start,
    "restart": start,
    "supervise": nothing,
    "install": with_systemd,
    "look": running,
    "watch": running,
    "alert": alerted,
    "overload": running,
    "locked": locked,
    "unlocked": running,
    "damaged": damaged,
    "missing": missing,
    "disk-full": full_disk,
    "disk-freed": backup,
    "rollback": mistaken,
    "rollback-again": rolled_back,
    "migrate": running,
    "migration-failed": failing_release,
    "migration-mended": backup,
    "migration-undo": migrated,
    "before-deployment": kept_elsewhere,
    "deploy": running,
    "after-deployment": deployed,
    "deploy-back": deployed,
    "interrupted": interrupted,
    "busy": busy,
    "copy": backup,
    "lost": lost,
    "no-console": copied,
    "drill": kept_elsewhere,
    "practice": nothing,
    "go-live": running,
    "names": rolled_back,
}
