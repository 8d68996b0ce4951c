"""Makes the folder: two programs, the libraries they share, and what is read as files."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from core.base.entry import ROOT
from core.base.files import temporary_folder

SPEC = Path(__file__).with_name("console.spec")
NAME = "upbit-ops-console"
"""Of the folder that is made."""


def build(target: Path) -> Path:
    """Make the folder `NAME` in *target*, replacing one that is there, and return it.

    Raises `subprocess.CalledProcessError` where PyInstaller fails.
    """
    target.mkdir(parents=True, exist_ok=True)
    with temporary_folder("upbit-bundle-") as work:
        icon = work / "console.ico"
        _python("tools.bundle.icon", icon)
        _python(
            "PyInstaller", SPEC, "--noconfirm", "--log-level", "WARN",
            "--distpath", work / "built", "--workpath", work / "work", "--", icon,
        )  # fmt: skip
        built = target / NAME
        if built.exists():
            shutil.rmtree(built)
        shutil.move(work / "built" / NAME, built)
    return built


def _python(module: str, *words: str | Path) -> None:
    subprocess.run([sys.executable, "-m", module, *map(str, words)], cwd=ROOT, check=True)
