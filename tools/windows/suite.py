"""The tests on the rig: those of what matters most, or all, one part after the other."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from core.base.files import temporary_folder
from tools.windows.rig import ROOT, Rig, run

TESTS = ROOT / "tests"
CORE = (
    "tests/config/test_load.py",
    "tests/config/test_placement.py",
    "tests/capture/test_live.py",
    "tests/capture/test_wal_frames.py",
    "tests/store/test_copy.py",
    "tests/exchange/test_exchange.py",
    "tests/promote/test_discard.py",
    "tests/promote/test_system_errors.py",
    "tests/rollback/test_find.py",
    "tests/program/test_launcher.py",
    "tests/rollback/test_start_again.py",
    "tests/program/test_windows.py",
    "tests/runner/test_full_disk.py",
    "tests/ui/test_window.py",
)
"""Of what writes, keeps and swaps files, and of the window, the files that take the least."""


class Case(NamedTuple):
    """How one test ended."""

    name: str
    outcome: str
    """``passed``, ``skipped`` or ``failed``."""
    why: str
    """The reason of a skip, the first line of a failure."""


class Part(NamedTuple):
    """What the tests of one process gave."""

    paths: tuple[str, ...]
    seconds: float
    cases: tuple[Case, ...]

    def of(self, outcome: str) -> tuple[Case, ...]:
        """Return the tests that ended like *outcome*."""
        return tuple(case for case in self.cases if case.outcome == outcome)


def every_part() -> tuple[str, ...]:
    """Return the files of all tests, relative to the checkout."""
    return tuple(path.relative_to(ROOT).as_posix() for path in sorted(TESTS.rglob("test_*.py")))


def run_parts(rig: Rig, parts: Sequence[tuple[str, ...]]) -> Iterator[Part]:
    """Run the tests of each of *parts* in a process of its own, and yield what they gave."""
    for paths in parts:
        began = time.monotonic()
        with temporary_folder("upbit-suite-") as work:
            report = work / "report.xml"
            code = run(
                rig,
                ["-m", "pytest", "-q", "--no-header", "--tb=short", f"--junitxml=Z:{report}",
                 *paths],
            )  # fmt: skip
            cases = read_report(report)
        if code not in {0, 5} and not any(case.outcome == "failed" for case in cases):
            cases = (*cases, Case(paths[0], "failed", f"pytest ended with {code}"))
        yield Part(paths, time.monotonic() - began, cases)


def read_report(report: Path) -> tuple[Case, ...]:
    """Return the tests of a JUnit report; none where it was not written."""
    if not report.is_file():
        return ()
    # What pytest wrote a moment ago.
    return tuple(_case(found) for found in ElementTree.parse(report).iter("testcase"))


def _case(found: ElementTree.Element) -> Case:
    name = f"{found.get('classname', '')}::{found.get('name', '')}"
    for outcome, tags in (("failed", ("failure", "error")), ("skipped", ("skipped",))):
        for tag in tags:
            if (ending := found.find(tag)) is not None:
                return Case(name, outcome, (ending.get("message") or "").partition("\n")[0])
    return Case(name, "passed", "")
