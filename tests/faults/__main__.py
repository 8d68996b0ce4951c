"""Runs commands of the console under faults and judges what becomes of them.

    python -m tests.faults [--cases N] [--seed N] [--command NAME] [--call NAME] [--error NAME]
                           [--entry]
    python -m tests.faults --list
    python -m tests.faults --scenario NAME --call NAME --at N --error NAME [--lasting] [--below P]
    python -m tests.faults table LOG …
    python -m tests.faults races [--rounds N]
    python -m tests.faults flips [--cases N] [--seed N] [--kind KIND] [--log LOG]
    python -m tests.faults flips table LOG …

Prints a table (command, call, error: cases and violations) and one line that reproduces each
violation; ``table`` prints one for the logs of several runs.  Exit code 1 where there is any.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

from tests.faults.cases import BY_NAME, Bench, Case, Verdict, choose, plans, scenario_names
from tests.faults.interposer import CALLS, ERRORS, KILLS, Fault, unavailable
from tests.faults.scenarios import CUTS, SCENARIOS, Scenario
from tests.faults.workspace import Site, memory_folder


def main(arguments: list[str]) -> int:
    why = unavailable()
    if why is not None:
        sys.exit(why)
    # Ended from outside it leaves nothing on the memory disk either.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if arguments[:1] == ["races"]:
        from tests.faults.races import run_races

        return run_races(arguments[1:])
    if arguments[:1] == ["table"]:
        verdicts = [verdict for name in arguments[1:] for verdict in read_log(Path(name))]
        print(table(verdicts))
        return 1 if any(verdict.violations for verdict in verdicts) else 0
    if arguments[:1] == ["flips"]:
        from tests.faults.flips import run_flips

        return run_flips(arguments[1:])
    args = _parse(arguments)
    if args.list:
        for one in SCENARIOS:
            print(one.name)
        return 0
    folder = Path(tempfile.mkdtemp(prefix="ops-faults-", dir=memory_folder()))
    try:
        if args.at is not None:
            fault = Fault(args.call, args.at, args.error, args.lasting, args.below)
            verdicts = _one_after_the_other(folder / "0", [Case(args.scenario, fault)], args.log)
        else:
            verdicts = _many(folder, args)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(table(verdicts))
    return 1 if any(verdict.violations for verdict in verdicts) else 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--cases", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--command", help="a command, or a scenario by its whole name")
    parser.add_argument("--call", choices=CALLS)
    parser.add_argument("--error", choices=(*ERRORS, *KILLS))
    parser.add_argument("--list", action="store_true", help="only name the scenarios")
    parser.add_argument("--log", type=Path, help="write each verdict as a line of JSON")
    parser.add_argument(
        "--entry", action="store_true",
        help="begin each command as the operator does, not as a fork of one that is loaded",
    )  # fmt: skip
    parser.add_argument("--scenario")
    parser.add_argument("--at", type=int)
    parser.add_argument("--lasting", action="store_true")
    parser.add_argument("--below", default="")
    return parser.parse_args(arguments)


def _many(folder: Path, args: argparse.Namespace) -> list[Verdict]:
    """Share the commands among processes; templates and what is known are made once for each."""
    bases = [
        one
        for one in SCENARIOS
        if args.command in {None, one.command, one.name}
        or (args.command == "recover" and one.name in {base for base, _ in CUTS})
    ]
    verdicts: list[Verdict] = []
    with ProcessPoolExecutor(args.jobs) as pool:
        tasks = {
            pool.submit(
                _group, folder / str(number), base.name, _share(args, bases), args
            ): base.name
            for number, base in enumerate(bases)
        }
        for task in as_completed(tasks):
            try:
                verdicts += task.result()
            except Exception:  # noqa: BLE001 (the others go on, this one is told)
                print(f"{tasks[task]}: {traceback.format_exc()}", file=sys.stderr, flush=True)
    return verdicts


def _share(args: argparse.Namespace, bases: list[Scenario]) -> int:
    """Return how many cases each scenario gets."""
    named = [] if args.command == "recover" else bases
    cuts = [base for base, _ in CUTS] if args.command in {None, "recover"} else []
    return -(-args.cases // (len(named) + 3 * len(cuts)))


def _site(folder: Path) -> Site:
    folder.mkdir(parents=True)
    site = Site(folder)
    site.empty()
    return site


def _group(folder: Path, base: str, share: int, args: argparse.Namespace) -> list[Verdict]:
    bench = Bench(_site(folder), entry=args.entry)
    try:
        verdicts = []
        for name in scenario_names(bench, BY_NAME[base], args.command):
            faults = list(plans(bench.known(name).calls, args.call, args.error))
            cases = [Case(name, fault) for fault in choose(faults, share, args.seed)]
            verdicts += _run(bench, cases, args.log)
        return verdicts
    finally:
        bench.close()
        shutil.rmtree(folder, ignore_errors=True)


def _one_after_the_other(folder: Path, cases: list[Case], log: Path | None) -> list[Verdict]:
    bench = Bench(_site(folder))
    try:
        return _run(bench, cases, log)
    finally:
        bench.close()


def _run(bench: Bench, cases: list[Case], log: Path | None) -> list[Verdict]:
    verdicts = []
    for case in cases:
        verdict = bench.run(case)
        verdicts.append(verdict)
        if log is not None:
            with log.open("a", encoding="utf-8") as file:
                file.write(f"{json.dumps(asdict(verdict), ensure_ascii=False)}\n")
        if verdict.violations:
            lines = "\n    ".join(verdict.violations)
            print(f"✗ {case.reproducer}\n    at {verdict.path}\n    {lines}", flush=True)
    return verdicts


def read_log(path: Path) -> list[Verdict]:
    """Return the verdicts that ``--log`` wrote."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = json.loads(line)
        case = Case(fields["case"]["scenario"], Fault(**fields["case"]["fault"]))
        found.append(Verdict(**(fields | {"case": case})))
    return found


def table(verdicts: list[Verdict]) -> str:
    """Return the table of *verdicts* in Markdown."""
    columns = (*ERRORS, "kill", "crash")
    cases: Counter[tuple[str, str, str]] = Counter()
    bad: Counter[tuple[str, str]] = Counter()
    for verdict in verdicts:
        command = verdict.case.scenario.split(" (")[0]
        fault = verdict.case.fault
        cases[command, fault.call, fault.error.split("-")[0]] += 1
        bad[command, fault.call] += bool(verdict.violations)
    lines = [
        f"| command | call | {' | '.join(columns)} | violations |",
        f"|---|---|{'---:|' * (len(columns) + 1)}",
    ]
    for command, call in sorted(bad, key=lambda one: (one[0], CALLS.index(one[1]))):
        counts = " | ".join(str(cases[command, call, column]) for column in columns)
        lines.append(f"| {command} | {call} | {counts} | {bad[command, call]} |")
    total = " | ".join(
        str(sum(count for key, count in cases.items() if key[2] == column)) for column in columns
    )
    lines.append(f"| **{len(verdicts):,} cases** | | {total} | {sum(bad.values())} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
