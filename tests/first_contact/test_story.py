"""A stranger, on a machine that is not its author's, types what is written."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.first_contact.story import CHAPTERS
from tests.first_contact.world import ROOT


@pytest.mark.timeout(900)
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_is_written_works_for_a_stranger(chapter: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.first_contact.world", chapter], cwd=ROOT, check=False,
        capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
