"""What leaves the store has matched its digest, also where zstd notices nothing."""

from __future__ import annotations

import random

import pytest

from core.backup.store.chunks import decode, encode
from core.backup.store.format import CHUNK, Damage, Entry, digest_of


def test_a_flip_that_compression_does_not_notice_is_damage() -> None:
    content = random.Random(7).randbytes(CHUNK)  # does not compress: zstd keeps it as it is
    stored = encode(content).stored
    entry = Entry(digest_of(content), 0, len(stored), CHUNK, 0, b"")
    assert decode(stored, entry, None) == content
    middle = len(stored) // 2
    flipped = stored[:middle] + bytes([stored[middle] ^ 1]) + stored[middle + 1 :]
    with pytest.raises(Damage, match="digest"):
        decode(flipped, entry, None)
