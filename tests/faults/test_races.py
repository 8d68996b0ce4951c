"""A few rounds of `python -m tests.faults races`, for the gate."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.interposer import unavailable
from tests.faults.races import RACES, play
from tests.faults.workspace import Site, memory_folder

pytestmark = pytest.mark.skipif(unavailable() is not None, reason=str(unavailable()))


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    folder = Path(tempfile.mkdtemp(prefix="ops-races-", dir=memory_folder()))
    site = Site(folder)
    site.empty()
    yield site
    site.empty()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("race", RACES)
def test_no_acknowledged_row_is_lost(site: Site, race: str) -> None:
    for seed in (1, 2):
        one = play(site, race, seed)
        assert not one.violations, f"{one.codes}: {one.violations}"
        assert one.acknowledged, "nobody wrote: nothing was tested"
