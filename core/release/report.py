"""A report of one deployment as a single HTML file: no script, no other file, printable.

It is written in the language that the operator speaks (`core.base.text.spoken`); names that came
from outside stand in it escaped.
"""

from __future__ import annotations

from datetime import datetime
from html import escape
from pathlib import Path

from core.base.config.models import Settings
from core.base.files import private_folder, write_durably
from core.base.operation import Step
from core.base.text import Text, spoken, translate
from core.program.release import Pointer, home
from core.release.messages import check_words, ending_words, kind_words
from core.release.models import Changes, CheckResult, CheckState, Ending, Logged, Record
from core.release.report_style import STYLE

FOLDER = "reports"
_SIGNS = {
    CheckState.OK: ("✓", "good"),
    CheckState.WARNING: ("!", "warn"),
    CheckState.FAILED: ("✗", "bad"),
    CheckState.SKIPPED: ("–", "faint"),
    CheckState.OVERRIDDEN: ("!", "warn"),
}


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
    title = f"{spoken(kind_words(record.kind))} {record.version or ''}".strip()
    colour = {Ending.DONE: "good", Ending.STUCK: "bad", Ending.UNDONE: "bad"}
    ending = _t(ending_words(record.ending))
    badge = f"<span class='badge {colour.get(record.ending, 'warn')}'>{ending}</span>"
    parts = [
        f"<!doctype html><html lang='{escape(language)}'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width'>",
        # Nothing is loaded and nothing runs, whatever a name holds.
        "<meta http-equiv='Content-Security-Policy' "
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{_e(title)} · {_e(record.deployment)}</title><style>{STYLE}</style></head><body>",
        f"<header><p class='faint'>{_e(record.deployment)}</p>"
        f"<h1>{_e(title)} {badge}</h1></header>",
    ]
    if record.failure is not None:
        parts.append(f"<p class='failure'>{_e(spoken(record.failure))}</p>")
    parts.append(_facts(record))
    parts += [_changes(record.changes)] if record.changes is not None else []
    parts += [_checks(record.checks)] if record.checks else []
    parts += [_steps(record.steps)] if record.steps else []
    entry = _t(translate("report", "Entry {number} of the deployment log", number=record.number))
    after = _t(translate("report", "after"))
    parts.append(
        f"<footer>{entry}<br>SHA-256 <code>{escape(logged.hash)}</code><br>{after} "
        f"<code>{escape(record.previous_hash)}</code></footer></body></html>\n"
    )
    return "".join(parts)


def _e(text: str) -> str:
    return escape(text)


def _t(text: Text) -> str:
    return escape(spoken(text))


def _facts(record: Record) -> str:
    none = _t(translate("report", "none"))
    rows: list[tuple[Text, str]] = [
        (translate("report", "Begun"), _moment(record.begun)),
        (translate("report", "Ended"), _moment(record.ended)),
        (translate("report", "By"), _e(record.by)),
        (translate("report", "In production before"), _pointer(record.before)),
        (translate("report", "In production after"), _pointer(record.after)),
        (translate("report", "Hash of the release"), _code(record.artefact) or none),
        (translate("report", "Data before"), _code(record.restore_point) or none),
        (translate("report", "Data that was kept"), _code(record.kept_point) or none),
    ]
    if record.downtime_seconds is not None:
        down = translate("report", "{seconds} s", seconds=f"{record.downtime_seconds:.1f}")
        rows.append((translate("report", "Program down for"), _t(down)))
    body = "".join(f"<dt>{_t(name)}</dt><dd>{value}</dd>" for name, value in rows)
    return f"<dl>{body}</dl>"


def _moment(moment: datetime) -> str:
    local = moment.astimezone()
    # The zone by its offset: Windows formats no name of one that is not in its own code page.
    told = f"{local:%Y-%m-%d %H:%M:%S} (UTC{local:%z})"
    return f"<time datetime='{moment.isoformat()}'>{told}</time>"


def _code(text: str | None) -> str:
    return f"<code>{_e(text)}</code>" if text else ""


def _pointer(pointer: Pointer | None) -> str:
    if pointer is None:
        return _t(translate("report", "no release: the program as it was set up by hand"))
    return f"{_e(pointer.version)} <span class='faint'>{_code(pointer.release)}</span>"


def _checks(checks: tuple[CheckResult, ...]) -> str:
    rows = []
    for check in checks:
        sign, colour = _SIGNS[check.state]
        more = ""
        if check.reason:
            reason = translate("report", "Overridden: {reason}", reason=check.reason)
            more += f"<p class='reason'>{_t(reason)}</p>"
        if check.open and check.remedy is not None:
            more += f"<p class='remedy'>{_t(check.remedy)}</p>"
        name = _t(check_words(check.name))
        rows.append(
            f"<tr><td class='sign {colour}'>{sign}</td><td class='name'>{name}"
            f"<span class='faint'>{_state(check.state)}</span></td>"
            f"<td>{_t(check.evidence)}{more}</td></tr>"
        )
    return _section(translate("report", "Checks"), f"<table>{''.join(rows)}</table>")


def _state(state: CheckState) -> str:
    texts: dict[CheckState, Text] = {
        CheckState.OK: translate("report", "passed"),
        CheckState.WARNING: translate("report", "note"),
        CheckState.FAILED: translate("report", "failed"),
        CheckState.SKIPPED: translate("report", "does not apply"),
        CheckState.OVERRIDDEN: translate("report", "overridden"),
    }
    return _t(texts[state])


def _steps(steps: tuple[Step, ...]) -> str:
    longest = max((step.seconds or 0.0 for step in steps), default=0.0) or 1.0
    rows = []
    for step in steps:
        sign, colour = ("–", "faint") if step.ok is None else ("✓", "good")
        if step.ok is False:
            sign, colour = "✗", "bad"
        seconds = step.seconds or 0.0
        note = f"<p class='remedy'>{_t(step.note)}</p>" if step.note is not None else ""
        took, bar = "", ""
        if step.ok is not None:
            took = _t(translate("report", "{seconds} s", seconds=f"{seconds:.2f}"))
            bar = f"<i style='width:{100 * seconds / longest:.1f}%'></i>"
        rows.append(
            f"<tr><td class='sign {colour}'>{sign}</td><td>{_t(step.what)}{note}</td>"
            f"<td class='bar'>{bar}</td><td class='n'>{took}</td></tr>"
        )
    return _section(translate("report", "Steps"), f"<table>{''.join(rows)}</table>")


def _changes(changes: Changes) -> str:
    head = translate(
        "deploying", "files: {added} new, {changed} changed, {removed} gone",
        added=changes.added, changed=changes.changed, removed=changes.removed,
    )  # fmt: skip
    lines = [*changes.examples, *changes.packages]
    left = changes.added + changes.changed + changes.removed - len(changes.examples)
    listed = "".join(f"<li>{_code(line)}</li>" for line in lines)
    if left > 0:
        listed += f"<li class='faint'>{_t(translate('report', '{count} more', count=left))}</li>"
    for name in changes.migrations:
        listed += f"<li>{_t(translate('report', 'Migration'))} {_code(name)}</li>"
    return _section(translate("report", "What it changed"), f"<p>{_t(head)}</p><ul>{listed}</ul>")


def _section(title: Text, body: str) -> str:
    return f"<section><h2>{_t(title)}</h2>{body}</section>"
