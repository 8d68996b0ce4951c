"""Links, where the system makes them."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import pytest

from core.base.files import temporary_folder


def makes_links() -> bool:
    """Whether a link of a file can be made, and is one, which needs a privilege on Windows."""
    with temporary_folder("upbit-links-") as folder:
        link = folder / "link"
        with suppress(OSError):
            link.symlink_to(folder / "file")
        return link.is_symlink()


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
