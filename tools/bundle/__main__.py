"""``python -m tools.bundle [--output FOLDER]`` builds the programs and tries them out."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from core.base.bootstrap import ensure_environment


def main() -> int:
    """Build into the folder that the command line names; 1 where that fails."""
    ensure_environment(["-m", "tools.bundle"], sys.argv[1:], tests=True)
    parser = argparse.ArgumentParser(prog="python -m tools.bundle", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("dist"), metavar="FOLDER")
    target = parser.parse_args().output.resolve()

    from tools.bundle.build import build  # noqa: PLC0415 (after the libraries are there)
    from tools.bundle.smoke import SmokeError, smoke  # noqa: PLC0415

    try:
        built = build(target)
        smoke(built)
    except (subprocess.CalledProcessError, SmokeError) as why:
        print(f"The build failed: {why}", file=sys.stderr)
        return 1
    size = sum(file.lstat().st_size for file in built.rglob("*"))
    print(f"{built}  ({size / 2**20:.0f} MiB): backed up, went back, opened its window")
    return 0


if __name__ == "__main__":
    sys.exit(main())
