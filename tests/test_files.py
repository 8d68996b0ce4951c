"""What is read as a file is one: nothing is followed, waited for or taken for empty."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from core.base.cleanup import remove_tree
from core.base.files import NotRegularError, read_regular

posix = pytest.mark.skipif(os.name != "posix", reason="needs links and pipes")


@posix
def test_a_pipe_is_not_taken_for_a_file_without_a_byte(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotRegularError):
        read_regular(tmp_path / "pipe")


@posix
def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(NotRegularError):
        read_regular(tmp_path / "link")


def test_an_empty_folder_goes_though_nobody_may_look_into_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that refuses every open lets a folder go all the same."""
    folder = tmp_path / "making"
    folder.mkdir()

    def refused(path: object, *_: object, **__: object) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    monkeypatch.setattr(os, "open", refused)
    monkeypatch.setattr(os, "scandir", refused)
    remove_tree(folder)
    monkeypatch.undo()
    assert not folder.exists()
