"""A report of one deployment as a single HTML file: no script, no other file, printable.

Its words are English, like those of the log it is made from; the window shows both in the
operator's language.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from core.config.models import Settings
from core.deployment.models import Logged, Pointer, Record
from core.deployment.pointer import home
from core.files import private_folder, write_durably

FOLDER = "reports"
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#1b1f24;background:#fff}h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;"
    "border-bottom:1px solid #d0d7de;vertical-align:top}td.n{text-align:right;"
    "font-variant-numeric:tabular-nums}code{font-size:.9em}.failed{color:#a40e26;font-weight:600}"
    "@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}"
    "td,th{border-color:#30363d}.failed{color:#ff7b72}}"
)


def report_path(settings: Settings, deployment: str, number: int) -> Path:
    """Return where the report of an entry lies."""
    return home(settings) / FOLDER / f"{number:04d}-{deployment}.html"


def write_report(settings: Settings, logged: Logged) -> Path:
    """Write the report of one entry of the log and return where it lies."""
    record = logged.record
    path = report_path(settings, record.deployment, record.number)
    private_folder(path.parent)
    write_durably(path, render(logged).encode())
    return path


def render(logged: Logged) -> str:
    """Return the report as HTML."""
    record = logged.record
    title = f"{record.kind.value.capitalize()} {record.deployment}: {record.ending.value}"
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width'>",
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        _facts(record),
    ]
    if record.checks:
        parts.append("<h2>Checks</h2>" + _table(
            ("Check", "State", "Evidence", "Remedy"),
            [
                (check.name, check.state.value, str(check.evidence)
                 + (f" Overridden: {check.reason}" if check.reason else ""),
                 str(check.remedy or ""))
                for check in record.checks
            ],
        ))  # fmt: skip
    if record.steps:
        parts.append("<h2>Steps</h2>" + _table(
            ("Step", "Seconds", "Outcome"),
            [
                (str(step.what), "" if step.seconds is None else f"{step.seconds:.2f}",
                 str(step.note) if step.note else "failed" if step.ok is False else "ok")
                for step in record.steps
            ],
        ))  # fmt: skip
    if record.changes is not None:
        changes = record.changes
        lines = [
            f"{changes.changed} files changed, {changes.added} added, {changes.removed} removed",
            *changes.examples,
            *changes.packages,
            *(f"migration {name}" for name in changes.migrations),
        ]
        listed = "".join(f"<li><code>{escape(line)}</code></li>" for line in lines)
        parts.append(f"<h2>What it changed</h2><ul>{listed}</ul>")
    parts.append(
        f"<p>Entry {record.number} of the deployment log, SHA-256 <code>{escape(logged.hash)}"
        f"</code>, after <code>{escape(record.previous_hash)}</code>.</p></body></html>\n"
    )
    return "".join(parts)


def _facts(record: Record) -> str:
    rows = [
        ("Begun", f"{record.begun:%Y-%m-%d %H:%M:%S} UTC"),
        ("Ended", f"{record.ended:%Y-%m-%d %H:%M:%S} UTC"),
        ("By", record.by),
        ("Before", _pointer(record.before)),
        ("After", _pointer(record.after)),
        ("Release", record.version or "–"),
        ("SHA-256 of the release", record.artefact or "–"),
        ("Data before", record.restore_point or "–"),
        ("Data kept", record.kept_point or "–"),
        ("Program down, seconds",
         "–" if record.downtime_seconds is None else f"{record.downtime_seconds:.2f}"),
    ]  # fmt: skip
    if record.failure is not None:
        rows.append(("What happened", str(record.failure)))
    return _table(("", ""), rows)


def _pointer(pointer: Pointer | None) -> str:
    if pointer is None:
        return "no release"
    return f"{pointer.version} ({pointer.release}), data {pointer.restore_point}"


def _table(titles: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{escape(title)}</th>" for title in titles) if any(titles) else ""
    body = "".join(
        "<tr>" + "".join(f"<td{_class(cell)}>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table>{f'<tr>{head}</tr>' if head else ''}{body}</table>"


def _class(cell: str) -> str:
    if cell.replace(".", "", 1).isdigit():
        return " class='n'"
    return " class='failed'" if cell == "failed" else ""
