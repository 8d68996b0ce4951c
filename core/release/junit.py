"""Test results: a JUnit file, young enough, without failures, and of the very artefact."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

from core.base.model import Strict

MAX_BYTES = 64 * 1024 * 1024
PROPERTY = "artefact"


class TestResults(Strict):
    """What a JUnit file says."""

    __test__ = False  # not a test, whatever pytest makes of the name

    tests: int
    failures: int
    skipped: int
    artefacts: tuple[str, ...]
    """The values of the properties called `artefact`."""
    written: datetime


def read_junit(path: Path) -> TestResults:
    """Return what the JUnit file at *path* says; raises `ValueError`, `OSError`."""
    status = path.stat()
    if status.st_size > MAX_BYTES:
        raise ValueError("it is larger than 64 MB")
    text = path.read_bytes()
    # Entities are how an XML file makes a reader run out of memory; JUnit files have none.
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise ValueError("it defines a document type")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from error
    if root.tag not in {"testsuite", "testsuites"}:
        raise ValueError("it is no JUnit file")
    cases = list(root.iter("testcase"))
    bad = [case for case in cases if any(child.tag in {"failure", "error"} for child in case)]
    return TestResults(
        tests=len(cases),
        failures=len(bad),
        skipped=sum(1 for case in cases if case.find("skipped") is not None),
        artefacts=tuple(
            str(one.get("value", ""))
            for one in root.iter("property")
            if one.get("name") == PROPERTY
        ),
        written=datetime.fromtimestamp(status.st_mtime).astimezone(),
    )


def is_old(results: TestResults, now: datetime, hours: float) -> bool:
    """Whether the results are older than *hours*, or from the future."""
    age = now - results.written
    return age > timedelta(hours=hours) or age < timedelta(minutes=-5)


def is_of(results: TestResults, names: Collection[str | None]) -> bool:
    """Whether the results are of an artefact with one of *names* (its hash, its commit)."""
    return any(name is not None and name in results.artefacts for name in names)
