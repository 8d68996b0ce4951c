"""An intent is data, too: one flipped character never moves, removes or hides a file."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.base.config.models import Settings
from core.base.operation import OperationError
from core.promote.condition import is_whole, list_parked
from core.promote.intent import Intent, read_intent, write_intent
from core.promote.recovery import recover
from tests.promote.conftest import ID, configured, make_set, stage, state

STOP = """
import os, sys
from pathlib import Path
import core.promote.engine as engine
from core.base.config.models import Settings
settings = Settings.model_validate_json(Path(sys.argv[1]).read_bytes())
setattr(engine, sys.argv[2], lambda *_: os._exit(9))
engine.promote(settings, sys.argv[3],
               [engine.Replacement(name=file.name, live=file.path) for file in settings.files],
               engine.fingerprint_of(settings))
"""
PLACES = ("park", "make_live")
"""Parking: nothing is moved yet.  Committed: every name is free."""


def interrupted(settings: Settings, place: str) -> None:
    stage(settings)
    configuration = settings.app / "settings.json"
    configuration.write_text(settings.model_dump_json(), encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", STOP, configuration, place, ID], check=False)
    assert done.returncode == 9


def records(settings: Settings) -> list[Path]:
    return sorted((settings.home / "promote").glob(f"{ID}*"))


@pytest.mark.parametrize("place", PLACES)
def test_one_flipped_character_of_a_record_changes_nothing(tmp_path: Path, place: str) -> None:
    """Of 749 such flips 127 once ended in an incomplete set, or one said to be whole."""
    model = tmp_path / "model"
    model.mkdir()
    interrupted(make_set(model), place)
    want = {"park": "old", "make_live": "new"}[place]
    root = tmp_path / "again"  # as long a name as the model's: records of the same length
    (first, second) = records(configured(model))
    length = len(first.read_bytes())
    for which in (first.name, second.name):
        for position in range(0, length, 23):
            shutil.copytree(model, root, copy_function=shutil.copy2)
            settings = moved(configured(root), model)
            path = settings.home / "promote" / which
            content = bytearray(path.read_bytes())
            content[position] ^= 1 + position % 127
            path.write_bytes(content)
            recover(settings)
            assert state(settings) == want, (which, position)
            assert recover(settings) == ()
            shutil.rmtree(root)


def moved(settings: Settings, model: Path) -> Settings:
    """Let the records of a copied place name the copy, each with a digest of its own."""
    body = json.loads(records(settings)[0].read_bytes())["intent"]
    body = body.replace(*(json.dumps(str(path))[1:-1] for path in (model, settings.app)))
    write_intent(settings, Intent.model_validate_json(body))
    return settings


@pytest.mark.parametrize("place", PLACES)
def test_a_record_damaged_twice_deletes_nothing(settings: Settings, place: str) -> None:
    interrupted(settings, place)
    for path in records(settings):
        content = path.read_bytes()
        path.write_bytes(content.replace(b"parking", b"porking").replace(b"committed", b"comitted"))
    before = pictures(settings)
    if place == "park":
        (found,) = recover(settings)
        assert found.outcome == "set_aside"
        assert state(settings) == "old"
    else:
        with pytest.raises(OperationError) as raised:
            recover(settings)
        assert "parked" in str(raised.value.to_do), "it says what to do by hand"
        assert not is_whole(settings)
        assert pictures(settings) == before


def test_a_record_that_was_changed_in_both_copies_is_believed_in_neither(
    settings: Settings,
) -> None:
    """Well formed all the same: as "done" nobody would ever see that the set is incomplete."""
    interrupted(settings, "make_live")
    for path in records(settings):
        content = path.read_bytes()
        assert b"committed" in content
        path.write_bytes(content.replace(b"committed", b"done"))
    with pytest.raises(OperationError, match="digest"):
        recover(settings)
    assert not is_whole(settings)
    assert list_parked(settings) == ()


def pictures(settings: Settings) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in settings.app.rglob("*")
        if path.is_file()
    }


def test_a_record_that_names_another_file_than_the_configuration_moves_nothing(
    settings: Settings,
) -> None:
    interrupted(settings, "make_live")
    intent = read_intent(settings, ID)
    elsewhere = settings.app / "precious.sqlite3"
    elsewhere.write_text("precious", encoding="utf-8")
    member = intent.members[0].model_copy(update={"live": elsewhere})
    write_intent(settings, intent.model_copy(update={"members": (member, *intent.members[1:])}))
    with pytest.raises(OperationError, match="configuration"):
        recover(settings)
    assert elsewhere.read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize("lost", [0, 1])
def test_one_copy_that_is_lost_is_told_from_none(settings: Settings, lost: int) -> None:
    interrupted(settings, "make_live")
    records(settings)[lost].unlink()
    recover(settings)
    assert state(settings) == "new"
    assert [one.id for one in list_parked(settings)] == [ID]
