"""A report of one deployment as a single HTML file: no script, no other file, printable.

It is written in the language that the operator speaks; names that came from outside stand in it
escaped.
"""

from __future__ import annotations

from pathlib import Path

from core.base.config.models import Settings
from core.base.files import private_folder, write_durably
from core.base.page import render as render_page
from core.base.text import spoken
from core.program.release import home
from core.release.messages import check_words, ending_words, kind_words
from core.release.models import Ending, Logged

FOLDER = "reports"
_COLOURS = {Ending.DONE: "good", Ending.STUCK: "bad", Ending.UNDONE: "bad"}


def report_path(settings: Settings, deployment: str, number: int) -> Path:
    """Return where the report of an entry lies: always in the folder of reports."""
    plain = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in deployment)
    return home(settings) / FOLDER / f"{number:04d}-{plain[:100]}.html"


def write_report(settings: Settings, logged: Logged) -> Path:
    """Write the report of one entry of the log and return where it lies."""
    record = logged.record
    path = report_path(settings, record.deployment, record.number)
    private_folder(path.parent)
    write_durably(path, render(logged, settings.language).encode("utf-8", "replace"))
    return path


def render(logged: Logged, language: str = "en") -> str:
    """Return the report as HTML."""
    record = logged.record
    return render_page(
        "deployment.html",
        language=language,
        width="",
        title=f"{spoken(kind_words(record.kind))} {record.version or ''}".strip(),
        subject=record.deployment,
        badge=ending_words(record.ending),
        colour=_COLOURS.get(record.ending, "warn"),
        record=record,
        hash=logged.hash,
        check_words=check_words,
    )
