"""Text has one encoding, whatever the system's: on a Korean Windows the default is cp949."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.base.config.load import load_settings, read_yaml
from core.base.operation import OperationError
from core.base.text import decode, decode_line
from core.program.tail import last_lines

ROOT = Path(__file__).parents[1]
OURS = ("core", "migration", "ui", "resources", "benchmarks", "tests", "tools")


def _sources() -> Iterator[Path]:
    yield from ROOT.glob("*.py")
    for name in OURS:
        yield from (ROOT / name).rglob("*.py")


def _leaves_it_to_the_system(call: ast.Call) -> bool:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if "encoding" in given:
        return False
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if isinstance(call.func, ast.Name) and call.func.id == "open":
        modes = [*call.args[1:2], *([given["mode"]] if "mode" in given else [])]
        return not any(isinstance(mode, ast.Constant) and "b" in str(mode.value) for mode in modes)
    text = given.get("text")
    return (
        (name == "read_text" and not call.args)
        or (name == "write_text" and len(call.args) < 2)
        or (isinstance(text, ast.Constant) and text.value is True)
    )


def test_every_text_names_its_encoding() -> None:
    """What ruff's PLW1514 cannot see: paths whose type it does not know, and output of children."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in _sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _leaves_it_to_the_system(node)
    ]
    assert found == []


WRITTEN = ("utf-8", "utf-8-sig", "cp949", "utf-16")
"""What a trading program, Notepad and PowerShell write on a Korean Windows."""


@pytest.mark.parametrize("encoding", WRITTEN)
def test_what_the_program_wrote_is_read_in_any_encoding(encoding: str, workspace: Path) -> None:
    text = "매매 기록: 주문 1건 체결"
    assert decode(text.encode(encoding)) == text
    assert decode(f"{text}\r\n{text}\n".encode(encoding)) == f"{text}\n{text}\n"
    path = workspace / "config" / "database_config.yaml"
    elsewhere = workspace / "데이터"
    (workspace / "data").rename(elsewhere)
    (workspace / "config" / "paths_config.yaml").unlink()
    path.write_text(
        "databases: {settings: 데이터/settings.sqlite3, strategies: 데이터/strategies.sqlite3,"
        " market_data: 데이터/market_data.sqlite3}\n",
        encoding=encoding,
    )
    found = load_settings(workspace, {}, workspace)
    assert {file.path.parent for file in found.databases} == {elsewhere}
    ours = workspace / "ops_console.yaml"
    ours.write_text("store: 백업\n", encoding=encoding)
    assert read_yaml(ours) == {"store": "백업"}


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_a_log_is_read_in_its_encoding_wherever_it_is_cut_off(
    encoding: str, tmp_path: Path
) -> None:
    line = "오류: 주문이 거부되었습니다"
    for end in range(len(line.encode(encoding)) + 1):
        assert line.startswith(decode_line(line.encode(encoding)[:end]))
    log = tmp_path / "program.log"
    log.write_bytes(f"{line}\n{line}\n".encode(encoding))
    assert last_lines(log, 2) == [line, line]


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ops_console.yaml"
    path.write_bytes(b"store: \xff\xff\xff\n")
    with pytest.raises(OperationError, match="cannot be read"):
        read_yaml(path)
    assert decode_line(b"\xff ERROR") == "\N{REPLACEMENT CHARACTER} ERROR"
