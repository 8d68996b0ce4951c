"""The operator's decisions about rows that need review, kept for the real run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import TypeAdapter

from core.base.config.models import Settings
from core.base.files import private_folder, write_durably
from core.base.operation import OperationError
from core.base.sealed import seal, unseal
from core.base.text import translate
from migration.run.models import Decision

_ALL = TypeAdapter(tuple[Decision, ...])


def folder_of(settings: Settings) -> Path:
    """Return the console's folder for migrations."""
    return settings.home / "migration"


def read_decisions(settings: Settings) -> tuple[Decision, ...]:
    """Return what was decided; raises `OperationError` when the file is damaged."""
    path = folder_of(settings) / "decisions.json"
    try:
        return _ALL.validate_json(unseal(path.read_bytes()))
    except FileNotFoundError:
        return ()
    except ValueError as error:
        raise OperationError(
            translate("migration", "The decisions in {path} are damaged.", path=path),
            data_state=translate("migration", "Nothing was touched."),
            to_do=translate("migration", "Remove the file and decide again."),
        ) from error


def write_decisions(settings: Settings, decisions: Sequence[Decision]) -> None:
    """Keep *decisions*, the last one of each row or part; they are made durable."""
    newest = {_place(one): one for one in decisions}
    private_folder(folder_of(settings))
    content = seal(_ALL.dump_json(tuple(newest.values())))
    write_durably(folder_of(settings) / "decisions.json", content)


def in_force(decisions: Iterable[Decision]) -> frozenset[Decision]:
    """Return those of *decisions* that change what a run makes.

    A row that is left in review would be there anyway, unless its whole table was decided.
    """
    found = frozenset(decisions)
    whole = {(one.database, one.table.lower()) for one in found if one.row is None}
    return frozenset(
        one
        for one in found
        if not one.leave or (one.row is not None and (one.database, one.table.lower()) in whole)
    )


def decide(settings: Settings, decision: Decision) -> tuple[Decision, ...]:
    """Add one decision to those that are kept and return them all."""
    return decide_all(settings, (decision,))


def decide_all(settings: Settings, decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """Add *decisions* to those that are kept and return them all."""
    write_decisions(settings, [*read_decisions(settings), *decisions])
    return read_decisions(settings)


def withdraw(settings: Settings, decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """Take *decisions* back, by their rows and parts, and return those that are left."""
    gone = {_place(one) for one in decisions}
    kept = [one for one in read_decisions(settings) if _place(one) not in gone]
    write_decisions(settings, kept)
    return tuple(kept)


def _place(decision: Decision) -> tuple[str, str, int | None, str]:
    return decision.database, decision.table.lower(), decision.row, decision.part
