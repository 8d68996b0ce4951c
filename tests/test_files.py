"""What is read as a file is one: nothing is followed, waited for or taken for empty."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.files import NotRegularError, read_regular

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs links and pipes")


def test_a_pipe_is_not_taken_for_a_file_without_a_byte(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotRegularError):
        read_regular(tmp_path / "pipe")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(NotRegularError):
        read_regular(tmp_path / "link")
