"""Links, where the system makes them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest


def make_link(link: Path, target: Path, *, folder: bool = False) -> None:
    """Make a symbolic link, of a folder on Windows a junction; skip where there are none."""
    if folder and sys.platform == "win32":
        import _winapi

        try:
            _winapi.CreateJunction(str(target), str(link))
        except OSError:
            pytest.skip("no junctions here")
        return
    try:
        link.symlink_to(target, target_is_directory=folder)
    except OSError:
        pytest.skip("symbolic links need a privilege here")
    if not link.is_symlink():
        pytest.skip("no symbolic links here")
