"""A few of the cases of `python -m tests.faults flips`, for the gate."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.flips import KINDS, Bench, Kind
from tests.faults.interposer import unavailable
from tests.faults.workspace import Site, memory_folder

pytestmark = pytest.mark.skipif(unavailable() is not None, reason=str(unavailable()))
QUICK = {"points", "cut link"}
"""What is quick to prepare; the kinds of the other templates are run by command."""
SHORT = [kind for kind in KINDS if kind.template in QUICK]
EACH = 4


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    folder = Path(tempfile.mkdtemp(prefix="ops-flips-", dir=memory_folder()))
    site = Site(folder)
    site.empty()
    bench = Bench(site)
    yield bench
    bench.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("kind", SHORT, ids=[f"{kind.name} ({kind.template})" for kind in SHORT])
def test_a_flipped_byte_is_harmless_or_told_and_never_acted_upon(bench: Bench, kind: Kind) -> None:
    for number in range(EACH):
        verdict = bench.run(kind, number, seed=7)
        assert not verdict.violations, "\n".join([str(verdict.flip), *verdict.violations])
