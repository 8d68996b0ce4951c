"""Restore points on disk: the manifest, which never changes, and the annotations, which may.

``points/<id>.json`` is the manifest with a digest of its own; ``points/<id>.notes.json`` holds
note, pin and proofs.  Editing a note therefore cannot touch what a restore point is.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from pydantic import ValidationError

from core.backup.models import Annotations, ListedPoint, RestorePoint
from core.backup.store.format import (
    DIGESTS_PER_BLOCK,
    VERSION,
    Damage,
    Marker,
    chunk_count,
    digest_of,
)
from core.base.files import half_written_of, read_regular, write_durably
from core.base.sealed import seal, unseal

ID = re.compile(r"\d{8}T\d{9}Z-[0-9a-f]{6}")
_HEX = re.compile(r"[0-9a-f]{64}")
_STORE = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}(-wal)?")
_HEAD = re.compile(rb'{"digest":"(?P<digest>[0-9a-f]{64})","format":%d,"point":' % VERSION)
_SUFFIX = ".json"
_NOTES = ".notes.json"
# 10 GB of data make 80 index blocks; 5,580 tables make some 3 MB of schema.
MAX_MANIFEST = 256 * 1024 * 1024
MAX_NOTES = 1024 * 1024
MAX_SEQUENCE = 1 << 53


def manifest_path(folder: Path, point_id: str) -> Path:
    """Return where the manifest of *point_id* lies; raises `Damage` for what is no id."""
    if not ID.fullmatch(point_id):
        raise Damage(f"{point_id[:40]!r} is no restore point's id")
    return folder / f"{point_id}{_SUFFIX}"


def notes_path(folder: Path, point_id: str) -> Path:
    """Return where the annotations of *point_id* lie; raises `Damage` for what is no id."""
    return manifest_path(folder, point_id).with_name(f"{point_id}{_NOTES}")


def point_ids(folder: Path) -> list[str]:
    """Return the ids of all complete restore points in *folder*, oldest first."""
    return sorted(
        path.name.removesuffix(_SUFFIX)
        for path in folder.glob(f"*{_SUFFIX}")
        if ID.fullmatch(path.name.removesuffix(_SUFFIX))
    )


def orphaned_notes(folder: Path) -> list[Path]:
    """Return annotations whose restore point is gone."""
    points = set(point_ids(folder))
    notes = {path: path.name.removesuffix(_NOTES) for path in folder.glob(f"*{_NOTES}")}
    return [path for path, name in notes.items() if name not in points and ID.fullmatch(name)]


def left_unfinished(folder: Path) -> list[Path]:
    """Return manifests and annotations in *folder* that were never completed."""
    found = {path: half_written_of(path) or "" for path in folder.glob(".*.new")}
    return [
        path
        for path, name in found.items()
        if ID.fullmatch(name.removesuffix(_NOTES)) or ID.fullmatch(name.removesuffix(_SUFFIX))
    ]


def _canonical(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def write_point(folder: Path, point: RestorePoint) -> None:
    """Write the manifest of *point*: from now on it exists."""
    body = point.model_dump(mode="json")
    document = {"format": VERSION, "point": body, "digest": digest_of(_canonical(body)).hex()}
    write_durably(manifest_path(folder, point.id), _canonical(document))


def read_point(folder: Path, point_id: str) -> RestorePoint:
    """Return the restore point *point_id*; raises `Damage` when its manifest is not sound."""
    path = manifest_path(folder, point_id)
    try:
        point = RestorePoint.model_validate_json(_body(read_regular(path, MAX_MANIFEST)))
    except (OSError, ValueError, RecursionError, ValidationError) as error:
        raise Damage(f"manifest: {error}") from error
    require_possible(point, point_id)
    return point


def _body(content: bytes) -> bytes:
    """Return the part of a manifest that is the restore point; raises `Damage` or `ValueError`.

    What the console wrote is canonical, and its digest is that of the bytes as they lie there.
    """
    head = _HEAD.match(content)
    if head is not None and content.endswith(b"}"):
        body = content[head.end() : -1]
        if digest_of(body).hex().encode() == head["digest"]:
            return body
    document = json.loads(content)
    if not isinstance(document, dict) or document.get("format") != VERSION:
        raise Damage("manifest: of a format this console does not know")
    body = _canonical(document.get("point"))
    if digest_of(body).hex() != document.get("digest"):
        raise Damage("manifest: it does not match its digest")
    return body


def copy_point(source: Path, target: Path, point_id: str) -> None:
    """Copy a manifest byte for byte; raises `Damage` when it is not sound."""
    read_point(source, point_id)
    content = read_regular(manifest_path(source, point_id), MAX_MANIFEST)
    write_durably(manifest_path(target, point_id), content)


def list_point(folder: Path, point_id: str, marker: Marker | None) -> ListedPoint:
    """Return a restore point as the store with *marker* lists it; raises `Damage`."""
    point = read_point(folder, point_id)
    return listed_as(point, read_annotations(folder, point_id), marker)


def listed_as(point: RestorePoint, annotations: Annotations, marker: Marker | None) -> ListedPoint:
    """Return *point* as the store with *marker* lists it."""
    foreign = point.sequence is not None and (marker is None or point.store != marker.id)
    return ListedPoint(point=point, annotations=annotations, foreign=foreign)


def require_possible(point: RestorePoint, point_id: str) -> None:
    """Raise `Damage` for a manifest that is well-formed but cannot be true."""
    if point.id != point_id:
        raise Damage("manifest: it names another restore point")
    if point.sequence is not None and not 0 < point.sequence < MAX_SEQUENCE:
        raise Damage("manifest: it has an impossible number")
    if point.elapsed is not None and not 0 <= point.elapsed < MAX_SEQUENCE:
        raise Damage("manifest: it claims an impossible time")
    if point.store is not None and not _STORE.fullmatch(point.store):
        raise Damage("manifest: it names a store that is none")
    names = [file.name for file in point.files]
    if len(set(names)) != len(names):
        raise Damage("manifest: a file stands twice")
    for file in point.files:
        blocks = -(-chunk_count(file.size) // DIGESTS_PER_BLOCK)
        if not _NAME.fullmatch(file.name):
            raise Damage(f"manifest: {file.name[:40]!r} is no file's name")
        if not 0 <= file.size <= 1 << 48 or len(file.index) != blocks:
            raise Damage(f"manifest: {file.name} claims an impossible size")
        if not all(_HEX.fullmatch(digest) for digest in (file.digest, *file.index)):
            raise Damage(f"manifest: {file.name} has a digest that is none")


def read_annotations(folder: Path, point_id: str) -> Annotations:
    """Return the annotations of *point_id*; damaged ones say so, and that it is pinned."""
    path = notes_path(folder, point_id)
    try:
        return Annotations.model_validate_json(unseal(read_regular(path, MAX_NOTES)))
    except FileNotFoundError:
        return Annotations()
    except (OSError, ValueError):
        # A note is lost, but a restore point never is; the pin errs on keeping it.
        return Annotations(pinned=True, lost=True)


def write_annotations(folder: Path, point_id: str, annotations: Annotations) -> None:
    """Replace the annotations of *point_id*."""
    path = notes_path(folder, point_id)
    write_durably(path, seal(annotations.model_dump_json().encode()))


def remove_point(folder: Path, point_id: str) -> None:
    """Remove the manifest first: from then on the restore point does not exist."""
    manifest_path(folder, point_id).unlink(missing_ok=True)
    notes_path(folder, point_id).unlink(missing_ok=True)
