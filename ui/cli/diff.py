"""The command ``backup diff``: what going back would change, then the rows themselves."""

from __future__ import annotations

from core.base.model import Model
from core.base.operation import OperationError
from core.base.text import translate
from core.diff.models import Comparison, Page, RowKind, Status
from core.diff.operation import Compare, row_page
from ui.cli.grammar import Subparsers, add_command
from ui.cli.points import require_point
from ui.cli.run import Exit, Run
from ui.compare.difference import (
    SIGNS,
    SqlValue,
    is_secret,
    masked,
    named,
    page_view,
    status_text,
    whole_text,
)
from ui.language import count_text, say

PAGE = 50

Shown = None | int | float | str


class RowShown(Model):
    """One row that differs: as it is *now*, and as it was *then*; blobs in hexadecimal."""

    kind: RowKind
    key: tuple[Shown, ...]
    then: tuple[Shown, ...] | None
    now: tuple[Shown, ...] | None


class Rows(Model):
    """One page of rows as ``--json`` prints it."""

    columns: tuple[str, ...]
    rows: tuple[RowShown, ...]
    total: int
    has_more: bool


def register(backup: Subparsers) -> None:
    """Add the command to ``backup``."""
    diff = add_command(
        backup, "diff", translate("cli", "What going back to a restore point would change"), _diff
    )
    diff.add_argument("left", nargs="?", help=say(translate("cli", "default: the newest good one")))
    diff.add_argument("right", nargs="?", help=say(translate("cli", "default: the live data")))
    diff.add_argument("--rows", metavar="DATABASE.TABLE")
    diff.add_argument("--kind", choices=[kind.value for kind in RowKind])
    diff.add_argument("--offset", type=int, default=0)
    diff.add_argument("--limit", type=int, default=PAGE)


def _diff(run: Run) -> int:
    left = require_point(run, run.args.left)
    if run.args.rows:
        return _rows(run, left)
    found = run.look(Compare(run.settings, left, run.args.right))
    if run.output.as_json:
        return run.done(found)
    _print(run, found)
    return Exit.OK


def _print(run: Run, found: Comparison) -> None:
    lines = [
        [
            f"{database.name}.{named(table.table)}",
            status_text(table.status),
            f"+{count_text(table.rows_returning)}" if table.rows_returning else "–",
            f"−{count_text(table.rows_leaving)}" if table.rows_leaving else "–",
            f"~{count_text(table.rows_changing)}" if table.rows_changing else "–",
        ]
        for database in found.databases
        for table in database.tables
        if table.status is not Status.SAME
    ]
    lines += [
        [f"{database.name}: {one.type} {one.name}", status_text(one.status), "–", "–", "–"]
        for database in found.databases
        for one in database.objects
    ]
    wholes = [(one.name, one.status) for one in found.databases if not one.tables]
    wholes += [(file.name, file.status) for file in found.files]
    lines += [
        [name, whole_text(status), "–", "–", "–"]
        for name, status in wholes
        if status not in {Status.SAME, Status.NOT_HELD}
    ]
    if lines:
        _print_table(run, lines)
    else:
        run.output.line(translate("cli", "Nothing differs."))
    for place, problem in _problems(found):
        run.output.line(translate("cli", "✗ {name}: {why}", name=place, why=problem))
    if found.not_held:
        text = translate(
            "cli", "Not in the restore point, stays as it is: {names}",
            names=", ".join(found.not_held),
        )  # fmt: skip
        run.output.line(text)


def _problems(found: Comparison) -> list[tuple[str, str]]:
    """Return what could not be compared, and what SQLite says of it."""
    tables = [
        (f"{database.name}.{named(table.table)}", table.problem)
        for database in found.databases
        for table in database.tables
    ]
    whole = [(database.name, database.problem) for database in found.databases]
    return [(place, problem) for place, problem in (*whole, *tables) if problem]


def _print_table(run: Run, lines: list[list[str]]) -> None:
    titles = [
        say(translate("cli", "Table")),
        "",
        say(translate("cli", "return")),
        say(translate("cli", "leave")),
        say(translate("cli", "change")),
    ]
    run.output.table(titles, lines, right={2, 3, 4})


def _rows(run: Run, left: str) -> int:
    database, dot, table = str(run.args.rows).partition(".")
    table = "" if table == '""' else table
    kind = RowKind(run.args.kind) if run.args.kind else None
    if not dot or run.args.offset < 0 or not 1 <= run.args.limit <= 10_000:
        raise OperationError(
            translate("cli", "'{name}' names no page of a table.", name=str(run.args.rows)),
            data_state=translate("cli", "Nothing was changed."),
            to_do=translate("cli", "Give --rows as DATABASE.TABLE and at most 10,000 rows."),
        )
    page = row_page(
        run.settings,
        left,
        run.args.right,
        database,
        table,
        kind,
        run.args.offset,
        run.args.limit,
    )
    secret = is_secret(table)
    if run.output.as_json:
        return run.done(_as_rows(page, secret=secret))
    for row in page_view(page, secret=secret).rows:
        run.output.line(SIGNS[row.kind])
        for column, cell in zip(page.columns, row.cells, strict=True):
            value = f"{cell.before} → {cell.after}" if cell.differs else cell.after
            if cell.differs or row.kind is not RowKind.CHANGING:
                run.output.line(f"    {named(column)}: {value}")
    return Exit.OK


def _as_rows(page: Page, *, secret: bool) -> Rows:
    return Rows(
        columns=page.columns,
        rows=tuple(
            RowShown(
                kind=row.kind,
                key=_values(row.key, secret=secret) or (),
                then=_values(row.left, secret=secret),
                now=_values(row.right, secret=secret),
            )
            for row in page.rows
        ),
        total=page.total,
        has_more=page.has_more,
    )


def _values(row: tuple[SqlValue, ...] | None, *, secret: bool) -> tuple[Shown, ...] | None:
    if row is None:
        return None
    return tuple(
        masked(value) if secret else f"x'{value.hex()}'" if isinstance(value, bytes) else value
        for value in row
    )
