"""``python3 -m tests``: runs all tests, preparing the environment for them first."""

import os
import subprocess
import sys
from pathlib import Path

from core.base.bootstrap import ensure_environment

ROOT = Path(__file__).resolve().parents[1]
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
"""https://docs.python.org/3/using/cmdline.html#envvar-PYTHONDONTWRITEBYTECODE"""


def main() -> int:
    ensure_environment(["-m", "tests"], sys.argv[1:], tests=True)
    # One more than there are cores, because tests wait for programs, too; who has run out of tests
    # takes some of another's, so that no long file goes on alone at the end.
    workers = min(4, (os.cpu_count() or 1) + 1)
    chosen = sys.argv[1:] or ["-n", str(workers), "--dist", "worksteal"]
    # The tests start thousands of processes: what they import is compiled once, not by each.
    environment = {name: value for name, value in os.environ.items() if name != NO_BYTECODE}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *chosen], cwd=ROOT, env=environment, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
