#!/usr/bin/env python3
"""Reads a store of restore points without the console: Python, blake3 and zstandard.

    python restore.py                     list the restore points of the store it lies in, in the
                                          order in which they were made
    python restore.py ID FOLDER           write the files of restore point ID into FOLDER

Every chunk and every file is compared with its digest; nothing that does not match is kept, and
nothing that is there is written over.  Then put the files where the trading program expects them,
while it is stopped and no ``-wal`` or ``-shm`` of former ones lies there.

Exit codes: 0 done, 1 not done (a sentence says why), 2 not understood.
"""

import json
import os
import re
import stat
import struct
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

try:
    import zstandard
    from blake3 import blake3
except ImportError as missing:
    sys.exit(f"{missing.name} is missing: run  {sys.executable} -m pip install blake3 zstandard")

CHUNK = 64 * 1024
FOOTER = struct.Struct("<QII32s8s")
ENTRY = struct.Struct("<32sQIIB32s")
MAX_DEPTH = 8


def shown(line):
    # Names come from data: what a terminal would obey is written as its escape.
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in str(line))


def digest(content):
    return blake3(content).digest()


class Damaged(Exception):  # noqa: N818 (told to the operator)
    """A chunk of which no copy can be read."""


def decompress(content, size, prefix=None):
    # A frame gets the memory that it claims: what claims anything but the known size is damaged.
    if zstandard.frame_content_size(content) != size:
        raise zstandard.ZstdError("it claims another length")
    window = min(max(1024, 1 << (size - 1).bit_length()), 1 << 27)
    decoder = zstandard.ZstdDecompressor(dict_data=prefix, max_window_size=window)
    plain = decoder.decompress(content, max_output_size=size)
    if len(plain) != size:
        raise zstandard.ZstdError("wrong length")
    return plain


def open_regular(path):
    # A link may lead anywhere, and a pipe is waited for without an end.
    if not stat.S_ISREG(path.lstat().st_mode):
        raise OSError("not a regular file")
    flags = [getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY")]
    file = os.fdopen(os.open(path, os.O_RDONLY | sum(flags)), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError("not a regular file")
    return file


def load_directory(path):
    with open_regular(path) as file:
        file.seek(-FOOTER.size, 2)
        end = file.tell()
        start, length, count, _, magic = FOOTER.unpack(file.read(FOOTER.size))
        if magic != b"OPSPACKE" or start + length != end or count * 32 > length:
            raise ValueError("its end is damaged")
        file.seek(start)
        return list(ENTRY.iter_unpack(decompress(file.read(length), count * ENTRY.size)))


def load_chunks(store):
    chunks = {}
    for path in sorted((store / "packs").glob("*.pack")):
        try:
            directory = load_directory(path)
        except (OSError, ValueError, zstandard.ZstdError) as error:
            print(shown(f"damaged pack, left out: {path.name}: {error}"), file=sys.stderr)
            continue
        for name, offset, stored, raw, depth, base in directory:
            if raw <= CHUNK and stored <= CHUNK + 1024:
                copy = (path, offset, stored, raw, base if depth else None)
                chunks.setdefault(name, []).append(copy)
    return chunks


def read_chunk(chunks, name, depth=MAX_DEPTH):
    """Return the first copy of a chunk that matches its digest."""
    why = "missing"
    for path, offset, stored, raw, base in chunks.get(name, ()) if depth >= 0 else ():
        try:
            prefix = None
            if base is not None:
                prefix = zstandard.ZstdCompressionDict(
                    read_chunk(chunks, base, depth - 1), dict_type=zstandard.DICT_TYPE_RAWCONTENT
                )
            with open_regular(path) as file:
                file.seek(offset)
                plain = decompress(file.read(stored), raw, prefix)
        except (OSError, Damaged, zstandard.ZstdError) as error:
            why = error
            continue
        if digest(plain) == name:
            return plain
        why = "its content does not match its digest"
    raise Damaged(f"chunk {name.hex()}: {why}")


def canonical(body):
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def load_point(path):
    with open_regular(path) as file:
        document = json.loads(file.read())
    body = document["point"]
    if digest(canonical(body)).hex() != document["digest"]:
        sys.exit(shown(f"{path.name} does not match its digest"))
    return body


def restore(store, point_id, folder):
    if not re.fullmatch(r"\d{8}T\d{9}Z-[0-9a-f]{6}", point_id):
        sys.exit(shown(f"{point_id!r} is no id of a restore point"))
    manifest = store / "points" / f"{point_id}.json"
    if not manifest.is_file():
        sys.exit(shown(f"there is no restore point {point_id} in {store}"))
    point = load_point(manifest)
    chunks = load_chunks(store)
    folder.mkdir(parents=True, exist_ok=True)
    targets = []
    for file in point["files"]:
        if not re.fullmatch(r"[a-z][a-z0-9_]*(-wal)?", file["name"]):
            sys.exit(shown(f"{file['name']!r} is no name of a file"))
        target = folder / Path(file["live_path"].replace("\\", "/")).name
        for suffix in ("", "-wal", "-shm", "-journal"):
            # A write-ahead log of another state would be read into what is restored.
            if Path(f"{target}{suffix}").exists():
                sys.exit(shown(f"{target}{suffix} is there already: name an empty folder"))
        targets.append(target)
    for file, target in zip(point["files"], targets, strict=True):
        names = []
        for block in file["index"]:
            content = read_chunk(chunks, bytes.fromhex(block))
            names += [content[i : i + 32] for i in range(0, len(content), 32)]
        if digest(b"".join(names)).hex() != file["digest"]:
            sys.exit(shown(f"{file['name']} does not match its digest"))
        write(chunks, names, file, target)
        print(shown(f"{target}  {file['size']} bytes"))


def write(chunks, names, file, target):
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as out:
            # The encrypted exchange keys are among the files: nobody else may read them.
            part.chmod(file["mode"] or 0o600)
            for name in names:
                out.write(read_chunk(chunks, name))
            if out.tell() != file["size"]:
                sys.exit(shown(f"{file['name']} has the wrong size"))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def place(point, store_id):
    """Return where a restore point stands in the order of making, whatever the clocks said."""
    number = point.get("sequence")
    created = point["created"].replace("Z", "+00:00")
    rank = 0 if number is None else 2 if point.get("store") == store_id else 1
    return rank, number or 0, datetime.fromisoformat(created), point["id"]


def load_id(store):
    """Return the id of the store by the first of its two markers that is sound, else None."""
    for name in ("STORE.json", "STORE.copy"):
        try:
            with open_regular(store / name) as file:
                document = json.loads(file.read())
            # Earlier versions wrote the record alone.
            body = document.get("record", document)
            if body is document or digest(canonical(body)).hex() == document["digest"]:
                return body.get("id")
        except (OSError, ValueError, AttributeError, KeyError):
            continue
    return None


def show(store):
    store_id = load_id(store)
    damaged, points = False, []
    for path in sorted((store / "points").glob("*Z-??????.json")):
        try:
            point = load_point(path)
            points.append((place(point, store_id), point))
        except (OSError, ValueError, KeyError, TypeError, SystemExit):
            print(shown(f"{path.stem}  damaged"), file=sys.stderr)
            damaged = True
    now = datetime.now(timezone.utc)  # noqa: UP017 (older Pythons read a store, too)
    for (*_, created, _), point in sorted(points, key=lambda one: one[0]):
        size = sum(file["size"] for file in point["files"])
        names = " ".join(file["name"] for file in point["files"])
        ahead = "  (ahead of the clock)" if created > now + timedelta(minutes=5) else ""
        line = f"{point['id']}  {point['created']}  {point['reason']}  {size} bytes  {names}"
        print(shown(f"{line}{ahead}"))
    sys.exit(1 if damaged else 0)


def main():
    store = Path(__file__).resolve().parent
    if len(sys.argv) == 1:
        show(store)
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    try:
        restore(store, sys.argv[1], Path(sys.argv[2]))
    except (OSError, ValueError, KeyError, TypeError, struct.error, Damaged) as error:
        sys.exit(shown(f"not restored: {type(error).__name__}: {error}"))


if __name__ == "__main__":
    main()
