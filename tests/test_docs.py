"""What the documents say is true: commands exist, links lead somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication

from ui.cli.grammar import build_parser
from ui.language import use_language

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_are_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target).exists(), target


@pytest.mark.parametrize(
    # The commands of the operations manuals are run, by their own tests.
    "page",
    [page for page in PAGES if page.parent.name != "operations"],
    ids=lambda page: page.name,
)
def test_every_command_that_is_written_down_parses(page: Path, qapp: QApplication) -> None:
    use_language(qapp, "en")
    parser = build_parser()
    for line in re.findall(r"run_ops_console\.py ([^`\n]*)", page.read_text(encoding="utf-8")):
        if "[" in line or "…" in line or not line.strip():
            continue  # a grammar, not a call
        parser.parse_args(shlex.split(line.split("#")[0].rstrip(": ").replace("ID", "x")))
