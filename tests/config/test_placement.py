"""Data that is not this machine's alone is told: on a network disk, or where a program syncs."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.base.config.models import Settings
from core.base.placement import Placement, check_placement, placement_of
from core.monitoring.models import Moment
from core.monitoring.probes.guard import PlaceProbe
from tests.links import make_link


@pytest.mark.parametrize(
    "name",
    ["OneDrive", "OneDrive - 업비트", "Dropbox", "Dropbox (Personal)", "Google Drive",
     "내 드라이브", "iCloudDrive", "Naver MYBOX"],
)  # fmt: skip
def test_a_folder_that_is_synced_is_told_by_its_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name / "자동매매" / "data"
    folder.mkdir(parents=True)
    assert placement_of(folder, {}) == Placement("synced", name)


def test_onedrive_says_itself_where_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "클라우드" / "data"
    folder.mkdir(parents=True)
    told = {"OneDriveConsumer": str(tmp_path / "클라우드")}
    assert placement_of(folder, told) == Placement("synced", "OneDrive")
    assert placement_of(tmp_path, told) != Placement("synced", "OneDrive")


def test_a_link_hides_no_synced_folder(tmp_path: Path) -> None:
    real = tmp_path / "OneDrive" / "data"
    real.mkdir(parents=True)
    make_link(tmp_path / "data", real)
    assert placement_of(tmp_path / "data", {}) == Placement("synced", "OneDrive")


def test_names_that_only_resemble_are_not_told(tmp_path: Path) -> None:
    folder = tmp_path / "OneDriveBackup" / "Dropboxes" / "data"
    folder.mkdir(parents=True)
    found = placement_of(folder, {})
    assert found is None or found.kind == "network"  # where the tests run is nobody's choice


@pytest.mark.skipif(sys.platform != "linux", reason="file systems as Linux lists them")
def test_a_network_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test can mount a server's disk everywhere; what the system lists is stood in for."""
    mounted = SimpleNamespace(mountpoint=str(tmp_path.resolve()), fstype="cifs")
    monkeypatch.setattr("core.base.placement.psutil.disk_partitions", lambda **_: [mounted])
    assert placement_of(tmp_path / "data", {}) == Placement("network", "cifs")


def test_the_health_and_every_list_of_checks_tell_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.base.placement.psutil.disk_partitions", lambda **_: [])
    probe = PlaceProbe(settings)
    assert check_placement(settings.data_folder) == []
    assert probe.measure(Moment(0.0, 0.0)).facts == ()
    monkeypatch.setenv("OneDrive", str(settings.app))
    (finding,) = check_placement(settings.data_folder)
    assert finding.state == "warning" and "OneDrive" in str(finding.evidence)
    (fact,) = probe.measure(Moment(0.0, 0.0)).facts
    assert fact.state == "warning" and fact.advice == finding.evidence
