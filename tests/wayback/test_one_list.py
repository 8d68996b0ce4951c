"""One list of checks: whoever asks before the day is told the same."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from core.backup.store import Store
from core.base.config.models import Settings
from core.base.folders import AREA
from core.base.operation import Context
from core.release.plan import DeployPlan
from core.switchover.rollback import RollbackDryRun
from core.verification.system import VerifySystem
from migration.run.preflight import Preflight
from tests.cli.test_commands import as_json
from tests.release.conftest import Site, site
from tests.small_disk import mounted
from tests.wayback.test_room import fill_up_to

__all__ = ["site"]


def asked(settings: Settings) -> dict[str, dict[str, bool]]:
    """Return who says what: whether all is well, by the names of the checks."""
    point = Store(settings.store).listed()[0].point.id
    system = VerifySystem(settings).run(Context()).findings
    dry_run = RollbackDryRun(settings, point).run(Context()).checks
    migration = Preflight(settings).run(Context()).checks
    deployment = DeployPlan(settings).run(Context()).checks
    said: dict[str, dict[str, bool]] = {}
    for who, checks in {
        "system": [(one.name, one.state != "failed") for one in system],
        "rollback": [(one.name, one.state != "failed") for one in dry_run],
        "migration": [(one.name, one.ok is not False) for one in migration],
        "deployment": [(one.name, one.state != "failed") for one in deployment],
    }.items():
        said[who] = {}
        for name, well in checks:
            said[who][name] = well and said[who].get(name, True)
    said["deployment"]["room"] = said["deployment"]["disk_space"]
    return said


@contextmanager
def interpreter_gone(settings: Settings) -> Iterator[Settings]:
    program = settings.program.model_copy(update={"start": ("/nowhere/python3", "x.py")})
    yield settings.model_copy(update={"program": program})


@contextmanager
def disk_short(settings: Settings) -> Iterator[Settings]:
    """Let the databases that scripts change lie on a small disk that is soon full."""
    with mounted(settings.app.parent / "small", 32) as disk:
        moved = []
        for file in settings.files:
            if file.kind == "database":
                moved.append(file.model_copy(update={"path": disk / file.path.name}))
                shutil.move(file.path, disk / file.path.name)
                file.path.symlink_to(disk / file.path.name)
            else:
                moved.append(file)
        fill_up_to(disk, 200_000)
        yield settings.model_copy(update={"files": tuple(moved)})


@contextmanager
def file_in_the_area_s_place(settings: Settings) -> Iterator[Settings]:
    (settings.data_folder / AREA).write_text("in the way", encoding="utf-8")
    yield settings


@pytest.mark.skipif(sys.platform == "win32", reason="small disks and links need another system")
@pytest.mark.parametrize(
    ("hinder", "name"),
    [(interpreter_gone, "start"), (disk_short, "room"), (file_in_the_area_s_place, "trial")],
)
def test_everyone_who_is_asked_says_the_same(
    site: Site, hinder: Callable[[Settings], AbstractContextManager[Settings]], name: str
) -> None:
    site.configure(site.release("one"), data=str(site.settings.data_folder))
    everyone = ("system", "rollback", "migration", "deployment")
    said = asked(site.settings)
    assert {who: said[who][name] for who in everyone} == dict.fromkeys(everyone, True)
    with hinder(site.settings) as settings:
        said = asked(settings)
    assert {who: said[who][name] for who in everyone} == dict.fromkeys(everyone, False)


def test_a_dry_run_on_the_command_line_ends_with_what_would_fail(
    settings: Settings,
) -> None:
    as_json(settings, "backup", "create")
    plan = as_json(settings, "rollback", "--dry-run")
    assert {one["state"] for one in plan["checks"]} == {"ok"}
    (settings.app / "ops_console.yaml").write_text(
        "program:\n  start: [/nowhere/python3, run_desktop_ui.py]\n", encoding="utf-8"
    )
    plan = as_json(settings, "rollback", "--dry-run", code=3)
    assert [one["name"] for one in plan["checks"] if one["state"] == "failed"] == ["start"]
