"""The checks of what is live: databases, holders, restore point, window, the way back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from core.backup.catalogue import Catalogue
from core.backup.coverage import good_points
from core.base.databases import Condition, condition_words
from core.base.operation import Context, OperationError
from core.base.text import Text, translate
from core.program.find import find_programs
from core.release.checks import (
    Check,
    Subject,
    found_wrong,
    of_error,
    of_findings,
    passed,
    skipped,
)
from core.release.config import DAYS, WindowSettings
from core.release.models import CheckResult, CheckState
from core.switchover.obstacles import obstacles
from core.switchover.way_back.checks import check_holders, check_stop, check_swappable
from core.switchover.way_back.start import check_start
from core.switchover.way_back.trial import try_way_back

KST = timezone(timedelta(hours=9), "KST")
CLOCK_SLACK = timedelta(minutes=5)


def databases(context: Context, subject: Subject) -> CheckResult:
    """Whether every live database answers and is sound."""
    live = subject.live
    if isinstance(live, OperationError):
        return of_error(live)
    remedy = translate(
        "deployment", "Look at 'status', and roll back to a good restore point if one is damaged."
    )
    for one in live:
        if one.condition is Condition.LOCKED:
            continue
        if one.condition is not Condition.OK or one.problem:
            return found_wrong(
                translate("deployment", "{name} is {condition}: {why}", name=one.name,
                          condition=condition_words(one.condition),
                          why=one.problem or one.detail or "–"),
                remedy,
            )  # fmt: skip
    large = [one.name for one in live if not one.checked]
    if large:
        return passed(
            translate(
                "deployment",
                "All answer. Not read whole, because of their size or a lock: {names}.",
                names=", ".join(large),
            ),
        )
    return passed(
        translate("deployment", "{count} databases are sound.", count=len(live)),
    )


def holders(context: Context, subject: Subject) -> CheckResult:
    """Whether nobody but the trading program holds the files."""
    programs = find_programs(subject.settings)
    return of_findings([check_holders(context, subject.settings, programs)])


def swappable(context: Context, subject: Subject) -> CheckResult:
    """Whether every guarded file could be swapped to go back."""
    return of_findings([check_swappable(subject.settings)])


def trial(context: Context, subject: Subject) -> CheckResult:
    """Whether a swap beside the live files goes through, out again, and with the same rights."""
    barred = {one.name for one in obstacles(subject.settings)}
    files = [file for file in subject.settings.files if file.name not in barred]
    if not files:
        return skipped(translate("deployment", "No file could be swapped."))
    return of_findings(try_way_back(context, subject.settings, files)[::-1])


def stop(context: Context, subject: Subject) -> CheckResult:
    """Whether the program could be asked to close."""
    return of_findings([check_stop(find_programs(subject.settings))])


def start(context: Context, subject: Subject) -> CheckResult:
    """Whether the program that runs now could be started again, to go back."""
    programs = find_programs(subject.settings)
    return of_findings([check_start(context, subject.settings, programs)])


def restore_point(context: Context, subject: Subject) -> CheckResult:
    """Whether there is a verified restore point, young enough."""
    points = Catalogue(subject.settings.store).read().points
    newest = next(iter(good_points(subject.settings, points)), None)
    remedy = translate("deployment", "Make one: 'backup create', then 'backup verify'.")
    if newest is None:
        return found_wrong(translate("deployment", "There is no good restore point."), remedy)
    since = subject.now - newest.point.created
    age = since / timedelta(hours=1)
    proofs = [one for one in (newest.annotations.quick, newest.annotations.full) if one]
    proven = max((proof.at for proof in proofs), default=newest.point.created)
    evidence = translate(
        "deployment", "{id}, {hours} hours old, last verified {when}.",
        id=newest.point.id, hours=round(age, 1), when=proven,
    ) if age >= 1 else translate(
        "deployment", "{id}, {minutes} minutes old, last verified {when}.",
        id=newest.point.id, minutes=max(0, round(age * 60)), when=proven,
    )  # fmt: skip
    if since < -CLOCK_SLACK:
        return found_wrong(
            translate("deployment", "{id} is of {when}, which is yet to come: a clock was wrong.",
                      id=newest.point.id, when=newest.point.created),
            translate("deployment", "Set the clock right, then make a new one: 'backup create'."),
        )  # fmt: skip
    if age > subject.config.checks.restore_point_max_age_hours:
        return found_wrong(evidence, remedy)
    return passed(evidence)


def window(context: Context, subject: Subject) -> CheckResult:
    """Whether it is a time at which deployments are allowed."""
    allowed = subject.config.window
    korean = subject.now.astimezone(KST)
    evidence = translate(
        "deployment", "It is {day} {time} in Korea; allowed: {days} {begin}–{end}.",
        day=_days((DAYS[korean.weekday()],)), time=f"{korean:%H:%M}",
        days=_days(allowed.days) if allowed.days else translate("deployment", "every day"),
        begin=f"{allowed.begin:%H:%M}" if allowed.begin else "00:00",
        end=f"{allowed.end:%H:%M}" if allowed.end else "24:00",
    )  # fmt: skip
    if is_allowed(allowed, subject.now):
        return passed(evidence)
    return found_wrong(evidence, translate("deployment", "Wait for that time."))


def _days(days: Sequence[str]) -> Text:
    names = {
        "mon": translate("deployment", "Mon"), "tue": translate("deployment", "Tue"),
        "wed": translate("deployment", "Wed"), "thu": translate("deployment", "Thu"),
        "fri": translate("deployment", "Fri"), "sat": translate("deployment", "Sat"),
        "sun": translate("deployment", "Sun"),
    }  # fmt: skip
    template = " ".join(f"{{{day}}}" for day in days)
    return Text(context="", template=template, values={day: names[day] for day in days})


def is_allowed(allowed: WindowSettings, now: datetime) -> bool:
    """Whether *now* lies in the window; one over midnight belongs to the day it begins on."""
    korean = now.astimezone(KST)
    moment = korean.time().replace(tzinfo=None)
    day = korean.date()
    if allowed.begin is not None and allowed.end is not None and allowed.begin != allowed.end:
        if allowed.begin < allowed.end:
            if not allowed.begin <= moment < allowed.end:
                return False
        elif moment < allowed.end:
            day -= timedelta(days=1)
        elif moment < allowed.begin:
            return False
    return not allowed.days or DAYS[day.weekday()] in allowed.days


def way_back(context: Context, subject: Subject) -> CheckResult:
    """What there is to go back to."""
    if subject.pointer is not None:
        return passed(
            translate("deployment", "Release {version} with its data.",
                      version=subject.pointer.version),
        )  # fmt: skip
    if subject.launch is not None:
        return found_wrong(
            translate("deployment", "The program in {path} as it is now: this is the first "
                                    "deployment.", path=subject.launch.cwd),
            translate("deployment", "Leave that folder as it is."),
            CheckState.WARNING,
        )  # fmt: skip
    return found_wrong(
        translate("deployment", "None, since this is the first deployment: if it fails, the data "
                                "is as it was and no program runs."),
        translate("deployment", "Set program.start if there is a program that could be started."),
        CheckState.WARNING,
    )  # fmt: skip


LIVE: dict[str, Check] = {
    "databases": databases, "holders": holders, "restore_point": restore_point, "window": window,
}  # fmt: skip
RETURN: dict[str, Check] = {
    "way_back": way_back, "swappable": swappable, "trial": trial, "stop": stop, "start": start,
}  # fmt: skip
