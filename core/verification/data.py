"""Whether every live database is whole: SQLite's own full check, on a private copy."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import apsw
from pydantic import computed_field

from core.backup.capture import CapturedFile, Moved, capture
from core.backup.facts import read_facts
from core.base.cleanup import attempt, concluding
from core.base.config.models import GuardedFile, Settings
from core.base.folders import Use, scratch_folder
from core.base.model import Model
from core.base.operation import Context, Kind, OperationError, Unit
from core.base.process import run_in_process
from core.base.sqlite import open_immutable
from core.base.text import Finding, Text, translate


class Verification(Model):
    """All findings of one verification."""

    findings: tuple[Finding, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def ok(self) -> bool:
        """Whether nothing failed; warnings do not count."""
        return all(finding.state != "failed" for finding in self.findings)


TRIES = 3
BLOCK = 4 * 1024 * 1024
SPARE_BYTES = 16 * 1024 * 1024


class Checked(NamedTuple):
    """A database that was read whole; `problem` is None where SQLite found nothing wrong."""

    problem: Text | None
    tables: tuple[str, ...] = ()
    rows: int = 0
    dangling: int = 0
    """Rows that refer to rows which are not there (``PRAGMA foreign_key_check``)."""


def check_data(context: Context, settings: Settings) -> dict[str, Checked]:
    """Check every live database, whatever the others are like; return the results by name.

    Raises `OperationError` where there is no room for the copies.
    """
    needed = _needed(settings)
    with scratch_folder(settings, Use.CHECK, needed) as scratch:
        _require_space(scratch, needed)
        return run_in_process(_check_all, context, settings.databases, scratch)


def data_findings(checked: dict[str, Checked]) -> list[Finding]:
    """Return what *checked* says, one finding for each database."""
    return [_finding(name, one) for name, one in checked.items()]


def _finding(name: str, checked: Checked) -> Finding:
    if checked.problem is not None:
        return Finding(
            name=f"data.{name}",
            state="failed",
            evidence=checked.problem,
            to_do=translate("verification", "Go back to a good restore point: 'rollback'."),
        )
    if not checked.tables:
        return Finding(
            name=f"data.{name}",
            state="warning",
            evidence=translate("verification", "{name} holds no table.", name=name),
            to_do=translate(
                "verification",
                "If it held any before, go back to a good restore point: 'rollback'.",
            ),
        )
    if checked.dangling:
        return Finding(
            name=f"data.{name}",
            state="warning",
            evidence=translate(
                "verification",
                "{name} is whole, but {count} rows refer to rows that are not there.",
                name=name,
                count=checked.dangling,
            ),
        )
    return Finding(
        name=f"data.{name}",
        state="ok",
        evidence=translate(
            "verification",
            "{name} is whole: {tables} tables, {rows} rows.",
            name=name,
            tables=len(checked.tables),
            rows=checked.rows,
        ),
    )


def _needed(settings: Settings) -> int:
    sizes = [
        Path(f"{file.path}{suffix}").stat().st_size
        for file in settings.databases
        for suffix in ("", "-wal")
        if Path(f"{file.path}{suffix}").is_file()
    ]
    return sum(sizes) + SPARE_BYTES


def _require_space(scratch: Path, needed: int) -> None:
    free = shutil.disk_usage(scratch).free
    if free < needed:
        raise OperationError(
            translate(
                "verification",
                "Not enough free space for a copy to check: about {needed_bytes} are needed, "
                "{free_bytes} are free.",
                needed_bytes=needed,
                free_bytes=free,
            ),
            data_state=translate("verification", "Nothing was changed."),
            to_do=translate("verification", "Free some space, then try again."),
        )


def _check_all(
    context: Context, files: tuple[GuardedFile, ...], scratch: Path
) -> dict[str, Checked]:
    return {file.name: _check(context, file, scratch) for file in files}


def _check(context: Context, file: GuardedFile, scratch: Path) -> Checked:
    try:
        copy = _copy(context, file, scratch)
    except OperationError as error:
        return Checked(error.happened)
    if isinstance(copy, Text):
        return Checked(copy)
    try:
        connection = open_immutable(copy)
        with concluding(connection.close):
            facts = read_facts(context, connection)
            dangling = len(connection.execute("PRAGMA foreign_key_check").fetchall())
    except apsw.Error as error:
        return Checked(_damaged(file, str(error)))
    finally:
        attempt(copy.unlink)
    if not facts.sound:
        return Checked(_damaged(file, "; ".join(facts.integrity)))
    tables = tuple(table.name for table in facts.tables)
    return Checked(None, tables, facts.rows, dangling)


def _damaged(file: GuardedFile, why: str) -> Text:
    return translate("verification", "{name} is damaged: {why}", name=file.name, why=why[:200])


def _copy(context: Context, file: GuardedFile, scratch: Path) -> Path | Text:
    """Copy a live database as of one moment; return the copy, or what is wrong with it."""
    for _ in range(TRIES):
        try:
            with capture(context, (file,), scratch=scratch) as frozen:
                if not frozen.files:
                    return translate("verification", "{name} is missing.", name=file.name)
                main = frozen.files[0]
                if not main.is_database:
                    return translate(
                        "verification", "{name} is no database that SQLite can read.",
                        name=file.name,
                    )  # fmt: skip
                return _write(context, main, scratch / f"{file.name}.copy")
        except Moved:
            continue
    return translate("verification", "{name} kept changing while it was read.", name=file.name)


def _write(context: Context, file: CapturedFile, target: Path) -> Path:
    what = translate("verification", "Reading {name}", name=file.name)
    with target.open("wb") as out:
        for offset in range(0, file.size, BLOCK):
            context.check()
            out.write(file.read(offset, BLOCK))
            context.progress(min(offset + BLOCK, file.size), file.size, Unit.BYTES, what)
        out.truncate(file.size)
    return target


@dataclass(frozen=True)
class VerifyData:
    """Check every live database from its first page to its last."""

    settings: Settings
    kind: Kind = Kind.VERIFY_DATA

    def run(self, context: Context) -> Verification:
        """Return one finding for each database."""
        return Verification(findings=tuple(data_findings(check_data(context, self.settings))))
