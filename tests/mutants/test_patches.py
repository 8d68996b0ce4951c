"""Every patch still applies, and names a test that is there; that it is caught is seen by hand."""

from __future__ import annotations

import shutil

import pytest

from tests.mutants.__main__ import ROOT, applies, mutants, row

MUTANTS = mutants([])


def test_there_are_enough() -> None:
    assert len(MUTANTS) >= 40


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not there")
@pytest.mark.parametrize("mutant", MUTANTS, ids=[one.name for one in MUTANTS])
def test_a_patch_applies_and_names_its_test(mutant: object) -> None:
    (one,) = [mine for mine in MUTANTS if mine is mutant]
    assert applies(one, ROOT, check=True)
    name, _, test = one.caught_by.partition("::")
    assert (ROOT / name).is_file()
    assert f"def {test}(" in (ROOT / name).read_text(encoding="utf-8") if test else True


def test_the_page_tells_of_every_patch() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8").splitlines()
    assert [one.name for one in MUTANTS if row(one, "caught") not in page] == []
