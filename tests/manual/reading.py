"""Reads the operations manuals: their scenes, commands and what they say of exit codes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "operations"
MANUALS = {"ko": FOLDER / "PRODUCTION_MANUAL.md", "en": FOLDER / "PRODUCTION_MANUAL.en.md"}
NAMES = "names"
"""The scene whose commands stand in a table."""

SCENE = re.compile(r"<!-- scene: (\S+) -->\n(?:```console\n(.*?)```)?", re.DOTALL)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"# (?:종료 코드|exit code) (\d+)$")
STOPPED = re.compile(r"# (?:Ctrl\+C로 끝냄|ended with Ctrl\+C)$")
INLINE = re.compile(r"`(ops [^`]+)`")


class Command(NamedTuple):
    """One command of a manual as it is written, and how it ends."""

    words: tuple[str, ...]
    code: int
    stopped: bool
    """Whether it goes on until Ctrl+C."""

    def __str__(self) -> str:
        return shlex.join(self.words)


def read_command(line: str) -> Command:
    text, _, _ = line.partition("#")
    code = CODE.search(line)
    stopped = STOPPED.search(line)
    assert "#" not in line or code or stopped, f"what does this say? {line}"
    return Command(tuple(shlex.split(text)), int(code[1]) if code else 0, stopped is not None)


def scenes(language: str) -> dict[str, list[Command]]:
    """Return the commands of each scene, in order; those of the table of names too."""
    text = MANUALS[language].read_text(encoding="utf-8")
    found: dict[str, list[Command]] = {}
    for name, block in SCENE.findall(text):
        assert name not in found, f"the scene {name} stands twice"
        found[name] = [read_command(line) for line in block.splitlines() if line.strip()]
    found[NAMES] = list(names(language).values())
    return found


def names(language: str) -> dict[str, Command]:
    """Return the command that each name of the task stands for."""
    text = MANUALS[language].read_text(encoding="utf-8").partition(f"scene: {NAMES}")[2]
    rows = re.findall(r"^\| `(\w+)` \| `(ops [^`]+)` \|", text, re.MULTILINE)
    return {name: read_command(command) for name, command in rows}


def loose_commands(language: str) -> list[str]:
    """Return commands in blocks that belong to no scene."""
    text = MANUALS[language].read_text(encoding="utf-8")
    inside = {block for _, block in SCENE.findall(text)}
    return [block for kind, block in FENCE.findall(text) if kind != "text" and block not in inside]


def mentioned(language: str) -> set[str]:
    """Return the commands that stand in sentences and tables."""
    text = MANUALS[language].read_text(encoding="utf-8")
    return {shlex.join(read_command(one).words) for one in INLINE.findall(text)}


def row_of(language: str, rule: str) -> list[str]:
    """Return the cells of the table of alerts for *rule*."""
    text = MANUALS[language].read_text(encoding="utf-8")
    (line,) = re.findall(rf"^\|[^|\n]*\| `{rule}` \|.*\|$", text, re.MULTILINE)
    return [cell.strip() for cell in line.strip("|").split("|")]
