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
    chosen = sys.argv[1:] or ["-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadfile"]
    # The tests start thousands of processes: what they import is compiled once, not by each.
    environment = {name: value for name, value in os.environ.items() if name != NO_BYTECODE}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *chosen], cwd=ROOT, env=environment, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
