"""Going back, rehearsing, packages and tags, old releases."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import subprocess
from pathlib import Path

import pytest

import core.base.bootstrap
from core.backup.store import Store
from core.base.operation import Context, OperationError
from core.program.control import ServiceStart, ServiceStop
from core.program.find import find_program, find_programs
from core.program.release import read_pointer, read_release
from core.program.windows import LAUNCHER
from core.release.log import history_as_it_is
from core.release.models import Ending, RecordKind
from core.release.plan import DeployPlan
from core.release.rehearse import DeployRehearse
from core.release.releases import deploy_status
from core.release.rollback import DeployRollback, ways_back
from core.runner.run import run_operation
from tests.links import make_link
from tests.release.conftest import Site, wheel

pytestmark = pytest.mark.usefixtures("quick")


def names(site: Site) -> set[str]:
    return {str(row[0]) for row in site.rows("SELECT name FROM sqlite_schema")}


def test_code_and_data_return_as_a_pair(running: Site) -> None:
    settings = running.settings
    running.run_sql("CREATE TABLE under_legacy (x)")
    first = running.deploy(running.release("one"), keep_releases=2)
    running.run_sql("CREATE TABLE under_one (x)")
    running.deploy(running.release("two"), keep_releases=2)
    running.run_sql("CREATE TABLE under_two (x)")
    back = run_operation(settings, DeployRollback(settings), Context(), "test")
    assert running.version == "one" and back.version == "one"
    assert {"under_legacy", "under_one"} <= names(running) and "under_two" not in names(running)
    kept = Store(settings.store).get(back.kept_point).point
    assert "under_two" in {table.name for file in kept.files if file.database
                           for table in file.database.tables}  # fmt: skip
    pointer = read_pointer(settings)
    assert pointer is not None and pointer.restore_point == first.restore_point
    # Stopped and started by hand, it is the release in production that starts.
    run_operation(settings, ServiceStop(settings), Context(), "test")
    run_operation(settings, ServiceStart(settings), Context(), "test")
    assert running.version == "one"
    two = next(one.pointer for one in ways_back(settings) if one.pointer)
    forward = run_operation(settings, DeployRollback(settings, two.deployment), Context(), "test")
    assert running.version == "two" and forward.release == two.release
    assert "under_two" in names(running)
    assert [(one.kind, one.ending) for one in history_as_it_is(settings)[0]] == [
        (RecordKind.ROLLBACK, Ending.DONE), (RecordKind.ROLLBACK, Ending.DONE),
        (RecordKind.DEPLOY, Ending.DONE), (RecordKind.DEPLOY, Ending.DONE),
    ]  # fmt: skip
    with pytest.raises(OperationError, match="no way back to nowhere"):
        run_operation(settings, DeployRollback(settings, "nowhere"), Context(), "test")
    running.deploy(running.release("three"), keep_releases=2)
    kept_releases = deploy_status(settings).releases
    assert len(kept_releases) == 2
    assert [read_release(settings.app / "deployment" / "releases" / one).version
            for one in kept_releases] == ["three", "two"]  # fmt: skip


def test_back_to_before_the_first_release(running: Site) -> None:
    legacy = find_program(running.settings)
    assert legacy is not None
    running.deploy(running.release("one"))
    result = run_operation(running.settings, DeployRollback(running.settings), Context(), "test")
    program = find_program(running.settings)
    assert result.release is None and running.version == "legacy"
    assert program is not None and program.command == legacy.command
    assert read_pointer(running.settings) is None
    with pytest.raises(OperationError, match="nothing to go back to"):
        run_operation(running.settings, DeployRollback(running.settings), Context(), "test")


def test_a_rehearsal_touches_nothing(
    running: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UPBIT_SECRET_KEY", "the key of the exchange")
    seen = tmp_path / "seen"
    look = (
        "if __name__ == '__main__':\n    import json, os, pathlib\n"
        f"    pathlib.Path({str(seen)!r}).write_text(json.dumps(("
        "os.environ.get('UPBIT_SECRET_KEY'), "
        "os.environ['UPBIT_ENVIRONMENT'], os.environ['UPBIT_DATA_DIR'],"
        " os.path.exists(os.environ['UPBIT_CONFIG_DIR'] + '/secure'))))\n"
    )
    settings = running.settings
    (program,), points = find_programs(settings), len(Store(settings.store).listed())
    running.configure(running.release("one", look))
    result = run_operation(settings, DeployRehearse(settings), Context(), "test")
    key, stage, data, secure = json.loads(seen.read_text(encoding="utf-8"))
    assert (key, stage, secure) == ("", "testing", False)
    assert Path(data) != settings.file("settings").path.parent
    assert [found.pid for found in find_programs(settings)] == [program.pid]
    assert len(Store(settings.store).listed()) == points
    assert read_pointer(settings) is None and running.release_folders() == []
    assert not list((settings.app / "deployment" / "rehearsal").iterdir())
    plan = DeployPlan(settings).run(Context())
    assert plan.estimated_downtime_seconds == result.downtime_seconds > 0
    assert {"save", "switch", "start"} <= {step.name for step in plan.estimate}
    running.configure(running.release("bad"), environment={"DEMO_FAIL": "exit_at_start"})
    with pytest.raises(OperationError, match="rehearsal failed") as caught:
        run_operation(settings, DeployRehearse(settings), Context(), "test")
    assert "Nothing in production was touched" in str(caught.value)
    assert [found.pid for found in find_programs(settings)] == [program.pid]
    assert not list((settings.app / "deployment" / "rehearsal").iterdir())


def test_a_wheel_with_its_wheelhouse_and_the_hash_of_each(site: Site, tmp_path: Path) -> None:
    house = tmp_path / "wheelhouse"
    _, needed = wheel(house, "helper_lib", "2.0")
    code = "import helper_lib\n"
    package, digest = wheel(tmp_path / "dist", "stand_in", "1.5", "helper_lib==2.0", code)
    requirements = tmp_path / "dist" / "requirements.lock"
    requirements.write_text(f"helper-lib==2.0 \\\n    --hash=sha256:{needed}\n", encoding="utf-8")
    site.configure(
        package, imports=["stand_in", "helper_lib"], start=["{python}", "-m", "stand_in"],
        artefact={"kind": "package", "sha256": digest, "wheelhouse": str(house)},
    )  # fmt: skip
    result = site.deploy()
    pointer = read_pointer(site.settings)
    assert pointer is not None
    release = read_release(pointer.folder)
    assert {"helper_lib==2.0", "stand_in==1.5"} <= set(release.packages)
    program = find_program(site.settings)
    assert program is not None
    # On Windows the real Python runs, which knows of the environment by a variable.
    python = program.environment.get(LAUNCHER, program.command[0])
    assert python.startswith(str(release.folder))
    assert "+ stand_in==1.5" in result.changes.packages
    # The same file, one byte longer: neither its own hash nor the pinned one is right any more.
    for path in (package, house / "helper_lib-2.0-py3-none-any.whl"):
        original = path.read_bytes()
        path.write_bytes(original + b"\0")
        failed = {
            check.name: str(check.evidence)
            for check in DeployPlan(site.settings).run(Context()).checks
            if check.state == "failed"
        }
        name = "artefact" if path == package else "dependencies"
        assert "hash" in failed[name].lower()
        path.write_bytes(original)


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_tag_of_a_repository(site: Site) -> None:
    folder = site.release("tagged")
    git = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@localhost"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"], ["tag", "v1.0"]):
        subprocess.run([*git, *words], check=True)
    (folder / "run_desktop_ui.py").write_text(
        "raise SystemExit('not what was tagged')", encoding="utf-8"
    )
    site.configure(folder, artefact={"kind": "git", "tag": "v1.0"})
    result = site.deploy()
    assert site.version == "tagged" and result.version == "v1.0"
    commit = subprocess.run([*git, "rev-parse", "v1.0^{commit}"], capture_output=True,
                            encoding="utf-8", check=True)  # fmt: skip
    assert result.artefact.commit == commit.stdout.strip()
    site.configure(folder, artefact={"kind": "git", "tag": "v9"})
    plan = DeployPlan(site.settings).run(Context())
    assert plan.artefact is None and not plan.ready


@pytest.mark.skipif(
    importlib.util.find_spec("ensurepip") is None, reason="this Python cannot make environments"
)
def test_without_uv_the_environment_is_made_all_the_same(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    which = shutil.which
    monkeypatch.setattr(core.base.bootstrap, "TOOLS", tmp_path / "none")
    monkeypatch.setattr(
        shutil, "which", lambda name: None if Path(name).name == "uv" else which(name)
    )
    site.configure(site.release("one"), artefact={"requirements": None})
    site.deploy()
    pointer = read_pointer(site.settings)
    assert pointer is not None and read_release(pointer.folder).tool.startswith("venv ")


def test_what_does_not_belong_to_a_release_stays_behind(site: Site) -> None:
    release = site.release("one", files={
        "config/secure/api_credentials.json": "{}", "data/settings.sqlite3": "x",
        ".venv/bin/python": "x", "pkg/data/kept.txt": "y",
    })  # fmt: skip
    site.configure(release)
    plan = DeployPlan(site.settings).run(Context())
    assert plan.artefact is not None
    digest = plan.artefact.digest
    kept = ["pkg/data/kept.txt", "requirements.lock", "run_desktop_ui.py"]
    if shutil.which("sha256sum"):
        listed = subprocess.run(["sha256sum", *kept], cwd=release, capture_output=True, check=True)
        assert hashlib.sha256(listed.stdout).hexdigest() == digest, "what sha256sum says"
    make_link(release / "link.txt", Path("/etc/passwd"))
    refused = DeployPlan(site.settings).run(Context())
    assert refused.artefact is None and "link" in str(refused.checks[0].evidence)
