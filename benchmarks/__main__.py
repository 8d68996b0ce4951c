"""Figures beside their peers: ``python -m benchmarks NAME [--size 100MB] [--runs 5]``."""

from __future__ import annotations

import argparse

from benchmarks import backup, commits, downtime, health, migration, window
from ui.cli.demo import size_of

BENCHMARKS = {
    "backup": backup.run,
    "downtime": downtime.run,
    "health": health.run,
    "health-commits": commits.run,
    "migration": migration.run,
    "migration-downtime": migration.run_downtime,
    "migration-forecast": migration.run_forecast,
    "window": window.run,
}


def main() -> None:
    """Read the arguments and run one benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("benchmark", choices=sorted(BENCHMARKS))
    parser.add_argument("--size", type=size_of, default="100MB")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    BENCHMARKS[args.benchmark](args.size, args.runs)


if __name__ == "__main__":
    main()
