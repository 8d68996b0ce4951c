"""A record that carries its digest, so that a changed character is told from what was written.

``{"digest": …, "record": …}``; the digest is BLAKE3 of the record as canonical JSON.  A record
without one is as an earlier console wrote it, and is taken as it stands.
"""

from __future__ import annotations

import json

from blake3 import blake3

KEYS = frozenset({"digest", "record"})


def seal(record: bytes) -> bytes:
    """Return the JSON *record* with its digest."""
    body = json.loads(record)
    digest = blake3(_canonical(body)).hexdigest()
    return json.dumps({"digest": digest, "record": body}, ensure_ascii=False, indent=1).encode()


def unseal(content: bytes) -> bytes:
    """Return the JSON of the record in *content*; raises `ValueError` when it was changed."""
    try:
        found = json.loads(content)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    # One of the two names may be what was changed.
    if not isinstance(found, dict) or not KEYS & found.keys():
        return content
    body = _canonical(found.get("record"))
    if found.keys() != KEYS or blake3(body).hexdigest() != found["digest"]:
        raise ValueError("it does not match its digest")
    return body


def _canonical(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
