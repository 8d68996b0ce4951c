"""What the tests of the way back share."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.backup.coverage import good_points
from core.backup.store import Store
from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.open_files import family
from core.base.operation import Context
from core.base.text import Finding
from core.switchover.way_back.checks import check_way_back

NOBODY, SOMEBODY = 65_534, 54_321
"""Users who are not root."""

Facts = dict[str, tuple[int, ...]]


def checked(settings: Settings) -> dict[str, Finding]:
    """Return the findings of the way back to the newest good point, by name; the worst of each."""
    points = good_points(settings, Store(settings.store).listed())
    found = check_way_back(Context(), settings, points[0] if points else None)
    return {one.name: one for one in sorted(found, key=lambda one: one.state == "failed")}


def states(settings: Settings) -> dict[str, str]:
    return {name: one.state for name, one in checked(settings).items()}


def live_facts(settings: Settings) -> Facts:
    """Return what even a look through a second name of a live file would change."""
    found = {}
    for file in settings.files:
        for path in family(file.path):
            if path.exists():
                status = path.lstat()
                found[str(path)] = (
                    status.st_ino, status.st_nlink, status.st_size, status.st_mtime_ns,
                    status.st_ctime_ns,
                )  # fmt: skip
    return found


def files_of(folder: Path) -> set[str]:
    """Return every path below *folder*, but for what marks the console's own folder."""
    own = {"scratch", "HOME.json", "ops_console", "console.lock"}
    return {str(path) for path in folder.rglob("*") if path.name not in own}


@pytest.fixture
def public(workspace_template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A workspace that other users can get to, all of it SOMEBODY's."""
    monkeypatch.setattr("core.switchover.way_back.checks.run_in_process", here)
    if sys.platform == "win32" or os.geteuid() != 0:
        pytest.skip("acting as another user needs root")
    folder = Path(tempfile.mkdtemp(prefix="wayback-"))
    folder.chmod(0o755)
    app = Path(shutil.copytree(workspace_template, folder / "app"))
    for path in (app, *app.rglob("*")):
        os.chown(path, SOMEBODY, SOMEBODY)
    yield load_settings(app, {}, app)
    shutil.rmtree(folder)


def here(
    function: Callable[..., object], context: Context, /, *args: object, **kwargs: object
) -> object:
    """ReadWizardState for `run_in_process`: other users may not get to this interpreter."""
    return function(context, *args, **kwargs)


def all_of(settings: Settings) -> list[Finding]:
    """Return all findings, with a small set."""
    return check_way_back(Context(), settings, None)


def findings_as(
    user: int, settings: Settings, look: Callable[[Settings], list[Finding]] = all_of
) -> list[Finding]:
    """Return what *look* finds when *user* asks, who may not be able to run this interpreter."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            found = look(settings)
            lines = "\n".join(one.model_dump_json() for one in found)
            os.write(writing, lines.encode())
            code = 0
        except BaseException:  # noqa: BLE001 (told, and the child ends here)
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        lines = answer.read().decode().splitlines()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    return [Finding.model_validate_json(line) for line in lines]


def states_as(user: int, settings: Settings) -> dict[str, str]:
    """Return how the way back is when *user* asks; the worst of each name."""
    found = sorted(findings_as(user, settings), key=lambda one: one.state == "failed")
    return {one.name: one.state for one in found}
