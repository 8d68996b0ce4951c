"""Whatever a migration tells of, it tells in the operator's language."""

from __future__ import annotations

import pickle
import re
from contextlib import closing
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication

from core.base.operation import OperationError
from core.base.sqlite import open_own
from core.base.text import Text
from migration.engine.scripts import StatementFailed, read_scripts
from migration.models import why
from migration.run.stage import _no_copy, _not_a_database
from migration.upbit.describe import REASONS, REMARKS, reason_text
from migration.upbit.transforms.homes import NEEDED
from tests.migration.shapes import SET, everything, prepare
from ui.language import say, use_language

TRANSFORMS = Path(__file__).resolve().parents[2] / "migration" / "upbit" / "transforms"
HANGUL = re.compile("[가-힣]")
CODES = re.compile(
    r"""NotConvertible\("(\w+)"|Part\([^,]+, "(\w+)"|(?:THEN|,) '((?:no_|malformed_)\w+|blob)'"""
    r"""|Converted\(row, \w+, "", None, "(\w+)"|reason = "(\w+)" if same else "(\w+)"""
    r"""|NULL, '(no_\w+)'|SET problem = '(\w+)'"""
)
REMARK_CODES = re.compile(r'Unclear\("(\w+)"|_remark\([^)]*"(\w+)"\)')


@pytest.fixture
def korean(qapp: QApplication) -> object:
    use_language(qapp, "ko")
    yield
    use_language(qapp, "en")


def written(pattern: re.Pattern[str]) -> set[str]:
    return {
        code
        for path in TRANSFORMS.glob("*.py")
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
        for code in match.groups()
        if code
    }


def test_every_code_that_is_written_has_words_in_both_languages(korean: object) -> None:
    needed = {f"no_{name}" for names in NEEDED.values() for name in names}
    assert written(CODES) | needed == set(REASONS)
    assert written(REMARK_CODES) == set(REMARKS)
    for text in [*REASONS.values(), *REMARKS.values()]:
        assert HANGUL.search(say(text)), str(text)
        assert not HANGUL.search(str(text))


def test_the_codes_in_a_database_of_every_shape_have_words(tmp_path: Path) -> None:
    found = prepare(tmp_path, everything).run().query("SELECT reason FROM migration_review")
    assert found
    assert all(isinstance(reason_text(str(code)), Text) for (code,) in found)


def test_why_the_databases_were_not_copied_is_said_in_korean(korean: object) -> None:
    told = say(_not_a_database("strategies-wal").happened)
    assert "strategies" in told
    assert not re.search("[a-z]+ [a-z]+", told)
    assert say(_no_copy("disk I/O error").happened).endswith("disk I/O error")


def test_an_unsound_script_is_refused_in_korean(korean: object, tmp_path: Path) -> None:
    (tmp_path / "001_one.sql").write_text(
        "-- database: strategies\n-- deploy\nSELECT 1;\n", encoding="utf-8"
    )
    with pytest.raises(OperationError) as refused:
        read_scripts(tmp_path)
    assert "'verify' 구역이 없거나 비어 있음" in say(refused.value.happened)


def test_what_a_script_found_stays_a_sentence_on_its_way_through_a_process(
    korean: object, tmp_path: Path
) -> None:
    script = next(one for one in SET.read() if one.version == 5)
    migrated = prepare(tmp_path, everything).run()
    with closing(open_own(migrated.staged["strategies"].path)) as connection:
        connection.execute("DELETE FROM domain_triggers WHERE id LIKE 'trg%'").fetchall()
        with pytest.raises(StatementFailed) as found:
            script.verify(connection, migrated.deployment)
    text = why(pickle.loads(pickle.dumps(found.value)))
    assert isinstance(text, Text)
    assert "링크" in say(text)
    assert "005_convert_conditions.py의 'verify' 함수" in say(text)
