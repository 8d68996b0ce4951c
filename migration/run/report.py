"""The report of a migration: the evidence as JSON, and the same to read as HTML."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from core.config.models import Settings
from core.files import private_folder, write_durably
from migration.run.decisions import folder_of
from migration.run.models import MigrationResult

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; color: #1b1f24 }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #d0d7de; padding: .3rem .6rem; text-align: left;
         vertical-align: top; overflow-wrap: anywhere }
td.n { text-align: right; font-variant-numeric: tabular-nums }
.ok { color: #1a7f37 } .bad { color: #cf222e; font-weight: 600 }
pre { background: #f6f8fa; padding: .8rem; overflow: auto; max-height: 24rem }
"""


class ReportPlace(BaseModel):
    """Where a report lies, and what it says."""

    model_config = ConfigDict(frozen=True)

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


def render(result: MigrationResult) -> str:
    """Return *result* as a page that needs nothing else."""
    outcome = result.outcome
    parts = [
        "<!doctype html><html lang='ko'><head><meta charset='utf-8'>"
        f"<title>마이그레이션 보고서 {_e(result.moment)}</title>"
        f"<style>{_STYLE}</style></head><body>",
        f"<h1>마이그레이션 보고서 · Migration report</h1><p>{_e(result.moment)} · "
        f"{_e(result.console)}</p>",
        _table(
            ("", ""),
            [
                ("복원 지점 · Restore point", result.restore_point),
                ("안전 백업 · Safety backup", result.safety_point),
                ("중단 시간 · Downtime (s)", f"{result.downtime_seconds:.3f}"),
                ("데이터 교체 · Data part (s)", f"{result.data_seconds:.3f}"),
                ("다시 준비함 · Staged again", str(result.staged_again)),
                ("검토 필요 · Rows to review", str(outcome.review_total)),
            ],
        ),
        "<h2>검증 · Validation</h2>",
    ]
    for one in result.validators:
        sign = "<span class='ok'>✔ ok</span>" if one.ok else "<span class='bad'>✘ failed</span>"
        evidence = json.dumps(one.evidence, ensure_ascii=False, indent=1)
        parts.append(
            f"<h3>{_e(one.name)} {sign}</h3><details><summary>증거 · Evidence</summary>"
            f"<pre>{_e(evidence)}</pre></details>"
        )
    parts += [
        "<h2>스크립트 · Scripts</h2>",
        _table(
            ("Database", "Script", "SHA-256", "s"),
            [(s.database, s.name, s.sha256, f"{s.seconds:.3f}") for s in outcome.scripts],
        ),
        "<h2>표 대응 · Old to new</h2>",
        _table(
            ("Table", "Shape", "Rows", "Converted", "Review", "New tables"),
            [
                (f"{t.database}.{t.table}", t.shape, str(t.rows), str(t.converted), str(t.review),
                 ", ".join(f"{name} {count}" for name, count in t.targets.items()))
                for t in outcome.tables
            ],
        ),
        "<h2>설정 변경 · Settings</h2>",
        _table(
            ("Table", "Row", "Column", "Before", "After", "Rule"),
            [
                (c.table, str(c.row), c.column, c.before or "", c.after or "", c.rule)
                for c in outcome.setting_changes
            ],
        ),
        "<h2>수동 검토 필요 · Needs review</h2>",
        _table(
            ("Table", "Row", "Part", "Reason"),
            [(f"{r.database}.{r.table}", str(r.row), r.part, r.reason) for r in outcome.review],
        ),
        "<h2>단계 · Steps</h2>",
        _table(
            ("Step", "s", ""),
            [
                (step.name, f"{step.seconds or 0:.3f}", "" if step.ok is None else str(step.ok))
                for step in result.steps
            ],
        ),
        "</body></html>",
    ]  # fmt: skip
    return "\n".join(parts)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = "".join(f"<th>{_e(one)}</th>" for one in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{_e(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{titles}</tr>{body}</table>"


def _e(text: str) -> str:
    return html.escape(text)
