"""The numbered migration scripts: what they are called, which database they change, their hash.

A script is ``NNN_words.sql``, which begins with ``-- database: NAME`` and has the sections
``-- deploy``, ``-- verify`` and ``-- revert``, or ``NNN_words.py`` with `DATABASE` and the
functions `deploy`, `verify` and `revert`.  Every statement of a verify section must run, and
the first value of each row it returns must be true.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import apsw

from core.operation import Context, OperationError, Unit
from core.text import Text, translate
from migration.told import Told

FOLDER = Path(__file__).resolve().parents[1] / "scripts"
NAME = re.compile(r"(\d{3,6})_([a-z0-9_]+)\.(sql|py)")
HEAD = re.compile(r"--\s*database:\s*([a-z][a-z0-9_]*)\s*")
SECTION = re.compile(r"--\s*(deploy|verify|revert)\s*")


class Deployment(NamedTuple):
    """What a script may know while it runs."""

    context: Context
    moment: str
    """The one time that everything written by this run bears, ISO 8601 in UTC."""
    others: frozenset[str]
    """The other databases, each attached read-only, as it was, under its own name."""
    decisions: tuple[Mapping[str, object], ...] = ()
    """What the operator decided about rows that need review."""

    def progress(self, done: int, total: int, what: Text) -> None:
        """Report rows, and stop here when the operator asked to."""
        self.context.check()
        self.context.progress(done, total, Unit.ROWS, what)


Step = Callable[[apsw.Connection, Deployment], None]


class Script(NamedTuple):
    """One migration of one database."""

    version: int
    name: str
    database: str
    sha256: str
    deploy: Step
    verify: Step
    revert: Step
    changes: frozenset[str]
    """Tables that existed before and whose rows it may change, in lower case."""
    sql: str | None
    """The deploy section, None of a script in Python."""


class NotVerified(Told):
    """A verify step found something else than it should."""


def read_scripts(folder: Path = FOLDER) -> tuple[Script, ...]:
    """Return the scripts in *folder* in order; raises `OperationError` for an unsound one."""
    found: dict[int, Script] = {}
    for path in sorted(folder.iterdir()):
        match = NAME.fullmatch(path.name)
        if match is None:
            if path.suffix in {".sql", ".py"} and path.name != "__init__.py":
                raise _unsound(path.name, translate("migration", "its name is not NNN_words"))
            continue
        version = int(match[1])
        if version in found:
            other = found[version].name
            raise _unsound(
                path.name, translate("migration", "{other} has the same number", other=other)
            )
        found[version] = _read(path, version)
    return tuple(found[version] for version in sorted(found))


def digest(content: bytes) -> str:
    """Return the SHA-256 of a script, whatever its line endings, hexadecimal."""
    plain = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return hashlib.sha256(plain).hexdigest()


def statements(sql: str) -> Iterator[str]:
    """Yield the statements of *sql* one by one, as SQLite tells where they end."""
    pending = ""
    for part in re.split(r"(;)", sql):
        pending += part
        if part == ";" and apsw.complete(pending):
            yield pending.strip()
            pending = ""
    if not _only_comments(pending):
        yield pending.strip()


def _only_comments(sql: str) -> bool:
    return not re.sub(r"--[^\n]*|/\*.*?\*/", "", sql, flags=re.DOTALL).strip()


def _read(path: Path, version: int) -> Script:
    content = path.read_bytes()
    if path.suffix == ".sql":
        return _read_sql(path.name, version, content)
    return _read_python(path, version, content)


def _read_sql(name: str, version: int, content: bytes) -> Script:
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError as error:
        raise _unsound(name, translate("migration", "it is not UTF-8")) from error
    head = HEAD.fullmatch(lines[0].strip()) if lines else None
    if head is None:
        raise _unsound(name, translate("migration", "it does not begin with '-- database: NAME'"))
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in lines[1:]:
        section = SECTION.fullmatch(line.strip())
        if section is None:
            current.append(line)
        elif section[1] in sections:
            two = translate("migration", "it has two sections '{section}'", section=section[1])
            raise _unsound(name, two)
        else:
            current = sections.setdefault(section[1], [])
    for needed in ("deploy", "verify", "revert"):
        if _only_comments("\n".join(sections.get(needed, []))):
            none = translate(
                "migration", "its section '{section}' is missing or empty", section=needed
            )
            raise _unsound(name, none)
    deploy, verify, revert = (
        "\n".join(sections[key]).strip() for key in ("deploy", "verify", "revert")
    )
    return Script(
        version=version, name=name, database=head[1], sha256=digest(content),
        deploy=_runs(deploy), verify=_checks(verify), revert=_runs(revert),
        changes=frozenset(), sql=deploy,
    )  # fmt: skip


def _runs(sql: str) -> Step:
    def run(connection: apsw.Connection, deployment: Deployment) -> None:
        for statement in statements(sql):
            deployment.context.check()
            connection.execute(statement).fetchall()

    return run


def _checks(sql: str) -> Step:
    def check(connection: apsw.Connection, _: Deployment) -> None:
        for statement in statements(sql):
            for row in connection.execute(statement):
                if not row[0]:
                    raise NotVerified(
                        translate("migration", "this does not hold: {check}", check=statement)
                    )

    return check


def _read_python(path: Path, version: int, content: bytes) -> Script:
    module = _load(path)
    try:
        return Script(
            version=version, name=path.name, database=module.DATABASE, sha256=digest(content),
            deploy=module.deploy, verify=module.verify, revert=module.revert,
            changes=frozenset(getattr(module, "CHANGES", ())), sql=None,
        )  # fmt: skip
    except AttributeError as error:
        raise _unsound(path.name, str(error)) from error


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"migration_script_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise _unsound(path.name, translate("migration", "it cannot be loaded"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _unsound(name: str, why: Text | str) -> OperationError:
    return OperationError(
        translate(
            "migration", "The migration script {name} is not sound: {why}.", name=name, why=why
        ),
        data_state=translate("migration", "Nothing was touched."),
        to_do=translate("migration", "Put the script right, or install the console again."),
    )
