"""A file that somebody opens at any step of a promote: refused or undone whole, never half."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from core.base.config.models import Settings
from core.base.operation import OperationError
from core.promote.condition import is_whole
from core.promote.engine import fingerprint_of, promote
from core.promote.recovery import recover
from tests.promote.conftest import ID, stage, state
from tests.promote.dying import CALLS
from tests.promote.test_promote import reset

HOLDER = """
import sys
for line in sys.stdin:
    try:
        held = open(line.rstrip("\\n"), "rb")
        print("held", flush=True)
    except OSError:
        print("not there", flush=True)
"""
"""Opens what it is told to open, as a virus scanner does, until it ends."""


@contextmanager
def opened_at(step: int, path: Path) -> Iterator[list[str]]:
    """Have another process open *path* before change number *step* of a folder.

    Yields what it answered, once it was told.
    """
    holder = subprocess.Popen(
        [sys.executable, "-X", "utf8", "-c", HOLDER], encoding="utf-8",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    left = step
    answers: list[str] = []

    def counted(function: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **keywords: object) -> object:
            nonlocal left
            if left == 0 and holder.stdin and holder.stdout:
                holder.stdin.write(f"{path}\n")
                holder.stdin.flush()
                answers.append(holder.stdout.readline().strip())
            left -= 1
            return function(*arguments, **keywords)

        return call

    try:
        with pytest.MonkeyPatch.context() as patch:
            for name in CALLS:
                patch.setattr(os, name, counted(getattr(os, name)))
            yield answers
    finally:
        holder.communicate()


@pytest.mark.timeout(1200)
def test_a_file_held_from_any_step_on_leaves_the_set_whole(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.promote.locks.PATIENCE_SECONDS", 0.2)
    outcomes: set[str] = set()
    for step in count():
        replacements = stage(settings)
        with opened_at(step, settings.file("b").path) as answers:
            try:
                promote(settings, ID, replacements, fingerprint_of(settings))
                outcome = "new"
            except OperationError:
                outcome = "old"
            # Where it could not be put back while it is held, nothing is started.
            assert not is_whole(settings) or state(settings) == outcome
        recover(settings)
        assert is_whole(settings) and state(settings) == outcome
        outcomes.add(outcome)
        reset(settings)
        if not answers:
            break
    assert outcomes == {"old", "new"} and step > 20
