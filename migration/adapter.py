"""What a profile's migrations consist of: its scripts, and what only its adapter knows of them.

Scripts in SQL need no adapter: they are rehearsed, proven by a second run and undone like any.
Without one nobody knows what a script reads, so that everything is made anew where the program
wrote meanwhile, instead of taken in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

import apsw

from core.base.config.models import GuardedFile, Settings
from core.base.operation import Context
from core.base.text import Text
from core.release.models import LiveChecks, Proof
from migration.engine.scripts import Script, read_scripts
from migration.models import (
    Check,
    Described,
    ValidatorResult,
)
from migration.sql import Source

Schemas: TypeAlias = Mapping[str, str]
"""Under which schema each database is open, by its name."""


OURS = re.compile(r"ops_migration_.*", re.IGNORECASE)


class Migrated(NamedTuple):
    """Staged copies that are validated."""

    context: Context
    connections: Mapping[str, apsw.Connection]
    """The copies, open at rest."""
    before: Mapping[str, Path]
    """The databases as they were."""
    live: Mapping[str, Path]
    """Where every guarded database lies."""
    moment: str


def _nothing(*_: object) -> tuple[()]:
    return ()


def _no(*_: object) -> bool:
    return False


def _undescribed(*_: object) -> Described:
    return Described()


def _not_renewed(*_: object) -> None:
    return None


@dataclass(frozen=True)
class Conversions:
    """What an adapter knows of its scripts; as it stands: nothing.

    It is handed to processes, so its functions are those of modules.
    """

    holder: str = ""
    """The database that holds what is converted; none: nobody knows what the scripts read."""
    ours: re.Pattern[str] = OURS
    """Tables that migrations make."""
    json_columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Columns of new tables that hold JSON."""
    adds: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Tables that were there, in lower case, to which scripts add rows, by database."""
    renewed: Sequence[str] = ()
    """New tables to which `renew` writes."""
    detect: Callable[[apsw.Connection, Schemas], Sequence[Source]] = _nothing
    """Finds the legacy tables that are to be converted."""
    leftovers: Callable[[apsw.Connection, Schemas], Sequence[str]] = _nothing
    """Finds kept copies of legacy tables, as ``database.table``."""
    doubtful: Callable[[apsw.Connection, Schemas], Sequence[Text]] = _nothing
    """Says which tables have the columns of a legacy one and are none."""
    notes: Callable[[Context, tuple[GuardedFile, ...]], Sequence[Check]] = _nothing
    """Says what else is to be known of the live databases before a migration."""
    validate: Callable[[Migrated, Callable[[str], None]], Iterable[ValidatorResult]] = _nothing
    """Proves what only the adapter can, telling what it is about to do."""
    describe: Callable[[apsw.Connection, Collection[str]], Described] = _undescribed
    """Says what became of the legacy tables, from a migrated database that has these tables."""
    take_back: Callable[[apsw.Connection], bool] = _no
    """Undoes all changes of rows that were there before; False: none can have been made."""
    wrong: Callable[[apsw.Connection, str, Collection[int]], Sequence[Text]] = _nothing
    """Says what is not as it should be in a database of that name that these scripts made."""
    renew: Callable[[apsw.Connection, Source, str, str], None] = _not_renewed
    """Takes rows of a legacy table into what they became, as `migration.run.apply_delta` asks."""
    come_back: Callable[[apsw.Connection, Source, str], bool] = _no
    """Whether these rows can be turned back into what they were."""


class ScriptSet(NamedTuple):
    """The migrations of one program."""

    folder: Path | None
    conversions: Conversions

    def read(self) -> tuple[Script, ...]:
        """Return its scripts; raises `OperationError` for an unsound one."""
        return read_scripts(self.folder)


@dataclass(frozen=True)
class Adapter:
    """What the settings of a program hand in, where its profile names a model of its own."""

    conversions: Conversions
    proof: Proof
    checks: LiveChecks


@runtime_checkable
class Adapted(Protocol):
    """Settings that have an adapter."""

    @property
    def adapter(self) -> Adapter:
        """All that it hands in."""
        ...


def script_set(settings: Settings) -> ScriptSet:
    """Return the migrations that the profile of *settings* names."""
    own = settings.adapter.conversions if isinstance(settings, Adapted) else Conversions()
    return ScriptSet(settings.migrations, own)
