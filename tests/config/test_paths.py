"""Every path that anybody writes into a configuration is possible, or is told in a sentence."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from pathlib import Path, PureWindowsPath

import pytest

from core.backup.create import CreateRestorePoint
from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.config.paths import is_no_place_on_windows
from core.base.files import new_temporary, temporary_folder
from core.base.operation import Context, OperationError
from core.release.config import load_config
from core.runner.run import run_operation
from tests.skips import needs_mount
from tests.small_disk import mounted

KEYS = ("home", "store", "data_folder", "files.0.path", "health.logs", "program.script")
LONG = "x" * 5_000
KERNELS = (
    ["/proc/1", "/sys/kernel", "/dev/null/x"]
    if os.name == "posix"
    else ["C:/x/NUL", "//./PhysicalDrive0/x", "C:/x/con.txt/y"]
)


def document(key: str, value: object) -> dict[str, object]:
    if key.startswith("files"):
        return {"files": [{"name": "a", "path": value}]}
    outer, _, inner = key.partition(".")
    return {outer: {inner: value}} if inner else {outer: value}


def refused(workspace: Path, written: dict[str, object]) -> str:
    """What is said of a configuration, which leaves nothing behind."""
    before = sorted(workspace.rglob("*"))
    (workspace / "ops_console.yaml").write_text(json.dumps(written), encoding="utf-8")
    with pytest.raises(OperationError) as caught:
        load_settings(workspace, {}, workspace)
    (workspace / "ops_console.yaml").unlink()
    assert sorted(workspace.rglob("*")) == before
    said = str(caught.value.happened)
    assert "ops_console.yaml" in said and said.isprintable()
    return said


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", ["x\0y", "a\nb", "a\x1b[31m", "", " ", "../../x", LONG, {"a": 1}])
def test_what_is_no_path_is_refused_whatever_it_is_for(
    key: str, value: object, workspace: Path
) -> None:
    assert f"'{key}'" in refused(workspace, document(key, value))


@pytest.mark.parametrize(
    ("place", "refused"),
    [
        ("C:/data/settings.sqlite3", False), ("data", False), ("../거래 데이터", False),
        ("D:/.hidden/a.b.c", False), ("//server/share/backups", False), ("C:/console", False),
        ("C:/x/NUL", True), ("nul.txt", True), ("C:/com1/x", True), ("LPT¹", True),
        ("C:/backups./x", True), ("C:/backups /x", True), ("a:b", True), ("a?", True),
        ("//./PhysicalDrive0", True), ("//?/GLOBALROOT/Device/x", True),
    ],
)  # fmt: skip
def test_names_that_windows_takes_for_others_are_no_place(place: str, refused: bool) -> None:
    assert is_no_place_on_windows(PureWindowsPath(place)) is refused


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", KERNELS)
def test_where_the_system_shows_itself_is_no_place(key: str, value: str, workspace: Path) -> None:
    assert f"'{key}'" in refused(workspace, document(key, value))


@pytest.mark.parametrize("key", ["home", "store", "data_folder", "files.0.path"])
def test_below_a_file_is_no_place(key: str, workspace: Path) -> None:
    assert f"'{key}'" in refused(workspace, document(key, "data/settings.sqlite3/x"))


def test_a_folder_is_no_guarded_file(workspace: Path) -> None:
    assert "'files.0.path'" in refused(workspace, document("files.0.path", "data"))


@needs_mount
@pytest.mark.parametrize("link", [False, True])
def test_a_kernel_s_file_system_is_known_wherever_it_is_mounted(
    link: bool, workspace: Path, tmp_path: Path
) -> None:
    place = tmp_path / "proc"
    place.mkdir()
    if subprocess.run(["mount", "-t", "proc", "proc", place], check=False).returncode:
        pytest.skip("this machine forbids mounting")
    try:
        named = place
        if link:
            named = tmp_path / "link"
            named.symlink_to(place)
        assert "'home'" in refused(workspace, {"home": str(named / "1")})
    finally:
        subprocess.run(["umount", "-l", place], check=True)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ({"program": {"start": ["python", "a\0b"]}}, "program.start.1"),
        ({"program": {"environment": {"A": "x\0y"}}}, "program.environment.A"),
        ({"program": {"environment": {"A\0B": "x"}}}, "program.environment"),
        ({"health": {"rules": {"cpu": {"title": "x\x07"}}}}, "health.rules.cpu.title"),
    ],
)
def test_no_text_of_a_configuration_holds_what_no_command_can(
    written: dict[str, object], key: str, workspace: Path
) -> None:
    assert key in refused(workspace, written)


def test_what_is_meant_is_taken(workspace: Path, tmp_path: Path) -> None:
    text = json.dumps({
        "store": str(tmp_path / "다른 디스크"), "home": "data/own/../console",
        "program": {"environment": {"LINES": "a\nb"}},
    })  # fmt: skip
    (workspace / "ops_console.yaml").write_text(text, encoding="utf-8")
    settings = load_settings(workspace, {}, workspace)
    assert settings.store == tmp_path / "다른 디스크"
    assert settings.program.environment == {"LINES": "a\nb"}


def test_the_user_s_own_folder_is_no_folder_of_that_sign(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    (workspace / "ops_console.yaml").write_text("store: ~/store", encoding="utf-8")
    assert load_settings(workspace, {}, workspace).store == tmp_path / "store"


@pytest.mark.parametrize(
    ("variable", "value"),
    [("OPS_CONSOLE_STORE", "a\nb"), ("UPBIT_DATA_DIR", "data/settings.sqlite3/x")],
)
def test_the_environment_is_judged_like_a_file(variable: str, value: str, workspace: Path) -> None:
    with pytest.raises(OperationError) as caught:
        load_settings(workspace, {variable: value}, workspace)
    assert "which is not allowed" in str(caught.value.happened)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("releases", "../../releases"), ("releases", "x\0y"), ("data", "../data"),
        ("logs", "/proc/1"), ("directories", ["../x"]), ("directories", ["a\nb"]),
        ("artefact", {"path": "x\0y"}), ("artefact", {"path": "x", "wheelhouse": "/dev/null/x"}),
        ("checks", {"junit": "a\x1bb"}),
    ],
)  # fmt: skip
def test_a_deployment_s_paths_are_judged_by_the_same_rules(
    key: str, value: object, settings: Settings
) -> None:
    if os.name != "posix" and ("/proc" in str(value) or "/dev" in str(value)):
        pytest.skip("Windows shows nothing of itself as files")
    place = settings.app / "deployment" / "production_config.yaml"
    place.parent.mkdir(exist_ok=True)
    written = {"artefact": {"path": "../new"}, key: value}
    place.write_text(json.dumps(written), encoding="utf-8")
    with pytest.raises(OperationError) as caught:
        load_config(settings)
    said = str(caught.value.happened)
    assert f"'{key}" in said and said.isprintable()
    place.write_text(json.dumps({"artefact": {"path": "../new"}}), encoding="utf-8")
    assert load_config(settings).artefact.path == settings.app / "../new"


@needs_mount
def test_a_home_that_may_not_be_written_is_told_and_blocks_no_look(
    workspace: Path, tmp_path: Path
) -> None:
    with mounted(tmp_path / "disk", 1) as disk:
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        text = json.dumps({"home": str(disk / "home")})
        (workspace / "ops_console.yaml").write_text(text, encoding="utf-8")
        settings = load_settings(workspace, {}, workspace)
        with pytest.raises(OperationError) as caught:
            run_operation(settings, CreateRestorePoint(settings), Context(), "test")
        assert str(disk / "home") in str(caught.value.happened)
        assert not list(settings.store.parent.glob("backups/points/*"))


# ---- temporary files -------------------------------------------------------------------------


def test_what_is_temporary_is_its_owner_s_alone_and_of_no_name_that_can_be_foreseen(
    tmp_path: Path,
) -> None:
    former = os.umask(0)
    try:
        made = [new_temporary("ops-console-x-", tmp_path / "new"), new_temporary("ops-console-x-")]
        with temporary_folder("ops-console-x-") as folder:
            made.append(folder)
            if os.name == "posix":
                for one in (*made, tmp_path / "new"):
                    assert stat.S_IMODE(one.stat().st_mode) == 0o700, one
        assert not folder.exists()
    finally:
        os.umask(former)
        for one in made[:2]:
            one.rmdir()
    assert len({one.name for one in made}) == 3


def test_product_code_makes_nothing_temporary_by_itself() -> None:
    root = Path(__file__).resolve().parents[2]
    alone = re.compile(r"^\s*(import|from) tempfile", re.MULTILINE)
    found = {
        path.relative_to(root).as_posix()
        for part in ("core", "migration", "ui", "resources")
        for path in (root / part).rglob("*.py")
        if alone.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"core/base/files.py", "core/backup/capture/walindex.py"}


@pytest.mark.skipif(os.name != "posix", reason="rights are POSIX's")
def test_a_release_that_is_unpacked_to_be_looked_at_is_nobody_else_s(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever lies below the home or among temporary files while a tag is looked at is private."""
    from core.release.artefact import open_artefact

    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "run_desktop_ui.py").write_text("print(1)\n", encoding="utf-8")
    git = ["git", "-C", str(repository), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"], ["tag", "v1"]):
        subprocess.run([*git, *words], check=True)
    temporary = tmp_path / "temporary"
    temporary.mkdir(mode=0o777)
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    place = settings.app / "deployment" / "production_config.yaml"
    place.parent.mkdir(exist_ok=True)
    named = {"artefact": {"kind": "git", "path": str(repository), "tag": "v1"}}
    place.write_text(json.dumps(named), encoding="utf-8")
    former = os.umask(0o022)
    try:
        with open_artefact(Context(), settings, load_config(settings)) as found:
            for folder in (temporary, settings.home):
                for path in folder.rglob("*"):
                    above = {*path.parents} - {*folder.parents, folder}
                    modes = [stat.S_IMODE(one.stat().st_mode) for one in {path, *above}]
                    assert any(mode & 0o077 == 0 for mode in modes), path
            assert found.root.is_dir()
    finally:
        os.umask(former)
    assert not list(temporary.iterdir())
