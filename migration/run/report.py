"""The report of a migration: the evidence as JSON, and the same to read as HTML."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import JsonValue, ValidationError

from core.base.config.models import Settings
from core.base.files import private_folder, write_durably
from core.base.model import Model
from core.base.page import render as render_page
from core.base.text import translate
from migration.run.decisions import folder_of
from migration.run.models import MigrationResult
from migration.transforms.reasons import reason_text
from migration.validation.models import validator_words


class ReportPlace(Model):
    """Where a report lies, and what it says."""

    html: Path
    json_file: Path
    result: MigrationResult


def write_report(settings: Settings, result: MigrationResult) -> MigrationResult:
    """Write the report of *result* durably and return the result with its place."""
    reports = folder_of(settings) / "reports"
    stamp = result.moment.replace(":", "").replace("+0000", "Z")
    folder = private_folder(private_folder(reports) / f"{stamp}-{result.id}")
    placed = result.model_copy(update={"report": str(folder)})
    write_durably(folder / "report.json", placed.model_dump_json(indent=1).encode())
    write_durably(folder / "report.html", render(placed, settings.language).encode())
    return placed


def render(result: MigrationResult, language: str = "en") -> str:
    """Return *result* as a page: no script, no other file, whatever a name holds."""
    good = result.outcome.ok
    return render_page(
        "migration.html",
        language=language,
        width="wide",
        title=translate("report", "Migration report"),
        subject=result.id,
        badge=translate("report", "✓ proven lossless")
        if good
        else translate("report", "✗ not proven"),
        colour="good" if good else "bad",
        result=result,
        as_json=_as_json,
        reason_text=reason_text,
        validator_words=validator_words,
    )


def _as_json(evidence: JsonValue) -> str:
    return json.dumps(evidence, ensure_ascii=False, indent=1)


def newest_report(settings: Settings) -> ReportPlace | None:
    """Return the newest report that can be read, None where there is none."""
    reports = folder_of(settings) / "reports"
    for folder in sorted(reports.iterdir(), reverse=True) if reports.is_dir() else ():
        path = folder / "report.json"
        try:
            result = MigrationResult.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            continue  # cut off while it was written; the one before stands
        return ReportPlace(html=folder / "report.html", json_file=path, result=result)
    return None
