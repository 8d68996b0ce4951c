"""The words on the button and above the confirmation; what will be is said by the plan itself."""

from __future__ import annotations

from datetime import datetime

from core.base.text import translate
from core.switchover.plan import RollbackPlan
from ui.format import count_text
from ui.language import say
from ui.points.choice import when
from ui.points.messages import clock


def databases_text(count: int) -> str:
    """Return *count* databases in words."""
    if count == 1:
        return say(translate("rollback", "1 database"))
    return say(translate("rollback", "{count} databases", count=count))


def button_text(plan: RollbackPlan, now: datetime, *, exact: bool) -> str:
    """Return what stands on the one button.

    *exact*: the time needs its seconds to be told from another restore point's.
    """
    time = clock(when(plan.point), now, exact=exact)
    databases = databases_text(plan.databases)
    if plan.changes is None:
        return say(
            translate(
                "rollback", "Roll back to {time} ({databases})", time=time, databases=databases
            )
        )
    if plan.changes.rows == 1:
        return say(
            translate(
                "rollback",
                "Roll back to {time} ({databases}, 1 row changes)",
                time=time,
                databases=databases,
            )
        )
    return say(
        translate(
            "rollback",
            "Roll back to {time} ({databases}, {rows} rows change)",
            time=time,
            databases=databases,
            rows=count_text(plan.changes.rows),
        )
    )


def question(plan: RollbackPlan, now: datetime, *, exact: bool) -> str:
    """Return the title of the confirmation."""
    time = clock(when(plan.point), now, exact=exact)
    return say(translate("rollback", "Roll back to the state of {time}?", time=time))


def confirm_text(plan: RollbackPlan, now: datetime, *, exact: bool) -> str:
    """Return what stands on the red button of the confirmation."""
    time = clock(when(plan.point), now, exact=exact)
    if plan.program is None:
        return say(translate("rollback", "Replace the files with {time}", time=time))
    return say(translate("rollback", "Stop the program and roll back to {time}", time=time))
