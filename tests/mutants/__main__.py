"""Breaks one safety check after the other in a copy of the tree, and sees a test fail for each.

    python -m tests.mutants [NAME …] [--jobs N] [--known LOG]

A patch says in its first two lines what it breaks and which test catches it.  Prints a table for
docs/reliability.md; exit code 1 where a patch does not apply, a test passes all the same, or one
fails without any patch.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
TESTS_FAILED = 1
"""Exit code of pytest where tests ran and one failed."""


class Mutant(NamedTuple):
    """One patch: the check that it breaks, and the test that is to fail."""

    path: Path
    breaks: str
    caught_by: str

    @property
    def name(self) -> str:
        """Its file's name."""
        return self.path.stem


def mutants(names: list[str]) -> list[Mutant]:
    """Return the patches called *names*, all of them where none is named."""
    found = []
    for path in sorted(FOLDER.glob("*.patch")):
        first, second = path.read_text(encoding="utf-8").splitlines()[:2]
        found.append(
            Mutant(path, first.removeprefix("# breaks: "), second.removeprefix("# caught by: "))
        )
    return [one for one in found if not names or one.name in names]


def applies(mutant: Mutant, root: Path, *, check: bool) -> bool:
    """Apply a patch below *root*, or with *check* only look; return whether it applies."""
    command = ["git", "apply", *(["--check"] if check else []), str(mutant.path)]
    return subprocess.run(command, cwd=root, check=False, capture_output=True).returncode == 0


def run_tests(tests: Sequence[str], mutant: Mutant | None) -> int | None:
    """Run *tests* in a copy of the tree with *mutant* applied, and return what pytest ends with.

    None where the patch does not apply.
    """
    with tempfile.TemporaryDirectory(prefix="ops-mutant-") as folder:
        tree = Path(folder) / "tree"
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True
        ).stdout
        for name in listed.decode().split("\0"):
            if name and (ROOT / name).is_file():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, tree / name)
        subprocess.run(["git", "init", "-q"], cwd=tree, check=True)
        if mutant is not None and not applies(mutant, tree, check=False):
            return None
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests],
            cwd=tree, check=False, capture_output=True,
        ).returncode  # fmt: skip


def judge(mutant: Mutant) -> str:
    """Return ``caught``, or what else became of it."""
    ended = run_tests([mutant.caught_by], mutant)
    if ended is None:
        return "does not apply"
    return "caught" if ended == TESTS_FAILED else f"survived (pytest ended with {ended})"


def row(mutant: Mutant, verdict: str) -> str:
    """Return the line of *mutant* in the table."""
    caught_by = mutant.caught_by.removeprefix("tests/")
    return f"| {mutant.name} | {mutant.breaks} | {caught_by} | {verdict} |"


def main(arguments: list[str]) -> int:
    """Judge the mutants and print their table; return the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args(arguments)
    chosen = mutants(args.names)
    if run_tests(sorted({one.caught_by for one in chosen}), None) != 0:
        print("The tests do not pass without any patch, so that they fail with one says nothing.")
        return 1
    print("| patch | what must hold | caught by | verdict |\n|---|---|---|---|", flush=True)
    verdicts = []
    with ThreadPoolExecutor(args.jobs) as pool:
        for mutant, verdict in zip(chosen, pool.map(judge, chosen), strict=True):
            verdicts.append(verdict)
            print(row(mutant, verdict), flush=True)
    return 0 if all(verdict == "caught" for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
