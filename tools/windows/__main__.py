"""``python -m tools.windows setup`` makes the rig, ``run ARGUMENT…`` runs python.exe on it.

``tour`` uses every command there and looks at what it leaves.  ``test`` runs all tests there,
file by file, or those of the paths that follow; ``test --core`` a part of what writes, keeps and
swaps files, and of the window, in one process.
"""

from __future__ import annotations

import sys

from tools.windows.rig import Rig, find_rig, run
from tools.windows.setup import RigError, make
from tools.windows.suite import CORE, Case, every_part, run_parts
from tools.windows.tour import TourError, tour

USAGE, NOT_HERE = 64, 69
"""Exit codes: of a wrong command, and where there is no rig (sysexits.h)."""


def main() -> int:
    """Do what the command line says."""
    # argparse takes no `-m` for an argument that is handed on.
    command, *arguments = sys.argv[1:] or [""]
    rig = find_rig()
    if command == "setup" and not arguments:
        return _set_up(rig)
    if command not in {"run", "tour", "test"}:
        print(__doc__, file=sys.stderr)
        return USAGE
    if not rig.python.exists():
        print("There is no rig yet: python -m tools.windows setup", file=sys.stderr)
        return NOT_HERE
    if command == "test":
        return _test(rig, arguments)
    return run(rig, arguments) if command == "run" else _tour(rig)


def _set_up(rig: Rig) -> int:
    try:
        make(rig)
    except RigError as why:
        print(f"No Windows here: {why}", file=sys.stderr)
        return NOT_HERE
    return run(rig, ["-c", "import sys, locale; print(sys.version, locale.getencoding())"])


def _test(rig: Rig, arguments: list[str]) -> int:
    parts = [CORE] if arguments == ["--core"] else [(one,) for one in arguments or every_part()]
    passed, seconds = 0, 0.0
    failed: list[Case] = []
    skipped: list[Case] = []
    for part in run_parts(rig, parts):
        passed, seconds = passed + len(part.of("passed")), seconds + part.seconds
        failed += part.of("failed")
        skipped += part.of("skipped")
        print(
            f"-- {' '.join(part.paths)}: {len(part.cases)} tests in {part.seconds:.0f} s",
            flush=True,
        )
    for case in (*skipped, *failed):
        print(f"{case.outcome} {case.name}: {case.why}")
    print(f"{passed} passed, {len(skipped)} skipped, {len(failed)} failed in {seconds:.0f} s")
    return 1 if failed else 0


def _tour(rig: Rig) -> int:
    try:
        tour(rig)
    except TourError as why:
        print(f"✗ {why}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
