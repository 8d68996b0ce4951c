"""The store as one folder: its restore points, packs, marker and sweep."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from core.backup.models import Annotations, ListedPoint, Proof, RestorePoint, StoredFile
from core.backup.order import newest_first, next_elapsed, next_sequence
from core.backup.store.chunks import Chunks
from core.backup.store.format import Damage, digest_of
from core.backup.store.lock import store_lock
from core.backup.store.marker import (
    FILES,
    has_marker,
    make_marker,
    marker_is_damaged,
    read_marker,
    require_known,
)
from core.backup.store.pack import MAKING, SUFFIX, PackWriter, check_pack
from core.backup.store.points import (
    ID,
    copy_point,
    left_unfinished,
    list_point,
    listed_as,
    orphaned_notes,
    point_ids,
    read_annotations,
    remove_point,
    write_annotations,
    write_point,
)
from core.backup.store.summaries import NAME as SUMMARIES
from core.backup.store.summaries import Summaries
from core.backup.store.vfs import StoredConnection
from core.backup.store.writing import previous_digests
from core.base.cleanup import concluding
from core.base.files import (
    fsync_directory,
    half_written_of,
    is_own_folder,
    is_regular,
    private_folder,
    read_regular,
    write_durably,
)
from core.base.lock import Locked
from core.base.operation import Context, OperationError
from core.base.text import translate

RESTORE_SCRIPT = Path(__file__).resolve().parents[3] / "resources" / "restore.py"


class Contents(NamedTuple):
    """What one reading of all manifests found."""

    listed: tuple[ListedPoint, ...]
    """In the order of making, newest first."""
    damaged: dict[str, str]
    """Restore points whose manifests cannot be read, by id, and why."""


_OWN = {"restore.py", SUMMARIES, *FILES}
# Of drills, of databases described from two parts, and of databases frozen by a copy; earlier
# versions gave a folder eight characters.
_SCRATCH_FOLDER = re.compile(r"(drill|pair)-(\w{8}|[0-9a-f]{16})", re.ASCII)
_SCRATCH_FILE = re.compile(r"[a-z][a-z0-9_]{0,39}\.(held|settled)(-wal|-shm|-journal)?")


class Store:
    """The restore points in one folder."""

    def __init__(self, root: Path) -> None:
        """Name the store at *root*; nothing is read or made."""
        self.root = root
        self.points = root / "points"
        self.packs = root / "packs"

    @classmethod
    def create(cls, root: Path, context: Context | None = None) -> Store:
        """Make a store at *root*, or open the one that is there; tell *context* what was mended.

        Raises `OperationError` when it is of a format that this console does not know.
        """
        store = cls(root)
        damaged = marker_is_damaged(root)
        make_marker(root)
        if damaged and context is not None and not marker_is_damaged(root):
            context.warn(
                translate("snapshot", "The marker of the store {path} was damaged; it was made "
                          "anew.", path=root)
            )  # fmt: skip
        for folder in (store.points, store.packs):
            private_folder(folder)
        script, ours = root / "restore.py", RESTORE_SCRIPT.read_bytes()
        try:
            known = read_regular(script) == ours
        except OSError:
            known = False
        if not known:
            write_durably(script, ours)
        return store

    @property
    def exists(self) -> bool:
        """Whether a store is there: a folder with a marker."""
        return read_marker(self.root) is not None

    @contextmanager
    def exclusive(self, context: Context | None = None) -> Iterator[None]:
        """Hold the store's lock in this thread, again where it holds it already.

        Raises `Locked` where somebody else holds it, and `Cancelled` while it is waited for.
        Where there is no store, there is nothing to hold.
        """
        if not has_marker(self.root):
            yield
            return
        with store_lock(self.root, context):
            yield

    def require_known_format(self) -> None:
        """Raise `OperationError` when the store is not of the format this console knows."""
        require_known(self.root)

    def read(self, *, fresh: bool = False) -> Contents:
        """Return all restore points, summarised, and those that cannot be read.

        *fresh*: every manifest is read; whoever removes anything asks for that, since a bit that
        flipped since a manifest was last read changes neither its size nor its time.

        Whoever concludes from what is not listed that it is not needed takes both from one
        reading: an error of the disk may pass between two.
        """
        marker = read_marker(self.root)
        reading = Summaries(self.root).read(point_ids(self.points), fresh=fresh)
        listed = [
            listed_as(point, read_annotations(self.points, point.id), marker)
            for point in reading.points
        ]
        return Contents(tuple(newest_first(listed)), reading.damaged)

    def listed(self) -> tuple[ListedPoint, ...]:
        """Return all restore points with sound manifests, summarised, what was made last first."""
        return self.read().listed

    def damaged(self) -> dict[str, str]:
        """Return the ids of restore points whose manifests are damaged, and why."""
        return self.read().damaged

    def get(self, point_id: str) -> ListedPoint:
        """Return one restore point; raises `OperationError` when there is none or it is damaged."""
        try:
            return list_point(self.points, point_id, read_marker(self.root))
        except Damage as damage:
            raise OperationError(
                translate(
                    "snapshot",
                    "The restore point {id} cannot be used: {why}",
                    id=point_id,
                    why=str(damage),
                ),
                data_state=translate("snapshot", "Nothing was changed."),
                to_do=translate("snapshot", "Choose another restore point."),
            ) from damage

    def annotate(
        self,
        point_id: str,
        *,
        note: str | None = None,
        pinned: bool | None = None,
        proof: Proof | None = None,
    ) -> Annotations:
        """Change note, pin or the proof of one kind; what is None stays as it is."""
        changes: dict[str, object] = {"lost": False}
        if note is not None:
            changes["note"] = note
        if pinned is not None:
            changes["pinned"] = pinned
        if proof is not None:
            changes[proof.kind] = proof
        with self.exclusive():
            annotations = self.get(point_id).annotations.model_copy(update=changes)
            write_annotations(self.points, point_id, annotations)
        return annotations

    def publish(self, point: RestorePoint, listed: Iterable[ListedPoint]) -> RestorePoint:
        """Write the manifest of *point*, whose pack is durable already, and return what it says.

        It gets the next number of the store.  *listed* is what the store holds, read under the
        lock that the caller holds still: a number is given once.
        """
        known = tuple(listed)
        place = {
            "sequence": next_sequence(known),
            "store": require_known(self.root).id,
            "elapsed": next_elapsed(known, point.created),
        }
        numbered = point.model_copy(update=place)
        with self.exclusive():
            write_point(self.points, numbered)
        return numbered

    def replace(self, checked: RestorePoint) -> None:
        """Write the manifest of a restore point anew, with what its check has found."""
        with self.exclusive():
            write_point(self.points, checked)

    def adopt(self, source: Store, point_id: str) -> None:
        """Copy the manifest of a restore point of *source*, whose packs are here, as it is."""
        with self.exclusive():
            copy_point(source.points, self.points, point_id)

    @contextmanager
    def new_pack(self, pack_id: str) -> Iterator[PackWriter]:
        """Begin a pack; what is not published at the end is removed."""
        with self.exclusive(), PackWriter(self.packs, pack_id) as pack:
            yield pack

    def open_database(self, file: StoredFile) -> StoredConnection:
        """Open a stored database read-only, without writing it anywhere; raises `Damage`."""
        return StoredConnection(self.packs, file)

    def chunks(self) -> Chunks:
        """Read the directories of all packs and return the chunks by digest."""
        return Chunks(self.packs)

    def sweep(self) -> int:
        """Remove what interrupted operations left behind; return the bytes freed.

        What lies there while somebody else is at work is theirs, and stays.
        """
        if not self.left_behind():
            return 0
        try:
            with store_lock(self.root, wait=False):
                return self._sweep()
        except Locked:
            return 0

    def left_behind(self) -> list[Path]:
        """Return what has the name and the shape of something that this store made in passing."""
        if not self.exists:
            return []
        found: list[Path] = []
        if is_own_folder(self.packs):
            found += [path for path in self.packs.glob(f"*{MAKING}") if ID.fullmatch(path.stem)]
        if is_own_folder(self.points):
            found += [*left_unfinished(self.points), *orphaned_notes(self.points)]
        found += [path for path in self.root.glob(".*.new") if half_written_of(path) in _OWN]
        files = [path for path in found if is_regular(path)]
        scratch = self.root / "scratch"
        if not is_own_folder(scratch):
            return files
        inside = [path for path in scratch.iterdir() if _is_scratch(path)]
        # The folder itself goes when nothing of anybody else's lies in it.
        own = len(inside) == sum(1 for _ in scratch.iterdir())
        return [*files, *inside, *([scratch] if own else [])]

    def _sweep(self) -> int:
        freed = 0
        for path in self.left_behind():
            if path.is_dir():
                freed += sum(one.stat().st_size for one in path.rglob("*") if is_regular(one))
                shutil.rmtree(path)
            else:
                freed += path.stat().st_size
                path.unlink()
        return freed

    def needed(self, chunks: Chunks, points: Iterable[RestorePoint]) -> set[bytes]:
        """Return the digests of all chunks that *points* need; raises `Damage`."""
        wanted: set[bytes] = set()
        for point in points:
            for file in point.files:
                wanted.update(bytes.fromhex(digest) for digest in file.index)
                wanted.update(previous_digests(chunks, file))
        return chunks.with_bases(wanted)

    def delete(self, point_ids_to_delete: Iterable[str]) -> None:
        """Remove restore points durably; their chunks stay until they are reclaimed."""
        with self.exclusive():
            for point_id in point_ids_to_delete:
                remove_point(self.points, point_id)
            if self.points.exists():
                fsync_directory(self.points)

    def remove_packs(self, packs: Sequence[Path]) -> None:
        """Remove packs of which no restore point needs anything, durably."""
        with self.exclusive():
            for path in packs:
                path.unlink()
            if packs:
                fsync_directory(self.packs)

    def point_size(self, point_id: str) -> int:
        """Return the bytes of manifest and annotations of *point_id*."""
        paths = (self.points / f"{point_id}.json", self.points / f"{point_id}.notes.json")
        return sum(path.stat().st_size for path in paths if path.exists())

    def check_packs(self, packs: Iterable[Path], progress: Callable[[int], None]) -> list[str]:
        """Read every stored byte of *packs* against its hash and return what is wrong."""
        problems = []
        for path in packs:
            try:
                check_pack(path, progress)
            except (Damage, OSError) as error:
                problems.append(str(error))
        return problems

    def packs_of(self, point: RestorePoint) -> set[Path]:
        """Return the packs that hold what *point* needs; raises `Damage` for a missing chunk."""
        chunks = self.chunks()
        with concluding(chunks.close):
            needed = self.needed(chunks, [point])
            missing = next((digest for digest in needed if digest not in chunks.places), None)
            if missing is not None:
                raise Damage(f"chunk {missing.hex()[:16]}: missing")
            return {chunks.places[digest].pack for digest in needed}

    def size(self) -> int:
        """Return the bytes of all packs."""
        return sum(path.lstat().st_size for path in self.packs.glob(f"*{SUFFIX}"))


def _is_scratch(path: Path) -> bool:
    if is_own_folder(path):
        return _SCRATCH_FOLDER.fullmatch(path.name) is not None
    return is_regular(path) and _SCRATCH_FILE.fullmatch(path.name) is not None


def file_digest(digests: Iterable[bytes]) -> str:
    """Return the digest of a file from the digests of its chunks in order, hexadecimal."""
    return digest_of(b"".join(digests)).hex()
