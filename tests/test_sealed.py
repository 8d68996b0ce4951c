"""Records carry a digest: no changed byte of one is taken for what was written."""

from __future__ import annotations

import json

import pytest

from core.base.sealed import seal, unseal

RECORD = {"release": "20260102T030405Z-00ff", "leave": True, "row": 3, "price": 0.1, "note": "메모"}
PLAIN = json.dumps(RECORD).encode()


def test_a_record_comes_back_as_it_was_written() -> None:
    assert json.loads(unseal(seal(PLAIN))) == RECORD


def test_a_record_of_an_earlier_console_is_read_as_it_stands() -> None:
    assert unseal(PLAIN) == PLAIN


def test_no_flipped_bit_of_a_record_passes_for_another_record() -> None:
    content = seal(PLAIN)
    for offset in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[offset] ^= 1 << bit
            try:
                found = json.loads(unseal(bytes(changed)))
            except ValueError:
                continue
            assert found == RECORD, f"byte {offset}, bit {bit}"


def test_a_record_that_is_nested_without_end_is_damaged() -> None:
    with pytest.raises(ValueError, match="nested"):
        unseal(b"[" * 200_000)
