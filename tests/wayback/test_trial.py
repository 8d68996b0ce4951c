"""What is said of the way back is what happens on it, and asking leaves nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.backup.store import Store
from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.folders import AREA
from core.base.operation import Cancelled, Context, OperationError
from core.base.rights import rights_of
from core.runner.run import Recover, needs_recovery
from core.switchover.rollback import Rollback
from core.switchover.way_back.room import differences
from core.switchover.way_back.trial import BACK, try_way_back
from tests.links import make_link
from tests.wayback.conftest import (
    NOBODY,
    SOMEBODY,
    checked,
    files_of,
    findings_as,
    live_facts,
    states,
    states_as,
)

ROOT = Path(__file__).resolve().parents[2]
as_root = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="acting as another user needs root"
)


def test_a_way_back_that_works_is_tried_and_touches_no_live_file(settings: Settings) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    before, files = live_facts(settings), files_of(settings.app)
    found = checked(settings)
    assert {one.state for one in found.values()} == {"ok"}, found
    assert point.id in str(found["trial"].evidence)
    assert live_facts(settings) == before
    assert files_of(settings.app) == files
    assert not needs_recovery(settings)
    assert Rollback(settings, point.id).run(Context()).point_id == point.id


def test_a_program_at_work_goes_on_with_its_work(
    settings: Settings, trading_program: subprocess.Popen[bytes]
) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    identities = {path: facts[:2] for path, facts in live_facts(settings).items()}
    found = checked(settings)
    assert {one.state for one in found.values()} == {"ok"}, found
    assert trading_program.poll() is None
    assert {path: facts[:2] for path, facts in live_facts(settings).items()} == identities
    assert not list(settings.data_folder.glob(AREA))


def test_without_a_restore_point_a_small_set_is_tried(settings: Settings) -> None:
    assert {one.state for one in checked(settings).values()} == {"ok"}
    for file in settings.files:
        file.path.unlink(missing_ok=True)
    shutil.rmtree(settings.file("api_credentials").path.parent)
    files = files_of(settings.app)
    assert states(settings)["trial"] == "ok", "a machine that lost everything"
    assert files_of(settings.app) == files, "no folder stays either"


def test_a_restore_point_whose_bytes_are_gone_fails_as_the_rollback_would(
    settings: Settings,
) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    pack = next(Store(settings.store).packs.iterdir())
    pack.write_bytes(pack.read_bytes()[: pack.stat().st_size // 2])
    files = files_of(settings.app)
    found = checked(settings)["trial"]
    assert found.state == "failed" and point.id in str(found.evidence)
    assert files_of(settings.app) == files
    with pytest.raises(OperationError):
        Rollback(settings, point.id).run(Context())


@as_root
def test_a_folder_that_may_not_be_written_is_told(public: Settings) -> None:
    public.home.mkdir()
    os.chown(public.home, NOBODY, NOBODY)
    for file in public.databases:
        file.path.chmod(0o666)
    assert states_as(NOBODY, public)["swappable"] == "failed"
    public.data_folder.chmod(0o777 | 0o1000)
    assert states_as(NOBODY, public)["swappable"] == "failed", "sticky: not his to take away"


@as_root
def test_files_of_another_user_are_told_before_they_come_back_as_ones_own(
    public: Settings,
) -> None:
    for folder in (public.data_folder, public.file("api_credentials").path.parent):
        folder.chmod(0o777)
    for file in public.files:
        file.path.chmod(0o666)
    public.home.mkdir(mode=0o700)
    os.chown(public.home, NOBODY, NOBODY)
    found = findings_as(NOBODY, public)
    told = [one for one in found if one.name in {"swappable", "rights"} and one.state == "failed"]
    assert len(told) == len(public.files)
    assert str(SOMEBODY) in str(told[0].evidence)
    public.file("settings").path.chmod(0o600)
    assert states_as(NOBODY, public)["swappable"] == "failed", "he could not even compare it"
    # The owner himself has no such trouble.
    for path in (public.home, *public.home.rglob("*")):
        os.chown(path, SOMEBODY, SOMEBODY)
    found_by_owner = states_as(SOMEBODY, public)
    assert found_by_owner["rights"] == found_by_owner["trial"] == "ok"


@as_root
@pytest.mark.parametrize("acl", [False, True])
def test_what_is_said_of_the_rights_is_what_the_rollback_gives(
    settings: Settings, acl: bool
) -> None:
    path = settings.file("settings").path
    os.chown(path, NOBODY, SOMEBODY)
    path.chmod(0o640)
    if acl:
        tool = shutil.which("setfacl")
        if (
            tool is None
            or subprocess.run([tool, "-m", f"u:{NOBODY}:rw", path], check=False).returncode
        ):
            pytest.skip("no access control lists here")
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    before = rights_of(path)
    said = states(settings)["rights"]
    Rollback(settings, point.id).run(Context())
    kept = not differences(before, rights_of(path))
    assert said == ("ok" if kept else "failed")


# ---- nothing is left -----------------------------------------------------------------------


class CancelledAt(Context):
    """Cancels when progress is reported for the *count*-th time."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.left = count

    def on_progress(self, progress: object) -> None:
        self.left -= 1
        if self.left == 0:
            self.cancel()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_cancelled_it_leaves_nothing(settings: Settings, count: int) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    files = files_of(settings.app)
    with pytest.raises(Cancelled):
        try_way_back(CancelledAt(count), settings, settings.files,
                     Store(settings.store).listed()[0])  # fmt: skip
    assert files_of(settings.app) == files


STOPPED_AT = """
import os, signal, sys
from pathlib import Path
from core.base.config.load import load_settings
from core.base.operation import Context
from core.backup.store import Store
from core.switchover.way_back import trial

def stop(*_args, **_kwargs):
    print("there", flush=True)
    input()

if __name__ == "__main__":
    app = Path(sys.argv[1])
    settings = load_settings(app, {}, app)
    setattr(trial, sys.argv[2], stop)
    point = Store(settings.store).listed()[0] if sys.argv[3] == "point" else None
    trial.try_way_back(Context(), settings, settings.files, point)
"""


@pytest.mark.parametrize("where", ["promote", "_require_sound", "promote_parked", "discard_parked"])
def test_killed_it_is_swept_and_not_before(settings: Settings, tmp_path: Path, where: str) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    files = files_of(settings.app)
    script = tmp_path / "stopped.py"
    script.write_text(STOPPED_AT, encoding="utf-8")
    trying = subprocess.Popen(
        [sys.executable, script, settings.app, where, "point"], cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert trying.stdout is not None and trying.stdout.readline().strip() == b"there"
    areas = sorted(settings.app.rglob(f"{AREA}/try-*"))
    there = [path for path in areas if AREA not in path.parent.parent.parts]
    assert len(there) == 2, "beside the databases, and beside the credentials"
    assert not needs_recovery(settings), "somebody is at work there"
    Recover(settings).run(Context())
    assert all(path.is_dir() for path in there)
    trying.kill()
    trying.communicate()
    assert needs_recovery(settings)
    Recover(settings).run(Context())
    assert files_of(settings.app) == files
    assert not needs_recovery(settings)


def test_a_second_swap_that_fails_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    files = files_of(settings.app)
    replace = Path.hardlink_to

    def refuse(self: Path, target: Path) -> None:
        if f"{AREA}/{BACK}" in self.as_posix():
            raise OSError(28, os.strerror(28), str(self))
        replace(self, target)

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    found = checked(settings)["trial"]
    assert found.state == "failed" and os.strerror(28) in str(found.evidence)
    assert files_of(settings.app) == files


def test_links_and_folders_with_spaces_and_hangul_are_no_hindrance(
    workspace: Path, tmp_path: Path
) -> None:
    real = tmp_path / "시장 데이터"
    real.mkdir()
    path = workspace / "data" / "market_data.sqlite3"
    path.rename(real / path.name)
    make_link(path, real / path.name)
    settings = load_settings(workspace, {}, workspace)
    create_restore_point(Context(), settings, Reason.MANUAL)
    assert {one.state for one in checked(settings).values()} == {"ok"}
    assert not list(real.glob(AREA))
