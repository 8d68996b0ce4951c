"""The numbered migration scripts: what they are called, which database they change, their hash.

A script is ``NNN_words.sql``, which begins with ``-- database: NAME`` and has the sections
``-- deploy``, ``-- verify`` and ``-- revert``, or ``NNN_words.py`` with `DATABASE` and the
functions `deploy`, `verify` and `revert`; its `FORMER` names hashes that it had before it was
moved.  Every statement of a verify section must run, and the first value of each row it returns
must be true.

A script is UTF-8, with or without a byte order mark.  Its lines end where its author's editor
ends them, at LF or CRLF, and nowhere else: other characters that some call line ends may stand in
a literal, and stay.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import apsw

from core.base.operation import Context, OperationError, Unit
from core.base.text import Text, translate
from migration.models import UserError, why
from migration.sql import Value

NAME = re.compile(r"(\d{3,6})_([a-z0-9_]+)\.(sql|py)")
LIKE_A_SCRIPT = re.compile(r"[0-9].*|.*\.(sql|py)(\..*|~)?", re.IGNORECASE | re.DOTALL)
"""What somebody may well take for a script; files that are hidden are an editor's."""
HEAD = re.compile(r"--\s*database:\s*([a-z][a-z0-9_]*)\s*")
SECTION = re.compile(r"--[ \t]*(deploy|verify|revert)[ \t]*")
_QUOTED = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|\[[^\]]*\]", re.DOTALL
)
_OPENS_QUOTE = re.compile(r"/\*|['\"`\[]")
BOM = b"\xef\xbb\xbf"


class Deployment(NamedTuple):
    """What a script may know while it runs."""

    context: Context
    moment: str
    """The one time that everything written by this run bears, ISO 8601 in UTC."""
    others: frozenset[str]
    """The other databases, each attached read-only, as it was, under its own name."""
    decisions: tuple[Mapping[str, Value], ...] = ()
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
    line: int = 1
    """The line of the file in which the deploy section begins."""
    former: frozenset[str] = frozenset()
    """Hashes that it had before, while it did the same."""

    def is_what(self, sha256: str) -> bool:
        """Whether *sha256* is of this very script, as it is or was written."""
        return sha256 == self.sha256 or sha256 in self.former


class NotVerified(UserError):  # noqa: N818 (what happened, told to the operator)
    """A verify step found something else than it should."""


class StatementFailed(UserError):  # noqa: N818 (what happened, told to the operator)
    """A script could not be run: `place` names script, section and statement."""

    def __init__(self, place: Text, reason: Text | str) -> None:
        super().__init__(translate("migration", "{place}: {why}", place=place, why=reason))
        self.place, self.reason = place, reason

    def __reduce__(self) -> tuple[type[StatementFailed], tuple[Text, Text | str]]:
        """Go whole through the pipe of a process."""
        return StatementFailed, (self.place, self.reason)


class Statement(NamedTuple):
    """One statement of a section: its number, the line in which it begins, and its SQL."""

    number: int
    line: int
    sql: str


def read_scripts(folder: Path | None) -> tuple[Script, ...]:
    """Return the scripts in *folder* in order, none without one.

    Raises `OperationError` for an unsound one, and where the folder cannot be read.
    """
    found: dict[int, Script] = {}
    for path in _listed(folder):
        match = NAME.fullmatch(path.name)
        if match is None:
            if _looks_like_a_script(path):
                raise _unsound(
                    path.name,
                    translate(
                        "migration",
                        "its name is not NNN_words.sql or NNN_words.py, in small letters",
                    ),
                )
            continue
        version = int(match[1])
        if version in found:
            other = found[version].name
            raise _unsound(
                path.name, translate("migration", "{other} has the same number", other=other)
            )
        found[version] = _read(path, version)
    return tuple(found[version] for version in sorted(found))


def _listed(folder: Path | None) -> list[Path]:
    try:
        return sorted(folder.iterdir()) if folder is not None else []
    except OSError as error:
        raise _unsound(str(folder), str(error)) from error


def _looks_like_a_script(path: Path) -> bool:
    return (
        path.is_file()
        and path.name != "__init__.py"
        and not path.name.startswith(".")
        and LIKE_A_SCRIPT.fullmatch(path.name) is not None
    )


def digest(content: bytes) -> str:
    """Return the SHA-256 of a script, whatever ends its lines or begins its file, hexadecimal."""
    return hashlib.sha256(content.removeprefix(BOM).replace(b"\r\n", b"\n")).hexdigest()


def statements(sql: str) -> Iterator[str]:
    """Yield the statements of *sql* one by one, as SQLite tells where they end."""
    return (one.sql for one in located(sql))


def located(sql: str, line: int = 1) -> Iterator[Statement]:
    """Yield the statements of *sql*, which begins in *line*, with their places."""
    pending, count = "", 0
    for part in [*re.split(r"(;)", sql), None]:
        if part is not None:
            pending += part
            if part != ";" or not apsw.complete(pending):
                continue
        if _only_comments(pending) and part is None:
            return
        count += 1
        blank = re.match(r"(\s|--[^\n]*\n|/\*.*?\*/)*", pending, re.DOTALL)
        before = pending[: blank.end() if blank else 0]
        yield Statement(count, line + before.count("\n"), pending.strip())
        line += pending.count("\n")
        pending = ""


def _only_comments(sql: str) -> bool:
    return not re.sub(r"--[^\n]*|/\*.*?\*/", "", sql, flags=re.DOTALL).strip()


def _within_quotes(sql: str) -> bool:
    """Whether *sql* ends within a literal, a quoted name or a comment."""
    return _OPENS_QUOTE.search(_QUOTED.sub(" ", sql)) is not None


def _read(path: Path, version: int) -> Script:
    content = path.read_bytes()
    if path.suffix == ".sql":
        return _read_sql(path.name, version, content)
    return _read_python(path, version, content)


class _Section(NamedTuple):
    """Where a section begins, and its lines so far."""

    line: int
    lines: list[str]

    @property
    def sql(self) -> str:
        return "\n".join(self.lines)


def _read_sql(name: str, version: int, content: bytes) -> Script:
    try:
        text = content.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unsound(name, translate("migration", "it is not UTF-8")) from error
    lines = text.replace("\r\n", "\n").split("\n")
    head = HEAD.fullmatch(lines[0].strip())
    if head is None:
        raise _unsound(name, translate("migration", "it does not begin with '-- database: NAME'"))
    sections = _sections(name, lines)
    for needed in ("deploy", "verify", "revert"):
        if needed not in sections or _only_comments(sections[needed].sql):
            none = translate(
                "migration", "its section '{section}' is missing or empty", section=needed
            )
            raise _unsound(name, none)
    return Script(
        version=version, name=name, database=head[1], sha256=digest(content),
        deploy=_runs(name, "deploy", sections["deploy"]),
        verify=_checks(name, sections["verify"]),
        revert=_runs(name, "revert", sections["revert"]),
        changes=frozenset(), sql=sections["deploy"].sql, line=sections["deploy"].line,
    )  # fmt: skip


def _sections(name: str, lines: list[str]) -> dict[str, _Section]:
    found: dict[str, _Section] = {}
    current = _Section(2, [])
    for number, line in enumerate(lines[1:], start=2):
        marker = SECTION.fullmatch(line.strip(" \t"))
        # What looks like a marker within a literal of several lines is a part of it.
        if marker is None or _within_quotes(current.sql):
            current.lines.append(line)
        elif marker[1] in found:
            two = translate("migration", "it has two sections '{section}'", section=marker[1])
            raise _unsound(name, two)
        else:
            current = found.setdefault(marker[1], _Section(number + 1, []))
    return found


def place_of(script: str, section: str, statement: Statement) -> Text:
    """Return where a statement stands, in words."""
    return translate(
        "migration", "{script}, section '{section}', statement {number} in line {line}",
        script=script, section=section, number=statement.number, line=statement.line,
    )  # fmt: skip


@contextmanager
def telling(place: Text) -> Iterator[None]:
    """Let what goes wrong say where it stands."""
    try:
        yield
    except (apsw.Error, NotVerified) as error:
        raise StatementFailed(place, why(error)) from error


def _runs(name: str, section: str, lines: _Section) -> Step:
    def run(connection: apsw.Connection, deployment: Deployment) -> None:
        for statement in located(lines.sql, lines.line):
            deployment.context.check()
            with telling(place_of(name, section, statement)):
                connection.execute(statement.sql).fetchall()

    return run


def _checks(name: str, lines: _Section) -> Step:
    def check(connection: apsw.Connection, _: Deployment) -> None:
        for statement in located(lines.sql, lines.line):
            with telling(place_of(name, "verify", statement)):
                for row in connection.execute(statement.sql):
                    if not row[0]:
                        raise NotVerified(
                            translate(
                                "migration", "this does not hold: {check}", check=statement.sql
                            )
                        )

    return check


def _named(name: str, section: str, step: Step) -> Step:
    place = translate("migration", "{script}, function '{section}'", script=name, section=section)

    def run(connection: apsw.Connection, deployment: Deployment) -> None:
        with telling(place):
            step(connection, deployment)

    return run


def _read_python(path: Path, version: int, content: bytes) -> Script:
    module = _load(path)
    try:
        return Script(
            version=version, name=path.name, database=module.DATABASE, sha256=digest(content),
            deploy=_named(path.name, "deploy", module.deploy),
            verify=_named(path.name, "verify", module.verify),
            revert=_named(path.name, "revert", module.revert),
            changes=frozenset(getattr(module, "CHANGES", ())), sql=None,
            former=frozenset(getattr(module, "FORMER", ())),
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
