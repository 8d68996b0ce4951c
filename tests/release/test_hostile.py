"""What is hostile, damaged or merely unlucky is refused with a sentence, and nothing is touched."""

from __future__ import annotations

import gzip
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.base.operation import Context, OperationError, Step
from core.base.text import translate
from core.program.find import find_program
from core.program.release import home, read_pointer, read_release
from core.release.artefact import Implausible, open_artefact, unpacked_size
from core.release.config import load_config
from core.release.log import (
    HEAD,
    append,
    history_as_it_is,
    log_path,
    read_log_as_it_is,
    render,
    report_path,
    write_report,
)
from core.release.models import CheckResult, CheckState, Ending, Logged, Record, RecordKind
from core.release.plan import DeployPlan
from core.release.run import DeployRun
from core.runner.run import run_operation
from tests.release.conftest import TRADE, Site, wheel

pytestmark = pytest.mark.usefixtures("quick")
GIT = shutil.which("git")


def check(site: Site, name: str, now: datetime | None = None) -> CheckResult:
    plan = DeployPlan(site.settings, now=now).run(Context())
    return {one.name: one for one in plan.checks}[name]


def archive(folder: Path, *members: tarfile.TarInfo) -> Path:
    path = folder / "x-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for member in members:
            tar.addfile(member, io.BytesIO(b"x" * member.size) if member.isreg() else None)
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    info.size = 1 if kind == tarfile.REGTYPE else 0
    return info


@pytest.mark.parametrize(
    "hostile",
    [
        member("../evil.py"), member("/etc/evil"), member("a/../../evil"), member("C:\\evil.py"),
        member("x/link", tarfile.SYMTYPE, "../../etc/passwd"),
        member("x/link", tarfile.SYMTYPE, "/etc/passwd"),
        member("x/hard", tarfile.LNKTYPE, "../outside"), member("x/null", tarfile.CHRTYPE),
    ],
    ids=lambda info: f"{info.name}-{info.linkname}",
)  # fmt: skip
def test_an_sdist_that_reaches_out_is_refused(tmp_path: Path, hostile: tarfile.TarInfo) -> None:
    good = archive(tmp_path, member("x-1.0/a.py"), member("x-1.0/b", tarfile.SYMTYPE, "a.py"))
    assert unpacked_size(Context(), good) == 1
    with pytest.raises(Implausible):
        unpacked_size(Context(), archive(tmp_path, member("x-1.0/a.py"), hostile))


def test_a_wheel_that_reaches_out_or_is_none(site: Site, tmp_path: Path) -> None:
    path, _ = wheel(tmp_path, "climber", "1.0")
    with zipfile.ZipFile(path, "a") as more:
        more.writestr("../../evil.py", "x")
    site.configure(path, artefact={"kind": "package"}, start=["{python}", "-m", "climber"])
    found = check(site, "artefact")
    assert found.state == "failed" and "evil.py" in str(found.evidence)
    path.write_bytes(b"no zip at all")
    assert "cannot be used" in str(check(site, "artefact").evidence)
    torn = tmp_path / "torn-1.0.tar.gz"
    torn.write_bytes(gzip.compress(b"x" * 4096)[:-20])
    with pytest.raises(Implausible):
        unpacked_size(Context(), torn)


def test_a_release_that_claims_more_than_the_disk_has(site: Site) -> None:
    release = site.release("vast")
    with (release / "vast.bin").open("wb") as file:
        try:
            file.truncate(8 * 2**40)  # holds nothing
        except OSError:
            pytest.skip("this file system knows no such file")
    site.configure(release)
    found = check(site, "artefact")
    assert found.state == "failed" and "says that it takes" in str(found.evidence)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
@pytest.mark.parametrize("name", [b"a\nb.py", b"\x1b]0;x\x07.py", b"\xff\xfe.py"])
def test_names_that_no_line_can_hold(site: Site, name: bytes) -> None:
    release = site.release("named")
    Path(os.fsdecode(os.fsencode(release) + b"/" + name)).write_text("x", encoding="utf-8")
    site.configure(release)
    found = check(site, "artefact")
    assert found.state == "failed" and "cannot be part of a release" in str(found.evidence)
    assert str(found.evidence).isprintable()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pipe with a name")
def test_what_is_no_plain_file(site: Site) -> None:
    release = site.release("piped")
    os.mkfifo(release / "pipe")
    site.configure(release)
    assert "no plain file" in str(check(site, "artefact").evidence)


def repository(site: Site, name: str) -> tuple[Path, Callable[..., str]]:
    folder = site.release(name)

    def git(*words: str) -> str:
        who = ["-c", "user.name=t", "-c", "user.email=t@localhost"]
        done = subprocess.run(
            [str(GIT), "-C", str(folder), *who, *words],
            check=True,
            capture_output=True,
            encoding="utf-8",
        )
        return done.stdout.strip()

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    git("tag", "v1")
    return folder, git


@pytest.mark.skipif(GIT is None, reason="needs git")
def test_a_tag_that_moves(running: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, git = repository(running, "tagged")
    running.configure(folder, artefact={"kind": "git", "tag": "v1"})
    # What the surroundings say of repositories does not count.
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    plan = DeployPlan(running.settings).run(Context())
    monkeypatch.delenv("GIT_DIR")
    assert plan.artefact is not None and plan.artefact.commit == git("rev-parse", "v1^{commit}")

    def move(text: str) -> None:
        (folder / "moved.txt").write_text(text, encoding="utf-8")
        git("add", ".")
        git("commit", "-qm", text)
        git("tag", "-f", "v1")

    move("between plan and run")
    operation = DeployRun(running.settings, expected=plan.artefact.digest)
    with pytest.raises(OperationError, match="changed since it was checked"):
        run_operation(running.settings, operation, Context(), "test")

    class Moving(Context):
        def on_step(self, step: Step) -> None:
            if step.name == "check" and step.ok:
                move("while it runs")

    with pytest.raises(OperationError, match="changed since it was checked"):
        run_operation(running.settings, DeployRun(running.settings), Moving(), "test")
    assert running.version == "legacy" and running.release_folders() == []


@pytest.mark.skipif(GIT is None, reason="needs git")
def test_a_tag_with_another_repository_in_it(site: Site) -> None:
    folder, git = repository(site, "outer")
    commit = git("rev-parse", "HEAD")
    git("update-index", "--add", "--cacheinfo", f"160000,{commit},inner")
    git("commit", "-qm", "two")
    git("tag", "v2")
    site.configure(folder, artefact={"kind": "git", "tag": "v2"})
    assert "another repository, inner" in str(check(site, "artefact").evidence)


@pytest.mark.skipif(GIT is None, reason="needs git")
def test_a_tag_is_unpacked_by_the_oldest_python_that_runs_the_console(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before Python 3.11.4 `tarfile` has no filters."""

    def without_filters(*_: object) -> None:
        raise AssertionError("unfiltered")

    for name in ("extract", "extractall"):
        monkeypatch.setattr(tarfile.TarFile, name, without_filters)
    for name in ("data_filter", "OutsideDestinationError", "FilterError"):
        monkeypatch.delattr(tarfile, name, raising=False)
    folder, git = repository(site, "plain")
    (folder / "bin").mkdir()
    (folder / "bin" / "도구").write_text("#!/bin/sh\n", encoding="utf-8")
    (folder / "bin" / "도구").chmod(0o775)
    git("add", ".")
    git("commit", "-qm", "two")
    git("tag", "v2")
    site.configure(folder, artefact={"kind": "git", "tag": "v2"})
    config = load_config(site.settings)
    with open_artefact(Context(), site.settings, config) as found:
        for name in ("run_desktop_ui.py", "bin/도구"):
            assert (found.root / name).read_bytes() == (folder / name).read_bytes()
        if os.name == "posix":
            assert (found.root / "bin/도구").stat().st_mode & 0o777 == 0o755
            assert (found.root / "run_desktop_ui.py").stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(GIT is None, reason="needs git")
@pytest.mark.parametrize("aim", ["/etc/passwd", "../../outside", "a/../../../outside"])
def test_a_tag_with_a_link_that_leads_out(site: Site, aim: str) -> None:
    folder, git = repository(site, "linked")
    (folder / "link").symlink_to(aim)
    git("add", ".")
    git("commit", "-qm", "two")
    git("tag", "v2")
    site.configure(folder, artefact={"kind": "git", "tag": "v2"})
    assert "leads out of the release" in str(check(site, "artefact").evidence)


def test_aliases_in_the_configuration(site: Site) -> None:
    site.configure(site.release("one"))
    path = site.settings.app / "deployment" / "production_config.yaml"
    path.write_text("a: &a [x, x]\nb: [*a, *a]\nartefact: {path: x}\n", encoding="utf-8")
    with pytest.raises(OperationError, match="aliases"):
        DeployPlan(site.settings).run(Context())


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a disk")
def test_folders_that_may_not_be_written(running: Site, tmp_path: Path) -> None:
    fixed = tmp_path / "fixed"
    fixed.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", str(fixed)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting a disk needs root")
    try:
        running.configure(
            running.release("one"), releases=str(fixed / "releases"),
            directories=[str(fixed / "opt" / "upbit-autotrader" / "data")],
        )  # fmt: skip
        found = check(running, "directories")
        assert found.state == "failed" and found.remedy is not None
        assert str(fixed / "opt" / "upbit-autotrader" / "data") in str(found.evidence)
        with pytest.raises(OperationError, match="directories"):
            run_operation(running.settings, DeployRun(running.settings), Context(), "test")
    finally:
        subprocess.run(["umount", str(fixed)], check=True)
    assert running.version == "legacy"


def test_folders_are_made_where_they_may_be(running: Site, tmp_path: Path) -> None:
    opt = tmp_path / "opt" / "upbit-autotrader" / "cache"
    var = tmp_path / "var" / "log" / "upbit-autotrader"
    running.deploy(running.release("one"), logs=str(var), directories=[str(opt)])
    program = find_program(running.settings)
    assert program is not None and opt.is_dir()
    assert (
        program.environment["UPBIT_LOGS_DIR"] == program.environment["UPBIT_LOG_PATH"] == str(var)
    )
    assert list(var.glob("session_*.log"))


def test_variables_that_lead_the_data_elsewhere(site: Site, tmp_path: Path) -> None:
    site.configure(site.release("one"), environment={"UPBIT_DATA_DIR": str(tmp_path / "other")})
    found = check(site, "directories")
    assert found.state == "failed" and not found.overridable


def test_a_wheelhouse_that_is_not_there(site: Site, tmp_path: Path) -> None:
    release = site.release("one")
    (release / "requirements.lock").write_text(
        f"some==1.0 --hash=sha256:{'a' * 64}\n", encoding="utf-8"
    )
    site.configure(
        release, artefact={"requirements": "requirements.lock", "wheelhouse": str(tmp_path / "no")}
    )
    assert "There is no folder" in str(check(site, "dependencies").evidence)


def test_a_clock_that_jumped_back(site: Site) -> None:
    site.configure(site.release("one"))
    assert check(site, "restore_point").state == "ok"
    found = check(site, "restore_point", datetime.now(UTC) - timedelta(days=1))
    assert found.state == "failed" and "clock" in str(found.evidence)


def test_what_a_package_asks_for_is_found_before(site: Site, tmp_path: Path) -> None:
    path, _ = wheel(tmp_path / "dist", "needy", "1.0", "helper_lib==2.0", "")
    (tmp_path / "wheelhouse").mkdir()
    site.configure(
        path, start=["{python}", "-m", "needy"],
        artefact={"kind": "package", "requirements": None,
                  "wheelhouse": str(tmp_path / "wheelhouse")},
    )  # fmt: skip
    found = check(site, "dependencies")
    assert found.state == "failed" and "helper" in str(found.evidence)


BACKEND = """
import os, zipfile
def build_wheel(folder, settings=None, metadata=None):
    name = "stand_in_src-1.7-py3-none-any.whl"
    info = "stand_in_src-1.7.dist-info/"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        for path in ("__init__.py", "__main__.py"):
            wheel.write("stand_in_src/" + path)
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: stand_in_src\\nVersion: 1.7\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "")
    return name
"""  # noqa: E501


def test_an_sdist_is_built_and_runs(site: Site, tmp_path: Path) -> None:
    source = site.release("src")
    members = {
        "pyproject.toml": '[project]\nname = "stand_in_src"\nversion = "1.7"\n[build-system]\n'
        'requires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "PKG-INFO": "Metadata-Version: 2.1\nName: stand_in_src\nVersion: 1.7\n",
        "backend.py": BACKEND,
        "stand_in_src/__init__.py": "",
        "stand_in_src/__main__.py": (source / "run_desktop_ui.py").read_text(encoding="utf-8"),
    }
    path = tmp_path / "stand_in_src-1.7.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, text in members.items():
            info = tarfile.TarInfo(f"stand_in_src-1.7/{name}")
            info.size = len(text.encode())
            info.mtime = 1_600_000_000  # an old zipfile knows no time before 1980
            tar.addfile(info, io.BytesIO(text.encode()))
    site.configure(
        path, start=["{python}", "-m", "stand_in_src"],
        artefact={"kind": "package", "requirements": None},
    )  # fmt: skip
    result = site.deploy()
    pointer = read_pointer(site.settings)
    assert pointer is not None
    assert "stand_in_src==1.7" in read_release(pointer.folder).packages
    program = find_program(site.settings)
    assert program is not None and program.pid == result.program_pid
    notes = {step.name: str(step.note) for step in result.steps}
    assert notes["smoke"] == "Imported: stand_in_src."


def test_each_thing_that_was_verified_is_written_down(running: Site) -> None:
    result = running.deploy(running.release("one"))
    notes = {step.name: str(step.note) for step in result.steps if step.note is not None}
    assert "ms" in notes["verify"] and "New errors: 0" in notes["log errors"]
    assert "run_desktop_ui" in notes["smoke"] and "Watched" in notes["soak"]


def entry(number: int, **more: object) -> Record:
    now = datetime.now(UTC)
    return Record.model_validate(
        {
            "number": 0, "kind": RecordKind.DEPLOY, "deployment": f"d{number}", "begun": now,
            "ended": now, "ending": Ending.DONE, "by": "t", "previous_hash": "", **more,
        }
    )  # fmt: skip


def test_a_log_that_lost_its_end_is_told(site: Site) -> None:
    for number in range(3):
        append(site.settings, entry(number))
    path = log_path(site.settings)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]))
    _, problem = read_log_as_it_is(site.settings)
    assert problem is not None and "has 2 entries, and had 3" in str(problem)
    path.unlink()
    assert read_log_as_it_is(site.settings)[1] is not None
    # A whole chain written anew is not the one that was.
    (home(site.settings) / HEAD).rename(path.with_name("kept"))
    for number in range(3):
        append(site.settings, entry(number + 10))
    path.with_name("kept").replace(home(site.settings) / HEAD)
    assert "not the one that was written" in str(read_log_as_it_is(site.settings)[1])
    # The head may be one line behind: the console died between the two writes.
    path.write_bytes(b"".join(lines))
    head = (home(site.settings) / HEAD).read_bytes()
    append(site.settings, entry(3))
    (home(site.settings) / HEAD).write_bytes(head)
    assert read_log_as_it_is(site.settings)[1] is None


def test_a_report_shows_hostile_names_as_they_stand(site: Site) -> None:
    evil = "<script>alert(1)</script>"
    hostile = CheckResult(
        name="window", state=CheckState.OVERRIDDEN, reason=f"'\"{evil}",
        evidence=translate("test", "{x}", x=evil), remedy=translate("test", "{x}", x=evil),
    )  # fmt: skip
    record = entry(
        1, deployment="../../../etc/evil", version=evil, by=evil, checks=(hostile,),
        failure=translate("test", "{x}", x=evil),
    )  # fmt: skip
    page = render(Logged(record=record, hash="0" * 64))
    assert "<script" not in page and page.count("&lt;script&gt;") >= 5
    assert "default-src 'none'" in page
    # The name of the zone may be in no code page that Windows formats.
    assert re.search(r">\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(UTC[+-]\d{4}\)<", page)
    path = write_report(site.settings, Logged(record=record, hash="0" * 64))
    assert path.parent == home(site.settings) / "reports" and path.is_file()
    assert path == report_path(site.settings, record.deployment, record.number)


def test_an_override_stands_in_the_journal_however_it_ends(running: Site) -> None:
    from core.base.journal import entries

    bad = running.release("bad", "import nothing_such")
    running.configure(bad, window={"max_open_positions": 0})
    operation = DeployRun(running.settings, TRADE, {"positions": "held for years"})
    with pytest.raises(OperationError, match="nothing_such"):
        run_operation(running.settings, operation, Context(), "test")
    steps = {step.name: str(step.note) for step in entries(running.settings)[0].steps}
    assert steps["override"] == "held for years"
    kept = {one.name: one.reason for one in history_as_it_is(running.settings)[0][0].checks}
    assert kept["positions"] == "held for years"


@pytest.mark.parametrize("runs", [True, False])
def test_who_else_holds_a_database_stops_a_deployment(
    site: Site, runs: bool, request: pytest.FixtureRequest
) -> None:
    if runs:
        request.getfixturevalue("trading_program")
    site.configure(site.release("one"))
    path = site.settings.file("strategies").path
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
        "c.execute('SELECT count(*) FROM sqlite_schema').fetchall(); print(1, flush=True); input()"
    )
    tool = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert tool.stdout is not None and tool.stdout.readline()
        assert check(site, "holders").state == "failed"
        operation = DeployRun(site.settings, overrides={"holders": "a viewer"})
        with pytest.raises(OperationError, match="still open in"):
            run_operation(site.settings, operation, Context(), "test")
        assert tool.poll() is None, "nobody but the program is asked to close"
    finally:
        tool.kill()
        tool.wait()
    assert (find_program(site.settings) is not None) == runs
    assert read_pointer(site.settings) is None
