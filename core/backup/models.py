"""What a restore point is."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from pydantic import Field

from core.base.model import Strict


class Reason(StrEnum):
    """Why a restore point was made."""

    MANUAL = "manual"
    SCHEDULED = "scheduled"
    BEFORE_MIGRATION = "before_migration"
    BEFORE_ROLLBACK = "before_rollback"
    BEFORE_DEPLOYMENT = "before_deployment"
    IMPORTED = "imported"


class TableFacts(Strict):
    """One table (or virtual table) of a database: its name as written, its SQL, its rows.

    ``rows`` is -1 where SQLite cannot read the table.
    """

    name: str
    sql: str
    rows: int


class SchemaObject(Strict):
    """One index, view or trigger."""

    type: Literal["index", "view", "trigger"]
    name: str
    table: str
    sql: str


class _Database(Strict):
    page_size: int
    page_count: int
    encoding: str
    user_version: int
    application_id: int
    integrity: tuple[str, ...]
    """The lines of ``PRAGMA integrity_check``; ``("ok",)`` for a sound database."""

    @property
    def sound(self) -> bool:
        """Whether SQLite found nothing wrong."""
        return self.integrity == ("ok",)


class DatabaseSummary(_Database):
    """What a list of restore points says of a database: all but its schema."""

    table_count: int
    rows: int
    """Rows in all tables together."""


class DatabaseFacts(_Database):
    """What SQLite says of a database file; read from the stored copy, not from the live one."""

    tables: tuple[TableFacts, ...]
    objects: tuple[SchemaObject, ...]

    @property
    def rows(self) -> int:
        """Rows in all tables together."""
        return sum(max(0, table.rows) for table in self.tables)

    @property
    def table_count(self) -> int:
        """How many tables there are."""
        return len(self.tables)

    def summarised(self) -> DatabaseSummary:
        """Return it without the schema."""
        said = {name: getattr(self, name) for name in _Database.model_fields}
        return DatabaseSummary(**said, table_count=self.table_count, rows=self.rows)


class StoredFile(Strict):
    """One file of a restore point.

    ``name`` is the configured name (such as ``settings``); ``live_path`` is where
    it came from, relative to the program's folder where it lies inside.  ``database`` is None
    for files that are not SQLite databases; one that should be and cannot be read has facts that
    are not sound, and its bytes are preserved as they were.
    """

    name: str
    live_path: str
    size: int
    digest: str
    """BLAKE3 of the digests of its chunks in order, hexadecimal (`docs/store_format.md`)."""
    index: tuple[str, ...]
    """Digests of the index blocks, which hold the digests of the chunks."""
    mode: int
    """POSIX permission bits."""
    database: DatabaseFacts | DatabaseSummary | None = None
    """In a list of restore points it is summarised; `facts` asks for all."""
    whole: datetime | None = None
    """When SQLite last checked all of it; only what changed since then was checked after that.
    None in what earlier versions made."""
    overflowing: tuple[str, ...] | None = None
    """Tables with rows that go on in pages of their own; None: nobody knows."""

    @property
    def facts(self) -> DatabaseFacts | None:
        """All that SQLite says of it; raises `TypeError` where it was read for a list."""
        if isinstance(self.database, DatabaseSummary):
            raise TypeError(f"{self.name}: summarised; read the restore point itself")
        return self.database


class RestorePoint(Strict):
    """A complete state of the guarded set, as of one moment, verified unless `unchecked` says else.

    Everything here is immutable once it is checked; what the operator may change stands in
    `Annotations`.
    """

    id: str
    """``YYYYMMDDTHHMMSSmmmZ-xxxxxx``: UTC time to the millisecond and six random hex digits."""
    created: datetime
    reason: Reason
    by: str
    """``user@host``."""
    program_version: str | None
    console_version: str
    files: tuple[StoredFile, ...]
    added_bytes: int
    """Bytes that this restore point added to the store."""
    moment: datetime | None = None
    """When an imported state was originally saved, as far as its source tells."""
    sequence: int | None = None
    """Its place in the order of making in `store`; None in what earlier versions made."""
    store: str | None = None
    """The id of the store that it was made in; copies keep it."""
    elapsed: int | None = None
    """Seconds that had passed in `store` for certain until then; see `core.backup.order`."""
    unchecked: tuple[str, ...] = ()
    """Databases that SQLite has not checked yet: they have no facts.  The check follows, and with
    it the manifest that says what it found (`core.backup.check`)."""

    @property
    def size(self) -> int:
        """Bytes of all files when restored."""
        return sum(file.size for file in self.files)

    def summarised(self) -> RestorePoint:
        """Return it as it is listed: without the schemas of its databases."""
        files = tuple(
            file.model_copy(update={"database": file.facts.summarised()}) if file.facts else file
            for file in self.files
        )
        return self.model_copy(update={"files": files})

    @property
    def sound(self) -> bool:
        """Whether every database in it passed integrity_check."""
        return all(file.database.sound for file in self.files if file.database)

    @property
    def checked_in_part(self) -> datetime | None:
        """When SQLite last checked all of it, where it checked only what had changed since then."""
        times = [file.whole for file in self.files if file.whole is not None]
        oldest = min(times, default=None)
        return oldest if oldest is not None and oldest < self.created else None

    def file(self, name: str) -> StoredFile:
        """Return the file called *name*; raises `KeyError`."""
        for file in self.files:
            if file.name == name:
                return file
        raise KeyError(name)


class Proof(Strict):
    """The outcome of one verification of a restore point."""

    kind: Literal["quick", "full"]
    at: datetime
    ok: bool
    problems: tuple[str, ...] = ()


class Annotations(Strict):
    """What may change about a restore point without changing the restore point."""

    note: str = ""
    pinned: bool = False
    quick: Proof | None = None
    full: Proof | None = None
    lost: bool = Field(default=False, exclude=True)
    """Whether they are damaged: what they said is not known any more."""


class Place(NamedTuple):
    """A place in the order of making: what was made later is greater (`docs/store_format.md`).

    First stands what earlier versions made, by its time, since it has no number; then what was
    copied here from another store, by its number there; then what this store made, by its own.
    """

    rank: int
    sequence: int
    created: datetime
    id: str


class ListedPoint(Strict):
    """A restore point, in a list summarised, and its annotations."""

    point: RestorePoint
    annotations: Annotations
    foreign: bool = False
    """Whether it was made in another store and copied into the one that lists it."""

    @property
    def place(self) -> Place:
        """Where it stands in the order of making, whatever the clocks said; see `Place`."""
        point = self.point
        rank = 0 if point.sequence is None else 1 if self.foreign else 2
        return Place(rank, point.sequence or 0, point.created, point.id)

    @property
    def good(self) -> bool:
        """Whether one can go back to it: checked, sound, and no later verification failed."""
        return self.checked and self.point.sound and not self.damaged

    @property
    def checked(self) -> bool:
        """Whether SQLite has checked every database in it."""
        return not self.point.unchecked

    @property
    def damaged(self) -> bool:
        """Whether a verification failed, or an operation found that it cannot be read."""
        return any(not proof.ok for proof in self._proofs)

    @property
    def proven(self) -> bool:
        """Whether it was verified, and never in vain."""
        return bool(self._proofs) and not self.damaged

    @property
    def _proofs(self) -> tuple[Proof, ...]:
        both = (self.annotations.quick, self.annotations.full)
        return tuple(proof for proof in both if proof is not None)
