"""The two questions of the wizard: before the program is stopped, and before the way back."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtWidgets import QWidget

from core.base.text import translate
from core.program.models import Program, RunningProgram
from migration.run.models import UndoPlan
from ui.format import count_text
from ui.kit.parts import Answer, ask
from ui.language import say


def ask_to_run(
    parent: QWidget, program: Program | RunningProgram | None, go: Callable[[], None]
) -> None:
    """Ask whether to migrate now, and say what happens; calls *go* on yes."""
    if program is None:
        first = translate("migrating", "No program runs, so none is stopped.")
    else:
        first = translate(
            "migrating",
            "The trading program (PID {pid}) is asked to stop, and started again afterwards.",
            pid=str(program.pid),
        )
    rest = translate(
        "migrating",
        "The present state is saved first. A fresh copy is migrated and proven; only then "
        "the files are swapped. If anything fails, the former state comes back by itself.",
    )
    ask(
        parent,
        translate("migrating", "Migrate the databases now?"),
        f"{say(first)}\n{say(rest)}",
        Answer(translate("migrating", "Stop the program and migrate"), go),
    )


def ask_to_undo(
    parent: QWidget, plan: UndoPlan, go: Callable[[], None], export: Callable[[], None]
) -> None:
    """Say what going back costs, and ask; calls *go* or *export*."""
    text = translate(
        "migrating",
        "{rows} rows written since then leave the live data and stay in a restore point "
        "of the present.",
        rows=count_text(plan.rows_lost),
    )
    if plan.exact and not plan.rows_lost:
        text = translate("migrating", "Nothing was written since then, so no row is lost.")
    elif not plan.exact:
        text = translate(
            "migrating",
            "At most {rows} rows written since then leave the live data and stay in a restore "
            "point of the present. The scripts have changed, so rows that the migration wrote "
            "itself may be among them.",
            rows=count_text(plan.rows_lost),
        )
    lines = [say(text)]
    lines += [
        say(translate("cli", "The file {name} has changed since and goes back, too.", name=name))
        for name in plan.files_changed
    ]
    ask(
        parent,
        translate("migrating", "Go back to before the migration?"),
        "\n".join(lines),
        Answer(translate("migrating", "Go back"), go),
        Answer(translate("migrating", "Export these rows first…"), export, bool(plan.changes)),
        details="\n".join(
            f"{change.place}: +{change.added} ~{change.changed} −{change.removed}"
            for change in plan.changes
        ),
    )
