"""One case: a scenario, a fault, and everything that has to be so afterwards."""

from __future__ import annotations

import random
import re
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.faults import oracle
from tests.faults.interposer import CALLS, ERRORS, KILLS, Fault
from tests.faults.scenarios import CUTS, SCENARIOS, Notes, Scenario, interrupted, release, store
from tests.faults.server import Server
from tests.faults.workspace import Ran, Site

KNOWN_CODES = {0, 1, 3, 4}
"""What a command may exit with: done, failed with sentences, damaged, locked."""
TRACE = re.compile(r"^Traceback \(most recent call last\)", re.M)
BELOW = ("", "app/data/s", "app/data/.ops_console", "app/data/backups")
"""Where a disk may be broken for good: all of it, two databases, the areas beside, the store."""
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


@dataclass(frozen=True)
class Case:
    """A scenario by its name, and a fault."""

    scenario: str
    fault: Fault

    @property
    def reproducer(self) -> str:
        fault = self.fault
        more = " --lasting" if fault.lasting else ""
        more += f" --below {fault.below}" if fault.below else ""
        return (
            f"python -m tests.faults --scenario '{self.scenario}' --call {fault.call} "
            f"--at {fault.at} --error {fault.error}{more}"
        )


@dataclass(frozen=True)
class Known:
    """What a scenario does where nothing goes wrong."""

    calls: Mapping[str, Mapping[str, int]]
    """How often it calls what, by the path below which it is counted; ``""``: anywhere."""
    old: Mapping[str, str | None]
    new: Mapping[str, str | None]
    release_new: str
    """``changed`` or what the pointer said: release folders have a new name each time."""


@dataclass
class Verdict:
    """What came of a case."""

    case: Case
    fired: int
    code: int
    seconds: float
    path: str
    violations: list[str] = field(default_factory=list)
    sentence: str = ""


class Bench:
    """Runs cases in one site; what it learns of a scenario it keeps.

    *below* are the places below which calls are counted; each costs one run of each scenario.
    With *entry* what is under a fault is begun as the operator does, else it is a fork of a process
    that has loaded the console.
    """

    def __init__(self, site: Site, below: tuple[str, ...] = BELOW, *, entry: bool = True) -> None:
        self.site = site
        self._below = below
        self._entry = entry
        self._known: dict[str, Known] = {}
        self._server = Server(site)

    def close(self) -> None:
        self.site.empty()
        self._server.__exit__()

    def scenario(self, name: str) -> Scenario:
        """Return the scenario called *name*, also one that recovers."""
        found = re.fullmatch(r"recover \((.+) cut at (\w+) (\d+)\)", name)
        if found is None:
            return BY_NAME[name]
        return interrupted(BY_NAME[found[1]], found[2], int(found[3]))

    def known(self, name: str) -> Known:
        """Run the scenario without a fault, twice where its result is not settled, and learn."""
        if name in self._known:
            return self._known[name]
        scenario = self.scenario(name)
        ends, calls, old, pointers = [], {}, None, []
        # One run for each place below which is counted; what is not settled needs two.
        runs = self._below if scenario.settled or len(self._below) > 1 else ("", "")
        if scenario.command == "recover":
            runs = ("",)  # what becomes of the data is known from what was cut off
        for below in runs:
            notes = self._begin(scenario)
            old = notes.get("cut_old") or oracle.live(self.site.app)
            before = release(self.site)
            ran = self._console(scenario, notes, below=below)
            if ran.code != 0:
                raise RuntimeError(
                    f"{name} without a fault: {ran.code}\n{ran.out[-1500:]}\n{ran.err[-1500:]}"
                )
            calls[below] = ran.counted.calls
            ends.append(oracle.live(self.site.app))
            now = release(self.site)
            pointers.append("changed" if now not in {before, "none"} else now)
        if "base" in notes:
            base = self.known(notes["base"])
            new, pointer = base.new, base.release_new
        else:
            new, pointer = oracle.same_in(ends[0], ends[-1]), pointers[-1]
        self._known[name] = Known(calls=calls, old=old or {}, new=new, release_new=pointer)
        return self._known[name]

    def _begin(self, scenario: Scenario) -> Notes:
        notes = self.site.template(scenario.template, lambda _: scenario.make(self.site))
        if scenario.running:
            self.site.start_program()
        return notes

    def _console(
        self, scenario: Scenario, notes: Notes, fault: Fault | None = None, below: str = ""
    ) -> Ran:
        words = (*scenario.words(self.site, notes), "--json")
        how = self.site.console if self._entry else self._server.run_armed
        return how(*words, fault=fault, below=below)

    def run(self, case: Case) -> Verdict:
        """Run *case* and judge it."""
        scenario, known = self.scenario(case.scenario), self.known(case.scenario)
        begun = time.monotonic()
        notes = self._begin(scenario)
        site = self.site
        judge = _Judge(site, scenario, notes, known, oracle.names(site.app))
        ran = self._console(scenario, notes, fault=case.fault)
        judge.ended(ran, case.fault)
        judge.recovers(self._server)
        judge.points()
        judge.usable(self._server, zlib.crc32(case.reproducer.encode()))
        judge.started()
        return Verdict(
            case=case,
            fired=ran.counted.fired,
            code=ran.code,
            seconds=time.monotonic() - begun,
            path=ran.counted.path.removeprefix(f"{site.folder}/"),
            violations=judge.found,
            sentence=ran.sentences.get("data_state", ""),
        )


class _Judge:
    """Looks at one case step by step, and notes what is not so."""

    def __init__(
        self,
        site: Site,
        scenario: Scenario,
        notes: Notes,
        known: Known,
        names: frozenset[str],
    ) -> None:
        self.site = site
        self.scenario = scenario
        self.notes = notes
        self.known = known
        self.names = names
        self.release = notes.get("cut_release") or release(site)
        """In production before; for a recovery: before what was cut off."""
        self.before = oracle.listed(store(site))
        self.start = oracle.live(site.app)
        """What is live when the command begins: for a recovery neither the old nor the new set."""
        self.owed = (site.app / "data" / "ops_console" / "switchover.json").exists()
        """Whether what is to be recovered was cut off between stopping and starting the program."""
        self.found: list[str] = []
        self.killed = False

    @property
    def recovering(self) -> bool:
        return "cut_old" in self.notes

    def note(self, step: str, what: str) -> None:
        self.found.append(f"{step}: {what}")

    def side(self, content: oracle.Content) -> str:
        """Return ``old``, ``new``, ``both`` or ``neither``."""
        old = oracle.is_as(content, self.known.old)
        new = oracle.is_as(content, self.known.new)
        return "both" if old and new else "old" if old else "new" if new else "neither"

    def ended(self, ran: Ran, fault: Fault) -> None:
        """Judge the exit code, the sentences, and what is live at once."""
        side = self.side(oracle.live(self.site.app))
        self.killed = ran.code == -9
        if ran.code == -1000:
            self.note("command", "it did not end")
            return
        if self.killed:
            if fault.error not in KILLS:
                self.note("command", "it was killed, but by whom?")
            return
        if ran.code not in KNOWN_CODES:
            self.note("command", f"exit {ran.code}: {(ran.out + ran.err)[-600:]}")
        if TRACE.search(ran.err):
            self.note("command", f"a traceback: {ran.err[-600:]}")
        if ran.code == 0:
            self._kept_its_promise(ran, side)
        elif ran.code != 3:
            self._told_the_truth(ran, side)

    def _kept_its_promise(self, ran: Ran, side: str) -> None:
        for what in self.scenario.promise(self.site, self.notes, ran, self.known.old):
            self.note("promise", what)
        # A recovery may as well have undone what was cut off.
        if side not in ({"new", "both", "old"} if self.recovering else {"new", "both"}):
            live = oracle.live(self.site.app)
            self.note("promise", f"exit 0, but {oracle.differences(live, self.known.new)}")
        wanted = self._ends_running()
        if bool(self.site.running()) != wanted:
            self.note("promise", f"the program {'does not run' if wanted else 'runs'}")

    def _told_the_truth(self, ran: Ran, side: str) -> None:
        if not ran.sentences:
            self.note("command", f"exit {ran.code} without a sentence: {ran.err[-300:]}")
        claims = oracle.untrue(
            ran.sentences, untouched=oracle.live(self.site.app) == self.start,
            whole=side != "neither", new=side in {"new", "both"},
            same_points=oracle.listed(store(self.site)) == self.before,
            runs=bool(self.site.running()),
        )  # fmt: skip
        for claim in claims:
            self.note("sentence", claim)
        stopped = self._ends_running() and not self.site.running()
        # One that did not run is as it was where nothing was touched.
        if not self.scenario.running and "Nothing was touched." in ran.sentences.values():
            stopped = False
        if stopped and not oracle.STOPPED.search(" ".join(ran.sentences.values())):
            self.note("sentence", f"the program is left stopped: {ran.sentences}")

    def _ends_running(self) -> bool:
        wanted = self.scenario.ends_running
        if wanted is None:
            return self.scenario.running or bool(self.site.running())
        return wanted

    def recovers(self, server: Server) -> None:
        """Judge that recovery makes the set whole, once, leaves no litter, and is idempotent."""
        ran = server.run("recover", "--json")
        if ran.code != 0:
            self.note("recover", f"exit {ran.code}: {ran.sentences or ran.err[-400:]}")
        content = oracle.live(self.site.app)
        side = self.side(content)
        if side == "neither":
            self.note(
                "recover",
                f"the set is neither old ({oracle.differences(content, self.known.old)}) nor new "
                f"({oracle.differences(content, self.known.new)})",
            )
        self.pair(side)
        self.kept(side)
        for name in oracle.litter(self.site.app, self.names):
            self.note("litter", name)
        stopped = self.scenario.running and self.scenario.ends_running is None and self.killed
        if (stopped or self.owed) and not self.site.running():
            self.note("recover", "the program that ran does not run")
        before = oracle.names(self.site.app)
        again = server.run("recover", "--json")
        if again.code != 0 or again.document.get("recovered") or again.document.get("ingested"):
            self.note("recover again", f"exit {again.code}: {again.out[:300]}")
        logs = re.compile(r"logs/|ops_console/service|-wal$|-shm$|reserve$")
        changed = [one for one in before ^ oracle.names(self.site.app) if not logs.search(one)]
        if changed:
            self.note("recover again", f"it changed {sorted(changed)[:5]}")

    def pair(self, side: str) -> None:
        """Judge that release and data belong together."""
        if self.known.release_new == self.release or side not in {"old", "new"}:
            return
        now = release(self.site)
        wanted = now == self.release if side == "old" else now != self.release
        if not wanted:
            self.note("recover", f"the data is {side}, but the release is {now}")

    def kept(self, side: str) -> None:
        """Judge that what was live before is in a restore point, where it was replaced."""
        if side != "new" or self.recovering:
            return
        held: dict[str, set[str]] = {}
        for point in oracle.listed(store(self.site)):
            content = oracle.materialise(store(self.site), point)
            for place, value in content.items() if not isinstance(content, str) else ():
                held.setdefault(place, set()).add(value)
        lost = {
            place.split(".")[0]
            for place, value in self.known.old.items()
            if value not in held.get(place, set())
        }
        if lost:
            self.note("lost", f"what was live before is in no restore point: {sorted(lost)}")

    def points(self) -> None:
        """Judge that every listed restore point can be restored, and is what it was."""
        for point in oracle.listed(store(self.site)):
            content = oracle.materialise(store(self.site), point)
            if isinstance(content, str):
                self.note("points", content)
                continue
            was = self.notes["points"].get(point)
            if was is not None and content != was:
                self.note("points", f"{point} differs: {oracle.differences(content, was)}")
        gone = set(self.before) - set(oracle.listed(store(self.site)))
        if gone and self.scenario.command != "backup prune" and "prune" not in self.scenario.name:
            self.note("points", f"restore points are gone: {sorted(gone)}")

    def usable(self, server: Server, turn: int) -> None:
        """Judge that the console works as ever: by turns that it saves and that it goes back."""
        self._outside(server)
        if turn % 2:
            self._can_save(server)
        else:
            self._can_go_back(server)

    def _can_save(self, server: Server) -> None:
        for words in (("backup", "create"), ("backup", "list")):
            ran = self._works(server, *words)
            if ran.document.get("damaged"):
                self.note("afterwards", f"damaged: {ran.document['damaged']}")
        status = server.run("service", "status", "--json")
        if status.code not in {0, 1} or (status.code == 0) != bool(self.site.running()):
            self.note("afterwards", f"service status: exit {status.code}")

    def _can_go_back(self, server: Server) -> None:
        self._works(server, "status")
        target = self.notes["first"]
        ran = self._works(server, "rollback", "--to", target, "--yes")
        if ran.code == 0 and oracle.live(self.site.app) != self.notes["points"][target]:
            self.note("afterwards", "after a rollback other data is live than was wanted")

    def _works(self, server: Server, *words: str) -> Ran:
        ran = server.run(*words, "--json")
        if ran.code != 0:
            said = ran.sentences or (ran.out + ran.err)[-400:]
            self.note("afterwards", f"{' '.join(words)}: exit {ran.code}: {said}")
        return ran

    def _outside(self, server: Server) -> None:
        """Where the command writes to another disk, do it once more: nothing half made is left."""
        if self.scenario.command not in {"backup copy", "backup export"}:
            return
        if self.scenario.command == "backup copy":
            ran = server.run(*self.scenario.words(self.site, self.notes), "--json")
            if ran.code != 0:
                self.note("afterwards", f"again: exit {ran.code}: {ran.sentences}")
        left = [
            path.relative_to(self.site.folder).as_posix()
            for path in self.site.away.rglob("*")
            if re.search(r"\.(making|part|new|tmp)$", path.name) or path.name.startswith(".")
        ]
        if left:
            self.note("litter", f"{left[:3]}")

    def started(self) -> None:
        """Judge that the program was never started on anything but a whole set."""
        target = self.notes["points"][self.notes["first"]]
        for folder in self.site.starts:
            content = oracle.live(folder)
            if self.side(content) == "neither" and content != target:
                self.note(
                    "start",
                    "the program was started on a set that is neither old nor new: "
                    f"{oracle.differences(content, self.known.old)}",
                )


def plans(
    calls: Mapping[str, Mapping[str, int]], call: str | None, error: str | None
) -> Iterator[Fault]:
    """Return every fault that a command with these *calls* can meet."""
    for kind in CALLS if call is None else (call,):
        for name in (*ERRORS, *KILLS) if error is None else (error,):
            for at in range(1, calls[""][kind] + 1):
                yield Fault(kind, at, name)
            for below, counts in calls.items() if name in ERRORS else ():
                for at in range(1, counts[kind] + 1):
                    yield Fault(kind, at, name, lasting=True, below=below)


def scenario_names(bench: Bench, base: Scenario, command: str | None) -> list[str]:
    """Return *base*, where it is of *command*, and the recoveries after it was cut off."""
    names = [base.name] if command in {None, base.command, base.name} else []
    for cut, call in CUTS if command in {None, "recover"} else ():
        if cut == base.name:
            count = bench.known(cut).calls[""][call]
            chosen = sorted({max(1, count // 3), max(1, 2 * count // 3), count})
            names += [f"recover ({cut} cut at {call} {at})" for at in chosen]
    return names


def choose(faults: list[Fault], number: int, seed: int) -> list[Fault]:
    """Return *number* of *faults*, all kinds of call alike; all of them where there are fewer."""
    if len(faults) <= number:
        return faults
    chance = random.Random(seed)
    by_call: dict[str, list[Fault]] = {}
    for fault in faults:
        by_call.setdefault(fault.call, []).append(fault)
    for some in by_call.values():
        chance.shuffle(some)
    chosen: list[Fault] = []
    while len(chosen) < number:
        for some in by_call.values():
            if some and len(chosen) < number:
                chosen.append(some.pop())
    return chosen
