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
    "tests/config/test_load.py::test_paths_of_the_program_s_configuration_are_followed",
    "tests/config/test_load.py::test_a_wrong_value_is_refused_with_file_key_and_value",
    "tests/config/test_load.py::test_a_database_is_shown_as_what_it_is_and_stops_nothing[corrupt]",
    "tests/capture/test_live.py::test_equals_the_backup_api_except_for_the_volatile_header[4096]",
    "tests/capture/test_live.py::test_a_database_at_rest_is_read_without_leaving_a_trace",
    "tests/capture/test_live.py::test_what_is_committed_after_the_moment_is_not_of_the_moment",
    "tests/store/test_create.py::test_every_kind_of_proof_holds_and_restore_script_reads_the_store",
    "tests/store/test_create.py::test_only_its_owner_may_read_the_store",
    "tests/promote/test_promote.py::test_the_staged_set_becomes_live_and_the_former_is_parked_whole",
    "tests/promote/test_promote.py::test_hazard_a_stale_wal_never_survives_beside_a_promoted_file",
    "tests/promote/test_promote.py::test_failure_4_the_parked_set_goes_back_byte_for_byte",
    "tests/promote/test_promote.py::test_failure_8_refuses_while_another_process_holds_a_file",
    "tests/rollback/test_rollback.py::test_goes_back_while_the_program_writes_and_starts_it_again",
    "tests/program/test_windows.py",
    "tests/ui/test_window.py::test_the_language_changes_at_once",
)
"""Of what writes, keeps and swaps files, of the program and of the window, what takes the least."""
SECONDS = 900
"""A test that takes longer hangs: all takes about ten times what it takes on Linux."""


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
                ["-m", "pytest", "-q", "--no-header", "--tb=short", f"--timeout={SECONDS}",
                 f"--junitxml=Z:{report}", *paths],
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
