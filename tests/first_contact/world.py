"""The world of a stranger, in which the story of `story.py` is told.

    python -m tests.first_contact.world CHAPTER

Where this is Linux and we are root: a mount namespace of our own with another disk, another user
that has no name, no group and no home beside what lies on that disk, and nothing that only root
could reach.  Elsewhere the same without another disk and another user.  Everywhere: an empty HOME,
no PATH but the system's, a umask of 027, LC_ALL=C, and folders with spaces and Hangul.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DISK = Path("/mnt")
USER = 61_111
NAMESPACE = "FIRST_CONTACT_NAMESPACE"


def has_namespaces() -> bool:
    """Whether another user and another disk can be had here."""
    if sys.platform != "linux" or os.geteuid() != 0 or not DISK.is_dir():
        return False
    probe = ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", str(DISK)]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0


def _mount(*words: str | Path) -> None:
    subprocess.run(["mount", *words], check=True)


def _make_reachable(paths: Iterable[Path]) -> None:
    """Let everybody reach *paths*, though they may lie below folders that only root may enter."""
    kept = {}
    for number, path in enumerate(paths):
        keep = DISK / f".kept{number}"
        keep.mkdir()
        _mount("--bind", path, keep)
        blocked = [one for one in reversed(path.parents) if not one.stat().st_mode & 0o001]
        kept[path] = (keep, blocked[:1])
    for blocked in {one for _, folders in kept.values() for one in folders}:
        _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", blocked)
    for path, (keep, folders) in kept.items():
        if folders:
            path.mkdir(parents=True, exist_ok=True)
            _mount("--bind", keep, path)


def _leave_home() -> Path:
    """Become somebody else, in a folder on another disk; return the folder."""
    if NAMESPACE not in os.environ:
        return Path(tempfile.mkdtemp())
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", DISK)
    # What Python runs from, wherever an environment took it from.
    bases = {Path(sys.base_prefix).resolve(), Path(os.path.realpath(sys.executable)).parents[1]}
    _make_reachable(sorted(bases | {ROOT}))
    # Its name is its own: processes of two such worlds see each other.
    folder = DISK / f"다른 디스크 {os.getpid()}"
    folder.mkdir()
    os.chown(folder, USER, USER)
    os.setgroups([])
    os.setgid(USER)
    os.setuid(USER)
    return folder


def main(chapter: str) -> int:
    """Tell one chapter of the story in the world of a stranger."""
    if has_namespaces() and NAMESPACE not in os.environ:
        again = ["unshare", "-m", sys.executable, "-m", "tests.first_contact.world", chapter]
        return subprocess.run(
            again, check=False, cwd=ROOT, env=os.environ | {NAMESPACE: "1"}
        ).returncode
    folder = _leave_home()
    home, scratch = folder / "빈 집", folder / "temporary files"
    home.mkdir()
    scratch.mkdir()
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "WINDIR") if name in os.environ}
    os.environ.clear()
    os.environ |= kept | {
        "HOME": str(home), "USERPROFILE": str(home), "TMPDIR": str(scratch), "LC_ALL": "C",
        "PATH": os.pathsep.join(("/usr/sbin", "/usr/bin", "/sbin", "/bin")),
        "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "QT_QPA_PLATFORM": "offscreen",
    }  # fmt: skip
    tempfile.tempdir = None
    os.umask(0o027)
    from tests.first_contact.story import tell

    tell(chapter, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
