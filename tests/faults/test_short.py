"""A few of the cases of `python -m tests.faults`, for the gate: the calls that matter most.

Where a call lies is said by the share of the calls of its kind that come before it, so that a
case means the same when the console makes some calls more or fewer.
"""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.cases import Bench, Case
from tests.faults.interposer import Fault, unavailable
from tests.faults.workspace import Site, memory_folder

pytestmark = pytest.mark.skipif(unavailable() is not None, reason=str(unavailable()))


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    folder = Path(tempfile.mkdtemp(prefix="ops-faults-", dir=memory_folder()))
    site = Site(folder)
    site.empty()
    bench = Bench(site, below=("",), entry=False)
    yield bench
    bench.close()
    shutil.rmtree(folder, ignore_errors=True)


CASES = [
    # What is saved before the swap, the swap itself, and what is kept after it.
    ("rollback", "link", 0.5, "EIO", ""),
    ("rollback", "link", 1.0, "crash-after", ""),
    ("rollback", "rename", 0.6, "crash-before", ""),
    ("rollback", "fsync", 0.5, "EIO", "lasting"),
    ("rollback", "unlink", 0.4, "crash-before", ""),
    ("rollback", "rmdir", 0.7, "crash-before", ""),
    ("rollback", "mkdir", 0.9, "ENOSPC", "lasting"),
    ("rollback", "rename", 0.5, "ENOSPC", "lasting"),
    ("rollback (running)", "link", 0.9, "EIO", "lasting"),
    ("rollback (running)", "mkdir", 0.55, "ENOSPC", "lasting"),
    ("rollback (running)", "unlink", 0.3, "crash-after", ""),
    # The store.
    ("backup create", "write", 0.7, "ENOSPC", "lasting"),
    ("backup create", "rename", 0.7, "crash-before", ""),
    ("backup create", "fsync", 0.6, "EIO", ""),
    ("backup copy", "open", 0.8, "EIO", ""),
    ("backup copy", "open", 0.81, "ENOSPC", "lasting"),
    ("backup export", "open", 0.66, "ENOSPC", "lasting"),
    ("backup prune", "unlink", 0.6, "crash-after", ""),
    ("backup prune", "unlink", 0.5, "EACCES", "lasting"),
]


@pytest.mark.parametrize(
    ("scenario", "call", "share", "error", "span"),
    CASES,
    ids=[" ".join(str(part) for part in case if part != "") for case in CASES],
)
def test_nothing_is_lost_and_every_sentence_is_true(
    bench: Bench, scenario: str, call: str, share: float, error: str, span: str
) -> None:
    judge(bench, scenario, call, share, error, span)


def test_a_command_begun_as_the_operator_does_is_judged_alike(bench: Bench) -> None:
    begun = Bench(bench.site, below=("",))
    judge(begun, *CASES[0])
    begun.close()


def judge(bench: Bench, scenario: str, call: str, share: float, error: str, span: str) -> None:
    count = bench.known(scenario).calls[""][call]
    fault = Fault(call, max(1, math.ceil(share * count)), error, lasting=span == "lasting")
    verdict = bench.run(Case(scenario, fault))
    assert verdict.fired, "the call never came"
    assert not verdict.violations, "\n".join([verdict.case.reproducer, *verdict.violations])
