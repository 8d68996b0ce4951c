"""What lies on disk twice outlives one changed byte, and is told where both copies are damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.base.sealed import copies, is_there, read_sound, remove_both, seal, unseal, write_twice

OLD, NEW = b'{"phase": "drain"}', b'{"phase": "started"}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_twice(tmp_path / "record.json", seal(NEW))
    return tmp_path / "record.json"


@pytest.mark.parametrize("which", [0, 1])
def test_one_flipped_bit_of_either_copy_loses_nothing(path: Path, which: int) -> None:
    (want,) = set(read_sound(path, unseal))
    copy = copies(path)[which]
    content = copy.read_bytes()
    for offset in range(len(content)):
        changed = bytearray(content)
        changed[offset] ^= 1 << offset % 8
        copy.write_bytes(changed)
        assert set(read_sound(path, unseal)) == {want}, offset


def test_a_record_of_which_both_copies_are_damaged_is_told_from_none(path: Path) -> None:
    for copy in copies(path):
        copy.write_bytes(copy.read_bytes().replace(b"started", b"starteD"))
    with pytest.raises(ValueError, match="does not match its digest"):
        read_sound(path, unseal)
    assert is_there(path)
    remove_both(path)
    assert not is_there(path)
    with pytest.raises(FileNotFoundError):
        read_sound(path, unseal)


def test_where_writing_was_cut_off_the_later_record_counts(path: Path) -> None:
    copies(path)[1].write_bytes(seal(OLD))
    assert read_sound(path, unseal)[0] == unseal(seal(NEW))


def test_a_removal_that_was_cut_off_leaves_what_was_there(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed: list[Path] = []

    def cut(one: Path, missing_ok: bool = False) -> None:
        assert missing_ok
        if removed:
            raise OSError
        removed.append(one)
        one.rename(one.with_name("gone"))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", cut)
        with pytest.raises(OSError):
            remove_both(path)
    assert removed == [copies(path)[1]]
    assert read_sound(path, unseal) == (unseal(seal(NEW)),)
