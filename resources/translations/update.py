"""Collects the texts of the sources and compiles their translations.

    python -m resources.translations.update

`pylupdate6` writes the texts of `core`, `ui`, `migration` and of the templates of pages into
``ops_console_ko.ts``, where they are translated by hand or with Qt Linguist; `lrelease` compiles
that into the ``ops_console_ko.qm`` that the console loads.  Both files are committed, and
`tests/ui/test_translations.py` refuses the one without the other.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from jinja2 import Environment, FileSystemLoader, nodes

from core.base.files import temporary_folder
from core.base.text import TEMPLATES

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
PACKAGES = ("core", "migration", "ui")
TS = FOLDER / "ops_console_ko.ts"
QM = TS.with_suffix(".qm")
LRELEASE = ("lrelease", "/usr/lib/qt6/bin/lrelease", "pyside6-lrelease")
"""Where lrelease may be: on the path, where Debian's qt6-l10n-tools has it, from PySide6."""


class UpdateError(Exception):
    """A tool is missing or failed; the message is for the developer."""


def sources() -> list[Path]:
    """Return the Python files whose texts are translated: git's own, and new ones not ignored."""
    listed = _run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *PACKAGES]
    )
    names = sorted({name for name in listed.split("\0") if name.endswith(".py")})
    return [path for name in names if (path := ROOT / name).is_file()]


def template_texts() -> list[str]:
    """Return the texts of the templates of pages, each as the call that a source would hold."""
    pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    calls = []
    for name in pages.list_templates(extensions=["html"]):
        tree = pages.parse((TEMPLATES / name).read_text(encoding="utf-8"))
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "translate":
                context, text = (argument.as_const() for argument in call.args)
                calls.append(f"translate({json.dumps(context)}, {json.dumps(text)})")
    return calls


def collect(ts: Path) -> str:
    """Bring *ts* up to date with the sources and return pylupdate6's summary.

    New texts come in unfinished, texts that no source has any more go.
    """
    beside = Path(sys.executable).with_name("pylupdate6")
    tool = str(beside) if beside.is_file() else shutil.which("pylupdate6")
    if tool is None:
        raise UpdateError("pylupdate6 was not found; it comes with PyQt6: pip install PyQt6")
    names = [str(path.relative_to(ROOT)) for path in sources()]
    with temporary_folder("ops-console-texts-") as folder:
        pages = folder / "templates.py"
        pages.write_text("\n".join(template_texts()), encoding="utf-8")
        summary = _run([tool, "--no-obsolete", "--ts", str(ts), *names, str(pages)])
    _drop_locations(ts)
    return summary


def _drop_locations(ts: Path) -> None:
    """Take the line numbers out of *ts*, which would change with every edit of a source."""
    root = ElementTree.parse(ts).getroot()
    root.set("language", "ko")
    root.set("sourcelanguage", "en")
    for message in root.iter("message"):
        for location in message.findall("location"):
            message.remove(location)
    for context in root:
        ElementTree.indent(context, space="    ")
    body = ElementTree.tostring(root, encoding="unicode")
    ts.write_text(
        f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n',
        encoding="utf-8",
        newline="\n",
    )


def unfinished(ts: Path) -> list[str]:
    """Return the texts of *ts* that have no finished translation, each with its context."""
    found = []
    for context in ElementTree.parse(ts).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            if translation is None or translation.get("type") or not translation.text:
                found.append(f"{context.findtext('name')}: {message.findtext('source')}")
    return found


def compile_qm(ts: Path, qm: Path) -> None:
    """Compile *ts* to *qm*."""
    tool = next((found for name in LRELEASE if (found := shutil.which(name))), None)
    if tool is None:
        raise UpdateError(
            f"{ts.name} is up to date, but {qm.name} is not: lrelease was not found. "
            "Install Qt's translation tools (Debian: qt6-l10n-tools, or pip install PySide6) "
            "and run this again."
        )
    _run([tool, "-silent", str(ts), "-qm", str(qm)])


def _run(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    except OSError as error:
        raise UpdateError(f"{command[0]} could not be run: {error}") from error
    if done.returncode:
        raise UpdateError(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def main() -> int:
    """Update both files; the exit code is 1 when texts wait for their translation."""
    try:
        print(collect(TS).strip())
        compile_qm(TS, QM)
    except UpdateError as error:
        print(error, file=sys.stderr)
        return 2
    waiting = unfinished(TS)
    for text in waiting:
        print("to translate:", text.replace("\n", "\\n"))
    return 1 if waiting else 0


if __name__ == "__main__":
    sys.exit(main())
