"""Knows the former state and the new one by content, and says what is wrong with what is there.

It reads by a path of its own: Python's `sqlite3` on private copies of main file, ``-wal`` and
``-journal``; credentials by their bytes; restore points by the `restore.py` of the store.  Nothing
of the console is used.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import lru_cache
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

NAMES = ("settings", "strategies", "market_data")
CREDENTIALS = "config/secure/api_credentials.json"
ABSENT = "absent"

Content = Mapping[str, str]
"""The digest of each column of each table, of the schema and of the credentials, by place."""

_known: dict[str, dict[str, str]] = {}
_materialised: dict[str, Content | str] = {}


def live(app: Path) -> Content:
    """Return the content of the live set in *app* (or of a testimony laid out like one)."""
    found: dict[str, str] = {}
    for name in NAMES:
        found |= database(name, app / "data" / f"{name}.sqlite3")
    found["credentials"] = file_digest(app / CREDENTIALS)
    return found


def flat(folder: Path) -> Content:
    """Return the content of a set whose files lie side by side in *folder*."""
    found: dict[str, str] = {}
    for name in NAMES:
        found |= database(name, folder / f"{name}.sqlite3")
    found["credentials"] = file_digest(folder / Path(CREDENTIALS).name)
    return found


def database(name: str, path: Path) -> dict[str, str]:
    """Return the content of the database at *path*, opened as SQLite opens it after a restart."""
    members = [(suffix, Path(f"{path}{suffix}")) for suffix in ("", "-wal", "-journal")]
    held = [(suffix, member.read_bytes()) for suffix, member in members if member.is_file()]
    if not held or held[0][0] != "":
        return {name: ABSENT if not held else "a log without its database"}
    sha = hashlib.sha256(name.encode())
    for suffix, content in held:
        sha.update(f"{suffix} {len(content)} ".encode() + content)
    key = sha.hexdigest()
    if key not in _known:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "copy"
            for suffix, content in held:
                Path(f"{copy}{suffix}").write_bytes(content)
            _known[key] = _read(name, copy)
    return _known[key]


def _read(name: str, path: Path) -> dict[str, str]:
    try:
        connection = sqlite3.connect(path)
        try:
            return _columns(name, connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        return {name: f"unreadable: {error}"}


def _columns(name: str, connection: sqlite3.Connection) -> dict[str, str]:
    verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
    schema = connection.execute(
        "SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2"
    ).fetchall()
    found = {name: verdict, f"{name}.": _digest(map(repr, schema))}
    connection.text_factory = bytes
    for kind, table, _ in schema:
        if kind != "table" or table.startswith("sqlite_stat"):
            continue
        quoted = '"' + table.replace('"', '""') + '"'
        rows = connection.execute(f"SELECT * FROM {quoted}")
        titles = [column[0] for column in rows.description]
        columns = [hashlib.sha256() for _ in titles]
        count = 0
        for row in rows:
            count += 1
            for sha, value in zip(columns, row, strict=True):
                sha.update(repr(value).encode())
        found[f"{name}.{table}"] = str(count)
        for title, sha in zip(titles, columns, strict=True):
            found[f"{name}.{table}.{title}"] = sha.hexdigest()
    return found


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def file_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ABSENT


def same_in(one: Content, other: Content) -> dict[str, str | None]:
    """Return what two runs of the same work agree on; None where they need not."""
    return {
        place: one[place] if one.get(place) == other.get(place) else None
        for place in one.keys() | other.keys()
        if place in one or place in other
    }


def is_as(found: Content, reference: Mapping[str, str | None]) -> bool:
    """Whether *found* is what *reference* says, nothing missing and nothing more."""
    return found.keys() == reference.keys() and all(
        value is None or found[place] == value for place, value in reference.items()
    )


def differences(found: Content, reference: Mapping[str, str | None]) -> str:
    """Say in a line in which tables *found* is not what *reference* says."""
    places = {
        ".".join(place.split(".")[:2])
        for place in found.keys() | reference.keys()
        if reference.get(place, "?") is not None and found.get(place) != reference.get(place)
    }
    text = ", ".join(sorted(places))
    return text if len(text) < 200 else f"{text[:200]} …"


# Restore points.


def listed(store: Path) -> tuple[str, ...]:
    """Return the ids of the restore points in *store*, oldest first, by their files' names."""
    return tuple(sorted(path.stem for path in (store / "points").glob("*Z-??????.json")))


@lru_cache(maxsize=4)
def _script(code: bytes) -> Any:
    """Return the module that a restore.py of this *code* is."""
    module = ModuleType("faults_restore")
    exec(compile(code, "restore.py", "exec"), module.__dict__)  # noqa: S102 (the store's own)
    return module


@contextmanager
def restored(store: Path, point: str) -> Iterator[Path | str]:
    """Restore *point* by the store's own restore.py: a folder, or what went wrong."""
    try:
        code = (store / "restore.py").read_bytes()
    except OSError:
        yield "restore.py is missing"
        return
    said = StringIO()
    folder = Path(tempfile.mkdtemp())
    try:
        answer: Path | str = folder / "out"
        try:
            with redirect_stdout(said), redirect_stderr(said):
                _script(code).restore(store, point, folder / "out")
        except (Exception, SystemExit) as error:  # noqa: BLE001 (whatever it is, it is told)
            answer = f"{point} cannot be restored: {error}"
        yield answer
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def materialise(store: Path, point: str) -> Content | str:
    """Return the content of *point*, restored without the console, or what went wrong."""
    key = f"{point} {_bytes_of(store)}"
    if key not in _materialised:
        _materialised[key] = _materialise(store, point)
    return _materialised[key]


def _bytes_of(store: Path) -> str:
    """Return a digest of everything in *store* that makes a restore point."""
    sha = hashlib.sha256()
    for path in sorted((*store.glob("points/*"), *store.glob("packs/*"), store / "restore.py")):
        if path.is_file():
            sha.update(f"{path.name} {path.stat().st_size} ".encode() + path.read_bytes())
    return sha.hexdigest()


def _materialise(store: Path, point: str) -> Content | str:
    with restored(store, point) as folder:
        return folder if isinstance(folder, str) else flat(folder)


# Sentences.

INCOMPLETE = re.compile(r"incomplete|is not whole|not complete|may be missing", re.I)
UNTOUCHED = re.compile(
    r"Nothing (in production )?was (touched|changed|moved|written|imported|copied|removed)"
    r"|live (files|data|databases) (are|is|were|was) (still )?(as (they were|it was)|untouched)"
    r"|was only read|data was not touched|changed nothing of its data|put back as it was"
    r"|former (files|data|state) (are|is) (live|back)",
    re.I,
)
NEW = re.compile(r"new (files|databases|data) (are|is) (in place|live)|new state is live", re.I)
UNREAD = re.compile(r"What state the live files are in cannot be read", re.I)
"""No claim of what is live, where a disk is so broken that nobody could make one."""
STORE_KEPT = re.compile(r"Nothing was (removed|written|imported)", re.I)
STOPPED = re.compile(
    r"does not run|not started|run as it should|start the (trading )?program|service start|"
    r"starting the|keep the trading program stopped|close it yourself",
    re.I,
)
"""Some word of it that the program does not run, or of how to start it."""
RUNS = re.compile(r"the program runs on it|what ran, runs", re.I)


def untrue(
    sentences: Mapping[str, str],
    *,
    untouched: bool,
    whole: bool,
    new: bool,
    same_points: bool,
    runs: bool,
) -> list[str]:
    """Return which claims of a failure are not so.

    *untouched*: what is live is what was live when the command began; *whole*: it is the former
    set or the *new* one.
    """
    state = sentences.get("data_state", "")
    found = []
    if INCOMPLETE.search(state):
        if whole:
            found.append(f"says incomplete, but the set is whole: {state}")
    elif UNTOUCHED.search(state):
        if not untouched:
            found.append(f"says untouched, but {'the new set' if new else 'else'} is live: {state}")
    elif NEW.search(state):
        if not new:
            found.append(f"says new, but it is not: {state}")
    elif not whole and not UNREAD.search(state):
        found.append(f"the set is neither old nor new, but nothing says so: {state}")
    if STORE_KEPT.search(state) and not same_points:
        found.append(f"says that nothing was written, but the restore points differ: {state}")
    if RUNS.search(state) and not runs:
        found.append(f"says that the program runs, but none does: {state}")
    return found


# Litter.

STORE = r"(STORE\.(json|copy)|restore\.py|points/[^/.][^/]*\.json|packs/[^/.]+\.pack|"
STORE += r"[a-z_]+\.(json|jsonl))"
ALLOWED = re.compile(
    r"(data/(settings|strategies|market_data)\.sqlite3(-wal|-shm)?"
    r"|config/secure/api_credentials\.json"
    rf"|data/backups/{STORE}"
    r"|data/ops_console/(ops\.sqlite3(-wal|-shm)?|(console|program|state)\.lock|reserve)"
    r"|data/ops_console/logs/[^/]+|logs/[^/]+"
    r"|data/ops_console/(program|service)/(runs/)?[^/.]+\.(json|jsonl|lock)"
    r"|data/ops_console/migration/(reports/[^/]+/report\.(html|json)|[a-z_]+\.(json|copy))"
    r"|deployment/(current\.json|deployments\.jsonl|deployments\.head)"
    r"|deployment/reports/[^/]+|deployment/releases/[^.].*)"
)
ALLOWED_FOLDERS = re.compile(
    r"data|config|config/secure|logs|data/backups(/(points|packs|notes))?"
    r"|data/ops_console(/(logs|promote|scratch|claims|(program|service)(/runs)?|migration(/reports(/[^/]+)?)?))?"
    r"|deployment(/(releases(/[^.].*)?|reports))?"
)


def litter(app: Path, before: frozenset[str]) -> list[str]:
    """Return what lies in *app* and neither was there *before* nor is part of a sound workspace."""
    found = []
    for path in sorted(app.rglob("*")):
        name = path.relative_to(app).as_posix()
        allowed = ALLOWED_FOLDERS if path.is_dir() else ALLOWED
        if name not in before and not allowed.fullmatch(name):
            found.append(name)
    return found


def names(app: Path) -> frozenset[str]:
    """Return everything that lies in *app*."""
    return frozenset(path.relative_to(app).as_posix() for path in app.rglob("*"))
