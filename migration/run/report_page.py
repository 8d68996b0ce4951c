"""The report of a migration as one HTML page: no script, no other file, in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from typing import NamedTuple

from core.base.text import spoken
from core.release.report_style import STYLE
from migration.run.models import MigrationResult
from migration.transforms.reasons import reason_text
from migration.validation.models import ValidatorResult

_MORE = """
body { max-width: 76rem } h2 { margin-top: 2.25rem } h3 { margin: 1rem 0 .25rem; font-size: 1rem }
th { text-align: left; padding: .5rem .75rem .5rem 0; color: var(--soft); font-weight: 600 }
table { width: 100% } td { overflow-wrap: anywhere; vertical-align: top }
td.t { min-width: 6rem } td code { display: block; color: var(--soft) }
th.n, td.n { width: auto; text-align: right; padding: .5rem .75rem .5rem 0; white-space: nowrap;
font-variant-numeric: tabular-nums }
pre { overflow: auto; max-height: 24rem; font-size: .85em } summary { cursor: pointer }
"""
_NAMES = {
    "record_counts": "행 수 · Record counts",
    "integrity": "무결성과 무손실 증명 · Integrity and lossless proof",
    "business_logic": "전략의 판단 · Decisions of strategies",
    "performance": "조회 시간 · Query times",
}


def render(result: MigrationResult) -> str:
    """Return *result* as a page; whatever a name holds, nothing is loaded and nothing runs."""
    outcome = result.outcome
    good = outcome.ok
    badge = (
        "<span class='badge good'>✓ 무손실 증명됨 · proven lossless</span>"
        if good
        else "<span class='badge bad'>✗ 증명되지 않음 · not proven</span>"
    )
    parts = [
        "<!doctype html><html lang='ko'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width'>",
        "<meta http-equiv='Content-Security-Policy' "
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>마이그레이션 보고서 · {escape(result.moment)}</title>",
        f"<style>{STYLE}{_MORE}</style></head><body>",
        f"<header><p class='faint'>{escape(result.id)}</p>"
        f"<h1>마이그레이션 보고서 · Migration report {badge}</h1></header>",
        _facts(result),
        "<h2>검증 · Validation</h2>",
        *map(_validator, result.validators),
        "<h2>스크립트 · Scripts</h2>",
        _table(
            ("데이터베이스 · Database", "스크립트, SHA-256 · Script, SHA-256", "초 · s"),
            [
                (s.database, _Two(s.name, s.sha256), f"{s.seconds:.3f}")
                for s in outcome.scripts
            ],
            "ttn",
        ),
        "<h2>이전 테이블에서 새 테이블로 · Old to new</h2>",
        _table(
            ("테이블 · Table", "형태 · Shape", "행 · Rows", "변환 · Converted", "검토 · Review",
             "새 테이블 · New tables"),
            [
                (f"{t.database}.{t.table}", t.shape, f"{t.rows:,}", f"{t.converted:,}",
                 f"{t.review:,}", ", ".join(f"{name} {n:,}" for name, n in t.targets.items()))
                for t in outcome.tables
            ],
            "ttnnnt",
        ),
    ]  # fmt: skip
    parts += _optional(result)
    parts += [
        "<h2>단계 · Steps</h2>",
        _table(
            ("단계 · Step", "초 · s", ""),
            [
                (step.name, f"{step.seconds or 0:.3f}",
                 "–" if step.ok is None else "✓" if step.ok else "✗")
                for step in result.steps
            ],
            "tnt",
        ),
        f"<footer>{escape(result.console)}</footer></body></html>\n",
    ]  # fmt: skip
    return "\n".join(parts)


def _optional(result: MigrationResult) -> list[str]:
    """Return the parts that only some reports have."""
    outcome = result.outcome
    parts = []
    if result.caught_up:
        parts += [
            "<h2>진행 중 기록되어 반영한 행 · Written meanwhile and taken in</h2>",
            _table(
                ("테이블 · Table", "행 · Rows"),
                [(name, f"{n:,}") for name, n in result.caught_up.items()],
                "tn",
            ),
        ]
    if outcome.setting_changes:
        parts += [
            "<h2>설정 변경 · Settings</h2>",
            _table(
                ("테이블 · Table", "행 · Row", "열 · Column", "이전 · Before", "이후 · After",
                 "규칙 · Rule"),
                [
                    (c.table, str(c.row), c.column, c.before or "", c.after or "", c.rule)
                    for c in outcome.setting_changes
                ],
                "tntttt",
            ),
        ]  # fmt: skip
    if result.decisions:
        parts += [
            "<h2>운영자의 결정 · Decisions</h2>",
            _table(
                ("행 · Row", "역할 · Role", "전략 · Strategy"),
                [
                    (f"{d.database}.{d.table} #{d.row} {d.part}", d.role or "–", d.strategy or "–")
                    for d in result.decisions
                ],
                "ttt",
            ),
        ]
    if outcome.review:
        parts += [
            f"<h2>수동 검토 필요 · Needs review ({outcome.review_total:,})</h2>",
            _table(
                ("테이블 · Table", "행 · Row", "부분 · Part", "이유 · Reason"),
                [(f"{r.database}.{r.table}", str(r.row), r.part, str(reason_text(r.reason)))
                 for r in outcome.review],
                "tntt",
            ),
        ]  # fmt: skip
    if outcome.doubts or outcome.leftovers:
        kept = [*(spoken(one) for one in outcome.doubts), *outcome.leftovers]
        parts += [
            "<h2>변환하지 않은 테이블 · Tables left alone</h2>",
            _table(("테이블 · Table",), [(one,) for one in kept], "t"),
        ]
    return parts


def _facts(result: MigrationResult) -> str:
    unknown = "알 수 없음 · unknown"

    def seconds(value: float | None) -> str:
        return unknown if value is None else f"{value:.3f} s"

    rows = [
        ("시각 · At", result.moment),
        ("되돌릴 복원 지점 · Restore point to go back to", result.restore_point),
        ("안전 백업 · Safety backup", result.safety_point),
        ("프로그램 중단 시간 · Program down for", seconds(result.downtime_seconds)),
        ("그중 데이터 교체 · Of it the data", seconds(result.data_seconds)),
        ("복사본을 다시 만듦 · Copies made again", "예 · yes" if result.staged_again
         else "아니요 · no"),
        ("검토할 행 · Rows to review", f"{result.outcome.review_total:,}"),
    ]  # fmt: skip
    if result.interrupted:
        rows.append(
            (
                "콘솔이 도중에 끊김 · Console interrupted",
                "다음 실행이 마무리함 · finished by the next",
            )
        )
    body = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows)
    return f"<dl>{body}</dl>"


def _validator(one: ValidatorResult) -> str:
    sign = "<span class='good'>✓</span>" if one.ok else "<span class='bad'>✗</span>"
    evidence = escape(json.dumps(one.evidence, ensure_ascii=False, indent=1))
    problems = "".join(f"<p class='failure'>{escape(str(text))}</p>" for text in one.problems)
    return (
        f"<h3>{sign} {escape(_NAMES.get(one.name, one.name))}</h3>{problems}"
        f"<details><summary>증거 · Evidence ({escape(one.name)})</summary>"
        f"<pre>{evidence}</pre></details>"
    )


class _Two(NamedTuple):
    """A cell of a name and, below it, what it is known by."""

    name: str
    code: str


def _table(head: Iterable[str], rows: Iterable[Iterable[str | _Two]], kinds: str) -> str:
    """Return a table; *kinds* has a letter for each column: a text, or a number kept whole."""
    titles = "".join(
        f"<th class='{kind}'>{escape(one)}</th>" for kind, one in zip(kinds, head, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td class='{kind}'>{_cell(cell)}</td>" for kind, cell in zip(kinds, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><tr>{titles}</tr>{body}</table>"


def _cell(cell: str | _Two) -> str:
    if isinstance(cell, _Two):
        return f"{escape(cell.name)}<code>{escape(cell.code)}</code>"
    return escape(cell)
