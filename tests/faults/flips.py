"""Changes one byte of what the console keeps, and judges by content what its commands make of it.

    python -m tests.faults flips [--cases N] [--seed N] [--kind KIND] [--jobs N] [--log LOG]
    python -m tests.faults flips --kind KIND --template NAME --number N [--seed N]
    python -m tests.faults flips table LOG …

A case is one changed byte in one file, then some of the commands that read that file.  What each
restore point, the live set and each record held is known from before.  The change may be harmless
(every answer is the known one) or be told; it may never be acted upon.  The second form runs one
case again.  Prints a table and a line for each violation; the exit code is 1 where there is any.

The commands run in forks of a process that has loaded the console; in each 25th case they run as
the operator runs them, each as `run_ops_console.py` in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import shutil
import string
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.faults import oracle
from tests.faults.cases import BY_NAME
from tests.faults.scenarios import deployed, interrupted, points, release, store
from tests.faults.server import Server
from tests.faults.workspace import Ran, Site, memory_folder, require

BUG = 70
CLASSES = (string.digits, string.ascii_lowercase, string.ascii_uppercase)
TOLD = re.compile(
    r"damage|corrupt|cannot be (read|used)|unreadable|does not match|not sound|set aside"
)
PASSING = re.compile(r"(^|\.)(age|ago|free|seconds|elapsed|moment|at|now|pid|memory|cpu)", re.I)
"""Names of what an answer holds that differs from one minute to the next."""
OUTCOMES = ("same", "told", "violations")
AS_OPERATOR = 25


@dataclass(frozen=True)
class Kind:
    """A kind of file: in which state of a workspace it lies where, and which commands read it."""

    name: str
    template: str
    files: str
    """A glob below the workspace."""
    looks: tuple[str, ...]
    """Commands that change nothing."""
    changes: tuple[str, ...]
    """Commands that do; ``ID`` stands for a restore point."""
    exact: bool = True
    """Whether an answer that differs from the known one has to say why."""
    weight: int = 1
    """Its share of the cases: how much there is of it, and how quickly a case is run."""


LOOKS = ("backup list", "backup show ID", "backup verify ID", "status")
RECORDS = "data/ops_console/migration/"
KINDS = (
    Kind("pack", "points", "data/backups/packs/*.pack",
         (*LOOKS, "backup diff ID", "rollback --to ID --dry-run", "backup prune --dry-run"),
         ("backup create", "rollback --to ID --yes", "backup prune"), exact=False, weight=16),
    Kind("manifest", "points", "data/backups/points/*Z-??????.json",
         (*LOOKS, "backup diff ID", "rollback --to ID --dry-run", "backup prune --dry-run"),
         ("backup create", "rollback --to ID --yes", "backup prune"), exact=False, weight=16),
    Kind("notes", "points", "data/backups/points/*.notes.json",
         ("backup list", "backup show ID", "backup prune --dry-run"),
         ("backup pin ID", "backup create", "rollback --to ID --yes"), weight=10),
    Kind("store marker", "points", "data/backups/STORE.*",
         (*LOOKS, "backup diff ID", "backup prune --dry-run"),
         ("backup create", "rollback --to ID --yes", "backup prune", "backup pin ID"), weight=10),
    Kind("swap intent", "cut link", "data/ops_console/promote/*",
         ("status", "backup list"), ("recover",), exact=False, weight=3),
    Kind("swap intent", "cut unlink", "data/ops_console/promote/*",
         ("status", "backup list"), ("recover",), exact=False, weight=3),
    Kind("swap intent", "cut rmdir", "data/ops_console/promote/*",
         ("status", "backup list"), ("recover", "backup create"), exact=False, weight=3),
    Kind("swap intent", "cut running", "data/ops_console/promote/*",
         ("status", "backup list"), ("recover",), exact=False),
    Kind("switchover intent", "cut running", "data/ops_console/switchover.*",
         ("status", "service status"), ("recover",), exact=False),
    *(Kind("switchover intent", f"cut deploy {phase}", "data/ops_console/switchover.*",
           ("status", "deploy status", "deploy plan"), ("recover",), exact=False)
      for phase in ("stopping", "swapped", "switched", "started")),
    Kind("migration under way", "cut migration", f"{RECORDS}underway.*",
         ("migrate status", "status"), ("recover",), exact=False),
    Kind("pointer", "deployed", "deployment/current.json",
         ("deploy status", "status", "deploy plan"),
         ("backup create", "rollback --to ID --yes", "deploy rollback --yes"), weight=5),
    Kind("deployment log", "deployed", "deployment/deployments.*",
         ("deploy history", "deploy status", "deploy plan", "status"),
         ("backup create", "deploy rollback --yes"), weight=5),
    Kind("release record", "deployed", "deployment/releases/*/release.json",
         ("deploy status", "deploy plan", "status"), ("deploy rollback --yes", "backup create"),
         exact=False, weight=4),
    Kind("rehearsal", "points", f"{RECORDS}rehearsal.json",
         ("migrate status", "migrate plan", "migrate preflight"), ("backup create",), weight=5),
    Kind("review", "points", f"{RECORDS}decisions.json",
         ("migrate status", "migrate plan", "migrate preflight"), ("backup create",), weight=5),
    Kind("ops.sqlite3", "points", "data/ops_console/ops.sqlite3*",
         ("journal", "status", "health", "backup list"),
         ("backup create", "rollback --to ID --yes", "recover"), exact=False, weight=8),
    Kind("configuration", "points", "ops_console.yaml",
         ("status", "backup list", "health", "migrate plan", "rollback --to ID --dry-run"),
         ("backup create", "rollback --to ID --yes", "recover"), exact=False, weight=6),
)  # fmt: skip
NAMES = tuple(dict.fromkeys(kind.name for kind in KINDS))
TWICE = {"swap intent", "switchover intent", "migration under way"}
"""What lies there twice, so that after one flip everything goes as it would without it."""


@dataclass(frozen=True)
class Flip:
    """One changed byte."""

    path: str
    offset: int
    old: int
    new: int

    def __str__(self) -> str:
        return f"{self.path} byte {self.offset}: {self.old:#04x} -> {self.new:#04x}"


@dataclass
class Verdict:
    """What became of a case."""

    kind: str
    template: str
    number: int
    seed: int
    flip: Flip
    words: list[str] = field(default_factory=list)
    told: bool = False
    violations: list[str] = field(default_factory=list)

    @property
    def reproducer(self) -> str:
        return (
            f"python -m tests.faults flips --kind '{self.kind}' --template '{self.template}' "
            f"--number {self.number} --seed {self.seed}"
        )

    @property
    def outcome(self) -> str:
        return "violations" if self.violations else "told" if self.told else "same"


def _with_records(site: Site) -> dict[str, Any]:
    notes = points(site)
    for point in notes["points"]:
        require(site.console("backup", "pin", point, "--note", "before the turn 7", "--json"))
    require(site.console("migrate", "rehearse", "--json"))
    _decide(site)
    return notes | {"sets": [oracle.live(site.app)]}


def _decide(site: Site) -> None:
    """Decide about a row that a rehearsal leaves in review, as the window does."""
    from core.base.config.load import load_settings
    from migration.run.models import Decision
    from migration.run.records import decide

    settings = load_settings(site.app, {}, site.app)
    for row in (3, 14):
        decide(settings, Decision(database="strategies", table="strategies", row=row, leave=True))


def _deployed(site: Site) -> dict[str, Any]:
    notes = deployed(site)
    site.end_programs()
    return notes | {"sets": [oracle.live(site.app), notes["before"]]}


def _cut(base: str, call: str, at: int, below: str = "") -> Callable[[Site], dict[str, Any]]:
    """Cut *base* off before its *at*-th *call*, of those *below* a path of the site."""

    def make(site: Site) -> dict[str, Any]:
        notes = interrupted(BY_NAME[base], call, at, below).make(site)
        site.end_programs()
        # What a migration or a deployment makes of the data differs each time: it is the former
        # set that counts for a deployment, which always comes back where its program does not run.
        sets = None if base == "migrate run" else [notes["cut_old"]]
        if base.startswith("rollback"):
            sets = [notes["cut_old"], notes["points"][notes["first"]]]
        return notes | {"sets": sets}

    return make


SWITCHOVER = "app/data/ops_console/switchover"


TEMPLATES: dict[str, Callable[[Site], dict[str, Any]]] = {
    "points": _with_records,
    "deployed": _deployed,
    "cut link": _cut("rollback", "link", 6),
    "cut unlink": _cut("rollback", "unlink", 12),
    "cut rmdir": _cut("rollback", "rmdir", 3),
    "cut running": _cut("rollback (running)", "link", 6),
    # Each phase is written down by two renames, one for each copy.
    "cut deploy stopping": _cut("deploy run", "rename", 3, SWITCHOVER),
    "cut deploy swapped": _cut("deploy run", "rename", 5, SWITCHOVER),
    "cut deploy switched": _cut("deploy run", "rename", 7, SWITCHOVER),
    "cut deploy started": _cut("deploy run", "unlink", 1, SWITCHOVER),
    "cut migration": _cut("migrate run", "unlink", 1, f"app/{RECORDS}underway"),
}


class Bench:
    """Runs cases in one site; what it learns of a template it keeps."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._server = Server(site)
        self._answers: dict[tuple[str, str], dict[str, Any]] = {}
        self._points: dict[str, dict[str, oracle.Content]] = {}
        self._loud: set[tuple[str, str]] = set()
        self._as_operator = False

    def close(self) -> None:
        self.site.empty()
        self._server.__exit__()

    def run(self, kind: Kind, number: int, seed: int) -> Verdict:
        """Run case *number* of *kind*."""
        dice = random.Random(f"{seed} {kind.name} {kind.template} {number}")
        notes = self._begin(kind)
        paths = sorted(path for path in self.site.app.glob(kind.files) if path.stat().st_size)
        if not paths:
            raise RuntimeError(f"there is no {kind.name} in {kind.template}")
        ids = sorted(self._points[kind.template]) or ["none"]
        words = [dice.choice(kind.looks), dice.choice(kind.changes)]
        if number % 4 and kind.name not in TWICE:
            words = [words[number % 2]]  # most cost half as much: more flips in the same time
        self._as_operator = False
        for place, one in enumerate(words):
            words[place] = one.replace("ID", dice.choice(ids))
            if one in kind.looks:
                self._known(kind, words[place])
        flip = _flip(self.site.app, dice.choice(paths), dice)
        verdict = Verdict(kind.name, kind.template, number, seed, flip, words)
        self._as_operator = number % AS_OPERATOR == AS_OPERATOR - 1
        _Judge(self, kind, notes, verdict).judge()
        return verdict

    def ask(self, words: str) -> Ran:
        """Run one command."""
        if self._as_operator:
            return self.site.console(*words.split(), "--json")
        return self._server.run(*words.split(), "--json")

    def told(self, kind: Kind, words: str, ran: Ran) -> bool:
        """Whether *ran* says that something is wrong, and would not without the flip."""
        return _tells(ran) and (kind.template, words) not in self._loud

    def points(self, template: str) -> dict[str, oracle.Content]:
        """Return what each restore point of *template* holds."""
        return self._points[template]

    def known(self, kind: Kind, words: str) -> dict[str, Any] | None:
        """Return what a look answered while nothing was changed, as far as it lasts."""
        return self._answers.get((kind.template, words))

    def _begin(self, kind: Kind) -> dict[str, Any]:
        notes = self.site.template(kind.template, TEMPLATES[kind.template])
        if kind.template not in self._points:
            found = {}
            for one in oracle.listed(store(self.site)):
                content = oracle.materialise(store(self.site), one)
                if not isinstance(content, str):
                    found[one] = content
            self._points[kind.template] = found
        return notes

    def _known(self, kind: Kind, words: str) -> None:
        if (kind.template, words) in self._answers:
            return
        answers = [self.ask(words) for _ in range(2)]
        if _tells(answers[0]):
            self._loud.add((kind.template, words))
        first, second = (dict(_leaves(one.document)) for one in answers)
        self._answers[kind.template, words] = {
            place: value
            for place, value in first.items()
            if second.get(place) == value and not PASSING.search(place) and not _of_room(value)
        }
        self.site.template(kind.template, TEMPLATES[kind.template])


def _flip(app: Path, path: Path, dice: random.Random) -> Flip:
    """Change a bit, a byte, or a character into another one of its class."""
    content = bytearray(path.read_bytes())
    offset = dice.randrange(len(content))
    old = content[offset]
    same = next((one for one in CLASSES if chr(old) in one), None)
    how = dice.choice(("bit", "byte", "character"))
    if how == "character" and same is not None:
        new = ord(dice.choice(same.replace(chr(old), "")))
    elif how == "byte":
        new = (old + dice.randrange(1, 256)) % 256
    else:
        new = old ^ (1 << dice.randrange(8))
    content[offset] = new
    path.write_bytes(content)
    return Flip(path.relative_to(app).as_posix(), offset, old, new)


def _leaves(document: object, place: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(document, dict):
        for key, value in document.items():
            yield from _leaves(value, f"{place}.{key}")
    elif isinstance(document, list):
        for number, value in enumerate(document):
            yield from _leaves(value, f"{place}.{number}")
    else:
        yield place, document


def _of_room(value: object) -> bool:
    """Whether it says how much is free on the disk, where others work, too."""
    return isinstance(value, str) and re.search(r"\bfree\b", value) is not None


def _tells(ran: Ran) -> bool:
    """Whether it fails, or says in words or by what it answers that something is damaged."""
    if ran.code != 0:
        return True
    said = (f"{place} {value}" for place, value in _leaves(ran.document) if value)
    return TOLD.search("\n".join([ran.err, *said]).lower()) is not None


class _Judge:
    """Runs the commands of one case and notes what is not so."""

    def __init__(self, bench: Bench, kind: Kind, notes: dict[str, Any], verdict: Verdict) -> None:
        self.bench, self.kind, self.verdict = bench, kind, verdict
        self.app, self.store = bench.site.app, store(bench.site)
        self.points = bench.points(kind.template)
        self.before = oracle.live(self.app)
        self.cut = "cut_old" in notes
        self.sets: list[oracle.Content] | None = notes["sets"]
        # By the store's own restore.py, which shares nothing with the console.
        damaged = kind.name in {"pack", "manifest"}
        self.sound = {one: not damaged or self._is_sound(one) for one in self.points}

    def note(self, words: str, what: str) -> None:
        self.verdict.violations.append(f"{words}: {what}")

    def judge(self) -> None:
        for words in self.verdict.words:
            ran = self.bench.ask(words)
            self._ended(words, ran)
            self._live(words, ran)
            self._answer(words, ran)
        if self.kind.name in TWICE:
            self._recovered()

    def _is_sound(self, point: str) -> bool:
        found = oracle.materialise(self.store, point)
        if isinstance(found, str):
            return False
        if found != self.points[point]:
            self.note("restore.py", f"it restores {point} wrongly")
        return True

    def _ended(self, words: str, ran: Ran) -> None:
        """No traceback, and a failure is a sentence."""
        text = ran.out + ran.err
        if ran.code == BUG or ran.code < 0 or "Traceback" in text:
            self.note(words, f"exit {ran.code}: {text[-500:]}")
        elif ran.code != 0 and not text.strip():
            self.note(words, f"exit {ran.code} without a word")
        if self.bench.told(self.kind, words, ran):
            self.verdict.told = True

    def _live(self, words: str, ran: Ran) -> None:
        """The live set is whole, and what it has to be after that command."""
        now = oracle.live(self.app)
        went_back = words.startswith("rollback") and "--yes" in words
        if went_back and ran.code == 0:
            if now != self._after(self.points[words.split()[2]]):
                self.note(words, "the wrong content is live")
        elif words.startswith("deploy rollback") and self.sets is not None:
            if now not in (self.sets[1:] if ran.code == 0 else self.sets):
                self.note(words, "after going back other data is live than before the deployment")
        elif words == "recover" or self.cut:
            done = ran.code == 0 and words == "recover"
            if done and self.sets is not None and now not in self.sets:
                self.note(words, "what is live is none of the known sets")
        elif now != self.before:
            self.note(words, f"the live set changed: {oracle.differences(now, self.before)}")
        self._incomplete(words, ran, now)
        blameless = self.kind.name != "configuration" and not self.cut
        if went_back and ran.code != 0 and blameless and self.sound[words.split()[2]]:
            self.note(words, f"a sound point is refused: {ran.sentences or ran.err[-400:]}")

    def _after(self, point: oracle.Content) -> oracle.Content:
        """Return what is live after going back: a database that *point* does not hold stays."""
        held = {place: value for place, value in point.items() if value != oracle.ABSENT}
        names = {place.split(".")[0] for place in held}
        stays = {one: value for one, value in self.before.items() if one.split(".")[0] not in names}
        return stays | held

    def _incomplete(self, words: str, ran: Ran, now: oracle.Content) -> None:
        lost = [name for name in oracle.NAMES if now.get(name) != "ok"]
        if lost and not self.cut:
            self.note(words, f"{', '.join(lost)}: {[now.get(one) for one in lost]}")
        elif lost and ran.code == 0 and words == "recover":
            self.note(words, f"{', '.join(lost)} are missing, and it exits 0")

    def _answer(self, words: str, ran: Ran) -> None:
        """What it answers is the known, or it says why not."""
        if words == "backup create" and self.kind.name != "configuration" and not self.cut:
            self._created(words, ran)
        if words == "backup prune":
            self._pruned(words)
        if words.startswith("backup verify") and ran.code == 0 and not self._holds(words):
            self.note(words, "a damaged restore point is called sound")
        known = self.bench.known(self.kind, words)
        if not self.kind.exact or known is None:
            return
        found = dict(_leaves(ran.document))
        differ = [place for place, value in known.items() if found.get(place, "?") != value]
        if differ and not self.bench.told(self.kind, words, ran):
            self.note(words, f"it answers otherwise and says nothing: {', '.join(differ[:4])}")

    def _holds(self, words: str) -> bool:
        return self.sound.get(words.split()[2], True)

    def _pruned(self, words: str) -> None:
        """What is left can be restored as before, and something is left."""
        left = [one for one in oracle.listed(self.store) if self.sound.get(one)]
        if any(self.sound.values()) and not left:
            self.note(words, "no sound restore point is left")
        for one in left:
            if oracle.materialise(self.store, one) != self.points[one]:
                self.note(words, f"{one} can no longer be restored")

    def _created(self, words: str, ran: Ran) -> None:
        if ran.code != 0:
            self.note(words, f"a backup is refused: {ran.sentences or ran.err[-400:]}")
            return
        content = oracle.materialise(self.store, str(ran.document.get("id")))
        if content != oracle.live(self.app):
            self.note(words, "the new restore point does not hold what is live")

    def _recovered(self) -> None:
        """One copy of two is damaged: the other one brings a whole set about."""
        ran = self.bench.ask("recover")
        if ran.code != 0:
            self.note("recover", f"it refuses, with one copy of two sound: {ran.sentences}")
        elif self.sets is not None and oracle.live(self.app) not in self.sets:
            self.note("recover", "what is live is none of the known sets")
        if self.kind.name == "switchover intent" and not self.bench.site.running():
            self.note("recover", "the program that ran does not run")
        deploying = self.kind.template.startswith("cut deploy")
        if deploying and release(self.bench.site) != "none":
            self.note("recover", f"the data is back, the release is {release(self.bench.site)}")
        if self.kind.name == "migration under way":
            ran = self.bench.ask("migrate report")
            if ran.code != 0:
                self.note("migrate report", f"the report is lost: {ran.sentences}")


def run_flips(arguments: list[str]) -> int:
    """Run the cases that *arguments* ask for and print their table."""
    if arguments[:1] == ["table"]:
        verdicts = [verdict for name in arguments[1:] for verdict in read_log(Path(name))]
        print(table(verdicts))
        return 1 if any(verdict.violations for verdict in verdicts) else 0
    parser = argparse.ArgumentParser(prog="python -m tests.faults flips", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--kind", choices=NAMES)
    parser.add_argument("--template", choices=tuple(TEMPLATES))
    parser.add_argument("--number", type=int, help="run this case alone")
    parser.add_argument("--log", type=Path, help="write each verdict as a line of JSON")
    args = parser.parse_args(arguments)
    kinds = [
        kind
        for kind in KINDS
        if args.kind in {None, kind.name} and args.template in {None, kind.template}
    ]
    templates = dict.fromkeys(kind.template for kind in kinds)
    one = args.cases / sum(kind.weight for kind in kinds)

    def numbers(kind: Kind) -> range:
        if args.number is not None:
            return range(args.number, args.number + 1)
        return range(math.ceil(one * kind.weight))

    folder = Path(tempfile.mkdtemp(prefix="ops-flips-", dir=memory_folder()))
    verdicts: list[Verdict] = []
    broken = False
    try:
        with ProcessPoolExecutor(args.jobs) as pool:
            tasks = {
                pool.submit(
                    _group, folder / str(place),
                    {kind: numbers(kind) for kind in kinds if kind.template == template},
                    args.seed, args.log,
                ): template
                for place, template in enumerate(templates)
            }  # fmt: skip
            for task in as_completed(tasks):
                try:
                    verdicts += task.result()
                except Exception:  # noqa: BLE001 (the others go on, this one is told)
                    broken = True
                    print(f"{tasks[task]}: {traceback.format_exc()}", file=sys.stderr, flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(table(verdicts))
    return 1 if broken or any(verdict.violations for verdict in verdicts) else 0


def _group(folder: Path, kinds: dict[Kind, range], seed: int, log: Path | None) -> list[Verdict]:
    """Run the cases of the *kinds* of one template, all kinds at the same pace."""
    folder.mkdir(parents=True)
    bench = Bench(_emptied(Site(folder)))
    cases = [
        (place / len(numbers), kind, number)
        for kind, numbers in kinds.items()
        for place, number in enumerate(numbers)
    ]
    verdicts = []
    try:
        for _, kind, number in sorted(cases, key=lambda case: case[0]):
            verdict = bench.run(kind, number, seed)
            verdicts.append(verdict)
            if log is not None:
                with log.open("a", encoding="utf-8") as file:
                    file.write(f"{json.dumps(asdict(verdict), ensure_ascii=False)}\n")
            if verdict.violations:
                lines = "\n    ".join(verdict.violations)
                print(f"✗ {verdict.reproducer}\n    {verdict.flip}, {verdict.words}\n    {lines}",
                      flush=True)  # fmt: skip
    finally:
        bench.close()
        shutil.rmtree(folder, ignore_errors=True)
    return verdicts


def read_log(path: Path) -> list[Verdict]:
    """Return the verdicts that ``--log`` wrote."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = json.loads(line)
        found.append(Verdict(**(fields | {"flip": Flip(**fields["flip"])})))
    return found


def _emptied(site: Site) -> Site:
    site.empty()
    return site


def table(verdicts: list[Verdict]) -> str:
    """Return the table of *verdicts* in Markdown."""
    counts = Counter((verdict.kind, verdict.outcome) for verdict in verdicts)
    lines = ["| file | flips | harmless | told | violations |", "|---|---:|---:|---:|---:|"]
    for name in NAMES:
        row = [counts[name, outcome] for outcome in OUTCOMES]
        if sum(row):
            lines.append(f"| {name} | {sum(row)} | {' | '.join(map(str, row))} |")
    total = [sum(counts[name, outcome] for name in NAMES) for outcome in OUTCOMES]
    lines.append(f"| **all** | {sum(total):,} | {' | '.join(map(str, total))} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(run_flips(sys.argv[1:]))
