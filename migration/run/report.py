"""The report of a migration: the evidence as JSON, and the same to read as HTML."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from core.base.config.models import Settings
from core.base.files import private_folder, write_durably
from core.base.model import Model
from migration.run.decisions import folder_of
from migration.run.models import MigrationResult
from migration.run.report_page import render


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
    write_durably(folder / "report.html", render(placed).encode())
    return placed


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
