"""Races: somebody writes while the console swaps, and every acknowledged row has to be somewhere.

A row counts as kept where it is in the live set, in a listed restore point, or in a file that the
console named when it told what it did.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import oracle
from tests.faults.racer import NAMES
from tests.faults.scenarios import Notes, points, store
from tests.faults.workspace import Ran, Site, memory_folder

RACER = Path(__file__).with_name("racer.py")
MOMENTS = ("staged", "intent", "parked", "gone")
FINE = {0, 1, 3, 4}


@dataclass
class Round:
    """What came of one round."""

    race: str
    seed: int
    codes: list[int] = field(default_factory=list)
    acknowledged: int = 0
    lost: int = 0
    violations: list[str] = field(default_factory=list)


def racing(site: Site) -> Notes:
    """The template of the races: its program writes all the time."""
    notes = points(site)
    shutil.copyfile(RACER, site.app / "run_desktop_ui.py")
    return notes


def opener(site: Site, notes: Notes, chance: random.Random) -> list[Ran]:
    """Somebody opens a database between the check that nobody holds it and the swap."""
    name, moment = chance.choice(NAMES), chance.choice(MOMENTS)
    with _process(site, str(RACER), "--open", name, "--when", moment):
        return [site.console("rollback", "--to", notes["first"], "--yes", "--json")]


def restarter(site: Site, notes: Notes, chance: random.Random) -> list[Ran]:
    """The trading program is started again by somebody else whenever it ends."""
    over = threading.Event()
    pauses = [chance.choice((0.0, 0.01, 0.05, 0.2, 0.5, 1.0)) for _ in range(50)]

    def keep() -> None:
        for pause in pauses:
            process = _program(site)
            while process.poll() is None and not over.is_set():
                over.wait(0.002)
            if over.is_set():
                process.terminate()
                process.wait()
                return
            over.wait(pause)

    thread = threading.Thread(target=keep)
    thread.start()
    try:
        return [site.console("rollback", "--to", notes["first"], "--yes", "--json")]
    finally:
        over.set()
        thread.join()


def four(site: Site, notes: Notes, chance: random.Random) -> list[Ran]:
    """Four commands at once, while the program writes."""
    commands = [
        ("backup", "create"), ("rollback", "--to", notes["first"], "--yes"),
        ("backup", "prune"), ("migrate", "run", "--yes"), ("recover",),
        ("backup", "copy", "--to", str(site.away / "copy"), "--create"),
    ]  # fmt: skip
    _program(site)
    chosen = [commands[1], *chance.sample([commands[0], *commands[2:]], 3)]
    chance.shuffle(chosen)
    begun = [site.begin(*words, "--json") for words in chosen]
    ran = []
    for words, process in zip(chosen, begun, strict=True):
        out, err = process.communicate()
        ran.append(Ran(words, process.returncode, out, err, site.counted()))
    return ran


RACES: dict[str, Callable[[Site, Notes, random.Random], list[Ran]]] = {
    "opener": opener,
    "restarter": restarter,
    "four": four,
}


def play(site: Site, race: str, seed: int) -> Round:
    """Play one round of *race* and judge it."""
    notes = site.template("racing", racing)
    shutil.rmtree(site.folder / "acknowledged", ignore_errors=True)
    (site.folder / "acknowledged").mkdir()
    (site.folder / "over").unlink(missing_ok=True)
    ran = RACES[race](site, notes, random.Random(f"{race} {seed}"))
    site.end_programs()
    ran.append(site.console("recover", "--json"))
    found = Round(race, seed, [one.code for one in ran])
    for one in ran:
        if one.code not in FINE or "Traceback (most" in one.err:
            found.violations.append(f"{' '.join(one.words)}: exit {one.code}: {one.err[-300:]}")
    if ran[-1].code != 0:
        found.violations.append(f"recover: exit {ran[-1].code}: {ran[-1].sentences}")
    said = " ".join(one.out + one.err for one in ran)
    _judge_rows(site, found, said)
    for name in NAMES:
        verdict = oracle.database(name, site.app / "data" / f"{name}.sqlite3").get(name)
        if verdict != "ok":
            found.violations.append(f"{name} is {verdict}")
    return found


def _judge_rows(site: Site, found: Round, said: str) -> None:
    promised = {name: set[int]() for name in NAMES}
    for log in (site.folder / "acknowledged").iterdir():
        for line in log.read_text(encoding="utf-8").splitlines():
            name, number = line.split()
            promised[name].add(int(number))
    kept = {name: _rows(site.app / "data" / f"{name}.sqlite3") for name in NAMES}
    for point in oracle.listed(store(site)):
        with oracle.restored(store(site), point) as folder:
            if isinstance(folder, str):
                found.violations.append(folder)
                continue
            for name in NAMES:
                kept[name] |= _rows(folder / f"{name}.sqlite3")
    for path in site.app.rglob("*.sqlite3"):
        if path.parent.name != "data" and any(str(one) in said for one in (path, path.parent)):
            kept[path.stem] = kept.get(path.stem, set()) | _rows(path)
    found.acknowledged = sum(len(numbers) for numbers in promised.values())
    for name, numbers in promised.items():
        lost = len(numbers - kept[name])
        if lost:
            found.lost += lost
            where = [
                path.relative_to(site.app).as_posix()
                for path in site.app.rglob(f"*{name}.sqlite3")
                if (numbers - kept[name]) & _rows(path)
            ]
            found.violations.append(f"{lost} rows of {name} are lost; looked at {where}")


def _rows(path: Path) -> set[int]:
    if not path.exists():
        return set()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        for suffix in ("", "-wal", "-journal"):
            if Path(f"{path}{suffix}").exists():
                shutil.copyfile(f"{path}{suffix}", f"{copy}{suffix}")
        connection = sqlite3.connect(copy)
        try:
            return {number for (number,) in connection.execute("SELECT n FROM faults_race")}
        except sqlite3.Error:
            return set()
        finally:
            connection.close()


def _program(site: Site) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "run_desktop_ui.py", "--env=production"], cwd=site.app,
        env=site.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


@contextlib.contextmanager
def _process(site: Site, *words: str) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, *words], cwd=site.folder, env=site.environment(),
        stdin=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        yield
    finally:
        (site.folder / "over").touch()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()


def run_races(arguments: list[str]) -> int:
    """Play all races and print a table; 1 where a row was lost or anything else is not so."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults races")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--race", choices=RACES)
    args = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="ops-races-", dir=memory_folder()))
    site = Site(folder)
    site.empty()
    rounds: list[Round] = []
    try:
        for race in RACES if args.race is None else (args.race,):
            for seed in range(args.seed, args.seed + args.rounds):
                one = play(site, race, seed)
                rounds.append(one)
                if one.violations:
                    lines = "\n    ".join(one.violations)
                    again = f"--race {race} --seed {seed} --rounds 1"
                    print(f"✗ python -m tests.faults races {again}\n    {one.codes}\n    {lines}",
                          flush=True)  # fmt: skip
    finally:
        site.empty()
        shutil.rmtree(folder, ignore_errors=True)
    print(table(rounds))
    return 1 if any(one.violations for one in rounds) else 0


def table(rounds: list[Round]) -> str:
    """Return the table of *rounds* in Markdown."""
    lines = [
        "| race | rounds | commands that succeeded | rows acknowledged | rows lost | violations |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for race in RACES:
        mine = [one for one in rounds if one.race == race]
        if mine:
            lines.append(
                f"| {race} | {len(mine)} | {sum(code == 0 for one in mine for code in one.codes)} "
                f"| {sum(one.acknowledged for one in mine):,} | {sum(one.lost for one in mine):,} "
                f"| {sum(bool(one.violations) for one in mine)} |"
            )
    return "\n".join(lines)
