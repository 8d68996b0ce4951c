"""The commands under test: from which template each begins, and what it says when it ends with 0.

A scenario's *promise* looks at what a command that exited 0 has to have done, and returns what is
not so.  What live data, starts, litter and later commands must be like is the same for all of
them and lies in `cases`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults import oracle
from tests.faults.interposer import Fault
from tests.faults.workspace import Ran, Site, change, choose_release, execute, fresh, require

Notes = dict[str, Any]
Promise = Callable[[Site, Notes, Ran, oracle.Content], list[str]]


@dataclass(frozen=True)
class Scenario:
    """One command in one state of the workspace."""

    name: str
    template: str
    make: Callable[[Site], Notes]
    words: Callable[[Site, Notes], tuple[str, ...]]
    promise: Promise
    running: bool = False
    """Whether the trading program runs when the command begins."""
    settled: bool = True
    """Whether the data it brings about is the same each time; else what two runs agree on."""
    ends_running: bool | None = None
    """Whether the program runs once it is done; None: as before."""

    @property
    def command(self) -> str:
        """Under what it stands in the table."""
        return self.name.split(" (")[0]


def store(site: Site) -> Path:
    return site.app / "data" / "backups"


def points(site: Site) -> Notes:
    """Two restore points of different states, and a third state live."""
    fresh(site)
    kept: dict[str, oracle.Content] = {}
    for number in (2, 3):
        kept[_backup(site)] = oracle.live(site.app)
        change(site, number)
    return {"points": kept, "first": min(kept)}


def many(site: Site) -> Notes:
    """Five restore points, of which retention keeps one."""
    fresh(site)
    kept: dict[str, oracle.Content] = {}
    for number in (2, 3, 4, 5, 6):
        kept[_backup(site)] = oracle.live(site.app)
        change(site, number)
    return {"points": kept, "first": max(kept)}


def exported(site: Site) -> Notes:
    """An exported folder waits on another disk."""
    notes = points(site)
    target = site.away / "export"
    require(
        site.console(
            "backup", "export", notes["first"], "--to", str(target), "--with-credentials", "--json"
        )
    )
    return notes


def copied(site: Site) -> Notes:
    """A second store holds one of three restore points."""
    fresh(site)
    kept = {_backup(site): oracle.live(site.app)}
    require(site.console("backup", "copy", "--to", str(site.away / "copy"), "--create", "--json"))
    for number in (2, 3):
        change(site, number)
        kept[_backup(site)] = oracle.live(site.app)
    change(site, 4)
    return {"points": kept, "first": min(kept)}


def migrated(site: Site) -> Notes:
    """A migration ran, and rows were written since."""
    notes = points(site)
    before = oracle.live(site.app)
    require(site.console("migrate", "run", "--yes", "--json"))
    return notes | {"before": before}


def deployed(site: Site) -> Notes:
    """The release 1.6.0 is in production and runs."""
    notes = points(site)
    notes["before"] = oracle.live(site.app)
    site.start_program()
    require(site.console("deploy", "run", "--yes", "--json"))
    choose_release(site, "1.7.0")
    return notes


def _backup(site: Site) -> str:
    return str(require(site.console("backup", "create", "--json")).document["id"])


def nothing(site: Site, notes: Notes, ran: Ran, old: oracle.Content) -> list[str]:
    return []


def saved(site: Site, notes: Notes, ran: Ran, old: oracle.Content) -> list[str]:
    made = str(ran.document.get("id"))
    if made not in oracle.listed(store(site)):
        return [f"the restore point {made} is not there"]
    return _equal(oracle.materialise(store(site), made), old, "the new restore point")


def pruned(site: Site, notes: Notes, ran: Ran, old: oracle.Content) -> list[str]:
    left = set(oracle.listed(store(site)))
    decisions = ran.document.get("plan", {}).get("decisions", [])
    # One whose annotations could not be read may be pinned: it stays, and that is said.
    unread = {one["point_id"] for one in decisions if "notes_unread" in one["reasons"]}
    wanted = {max(notes["points"])} | unread
    return [] if left == wanted else [f"{len(left)} restore points are left instead of 1"]


def copied_there(site: Site, notes: Notes, ran: Ran, old: oracle.Content) -> list[str]:
    there = site.away / "copy"
    found = []
    for point, content in notes["points"].items():
        found += _equal(oracle.materialise(there, point), content, f"{point} in the copy")
    return found


def exported_there(site: Site, notes: Notes, ran: Ran, old: oracle.Content) -> list[str]:
    found = list((site.away / "out").rglob("settings.sqlite3"))
    if len(found) != 1:
        return ["there is no export"]
    content = dict(oracle.flat(found[0].parent))
    secrets = list((site.away / "out").rglob("api_credentials.json"))
    wanted = dict(notes["points"][notes["first"]])
    if secrets:
        content["credentials"] = oracle.file_digest(secrets[0])
    return _equal(content, wanted, "the export")


def imported(site: Site, notes: Notes, ran: Ran, old: oracle.Content) -> list[str]:
    new = [one for one in oracle.listed(store(site)) if one not in notes["points"]]
    if not new:
        return ["no restore point was made of the import"]
    found = oracle.materialise(store(site), new[-1])
    wanted = dict(notes["points"][notes["first"]])
    if isinstance(found, str):
        return [found]
    return _equal(dict(found) | {"credentials": wanted["credentials"]}, wanted, "the import")


def went_back(site: Site, notes: Notes, ran: Ran, old: oracle.Content) -> list[str]:
    return _equal(oracle.live(site.app), notes["points"][notes["first"]], "what is live")


def undone(site: Site, notes: Notes, ran: Ran, old: oracle.Content) -> list[str]:
    return _equal(oracle.live(site.app), notes["before"], "what is live")


def _equal(found: oracle.Content | str, wanted: oracle.Content, what: str) -> list[str]:
    if isinstance(found, str):
        return [found]
    if found == wanted:
        return []
    return [f"{what} is not as it should be: {oracle.differences(found, wanted)}"]


def release(site: Site) -> str:
    """Return the version in production, ``none`` where no release is, read from its pointer."""
    path = site.app / "deployment" / "current.json"
    if not path.exists():
        return "none"
    try:
        found = json.loads(path.read_bytes())
        return Path(str(found.get("record", found)["folder"])).name
    except (ValueError, KeyError, TypeError, AttributeError):
        return "damaged"


def _words(*words: str) -> Callable[[Site, Notes], tuple[str, ...]]:
    return lambda site, notes: words


def _rollback(site: Site, notes: Notes) -> tuple[str, ...]:
    return ("rollback", "--to", notes["first"], "--yes")


def _add_rows(site: Site) -> None:
    execute(site.app / "data" / "strategies.sqlite3", ["INSERT INTO faults_state (t) VALUES ('x')"])


SCENARIOS = (
    Scenario("backup create", "points", points, _words("backup", "create"), saved),
    Scenario("backup create (running)", "points", points, _words("backup", "create"), saved, True),
    Scenario("backup prune", "many", many, _words("backup", "prune"), pruned),
    Scenario("backup copy", "copied", copied,
             lambda site, _: ("backup", "copy", "--to", str(site.away / "copy")), copied_there),
    Scenario("backup export", "points", points,
             lambda site, notes: ("backup", "export", notes["first"], "--to",
                                  str(site.away / "out"), "--with-credentials"), exported_there),
    Scenario("backup import", "exported", exported,
             lambda site, _: ("backup", "import", str(site.away / "export")), imported),
    Scenario("rollback", "points", points, _rollback, went_back),
    Scenario("rollback (running)", "points", points, _rollback, went_back, True),
    Scenario("migrate run", "points", points, _words("migrate", "run", "--yes"), nothing,
             settled=False),
    Scenario("migrate run (running)", "points", points, _words("migrate", "run", "--yes"), nothing,
             True, settled=False),
    Scenario("migrate undo", "migrated", migrated, _words("migrate", "undo", "--yes"), undone),
    Scenario("deploy run", "points", points, _words("deploy", "run", "--yes"), nothing, True,
             settled=False),
    Scenario("deploy rollback", "deployed", deployed, _words("deploy", "rollback", "--yes"),
             undone, True),
    Scenario("service start", "points", points, _words("service", "start"), nothing,
             ends_running=True),
    Scenario("service stop", "points", points, _words("service", "stop"), nothing, True,
             ends_running=False),
)  # fmt: skip

CUTS = (
    ("rollback (running)", "link"), ("rollback", "unlink"), ("rollback", "rmdir"),
    ("rollback (running)", "rename"), ("migrate run", "link"), ("migrate run", "rmdir"),
    ("migrate undo", "unlink"), ("deploy run", "rename"), ("deploy run", "unlink"),
    ("deploy rollback", "link"), ("backup create", "write"), ("backup prune", "unlink"),
    ("backup import", "rename"),
)  # fmt: skip
"""By the crash at which call a recovery gets something to do."""


def interrupted(base: Scenario, call: str, at: int, below: str = "") -> Scenario:
    """Return `recover` after *base* was cut off by the death of all its processes.

    It died before its *at*-th *call*, of those *below* a path of the site.
    """
    fault = Fault(call, at, "crash-before", below=below)

    def make(site: Site) -> Notes:
        notes = site.template(base.template, base.make)
        old, former = oracle.live(site.app), release(site)
        if base.running:
            site.start_program()
        site.console(*base.words(site, notes), "--json", fault=fault)
        return notes | {"cut_old": old, "cut_release": former, "base": base.name}

    return Scenario(
        f"recover ({base.name} cut at {call} {at})", f"cut {base.name} {call} {at}", make,
        _words("recover"), nothing, settled=base.settled, ends_running=None,
    )  # fmt: skip
