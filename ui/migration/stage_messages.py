"""What the wizard says above its pages: where it stands, and what the operator may do next."""

from __future__ import annotations

from core.base.text import Text, translate
from ui.format import duration_text
from ui.language import say
from ui.migration.review import summary
from ui.migration.stages import Progress, Stage


def words(progress: Progress) -> tuple[str, str]:
    """Return the title and the line below it."""
    match progress.stage:
        case Stage.PREFLIGHT:
            return _of_preflight(progress)
        case Stage.REHEARSAL:
            return _of_rehearsal(progress)
        case Stage.REVIEW if progress.rehearsal is not None:
            return _of_review(progress)
        case Stage.REPORT if progress.result is not None:
            return _of_report(progress)
        case _:
            return _of_run(progress)


def _of_preflight(progress: Progress) -> tuple[str, str]:
    found = progress.preflight
    if found is None:
        if progress.failed:
            return say(translate("migrating", "Not ready to migrate")), ""
        return say(translate("migrating", "Looking at everything…")), ""
    if progress.nothing_to_do:
        title = translate("migrating", "There is nothing to migrate")
        below = translate(
            "migrating",
            "Every script has run in these databases already, though no report of it is kept "
            "here. Nothing has to be done; 'migrate verify' checks that all is as it should be.",
        )
    elif found.ok:
        title = translate("migrating", "Nothing stands in the way")
        below = translate("migrating", "A rehearsal works on a copy, while the program runs on.")
    else:
        title = translate("migrating", "Not ready to migrate")
        below = translate("migrating", "Mend what is marked with a cross, then check again.")
    return say(title), say(progress.hint or below)


def _of_rehearsal(progress: Progress) -> tuple[str, str]:
    if progress.running:
        title = translate("migrating", "Rehearsing on a copy")
        below = translate("migrating", "The program runs on; the live data is only read.")
    elif progress.cancelled:
        title = translate("migrating", "The rehearsal was cancelled")
        below = translate(
            "migrating", "The live data was only read. Rehearse again whenever you like."
        )
    else:
        title = translate("migrating", "The rehearsal failed")
        below = translate(
            "migrating", "The live data was only read. Check again, then rehearse again."
        )
    return say(title), say(below)


def _of_review(progress: Progress) -> tuple[str, str]:
    rehearsal = progress.rehearsal
    if rehearsal is None:
        return "", ""
    if progress.unrehearsed:
        title = translate("migrating", "Decided, but not rehearsed yet")
        below = translate(
            "migrating",
            "Only what was rehearsed is run. Rehearse again, or withdraw what was decided since.",
        )
        return say(title), say(below)
    if not rehearsal.ok:
        title = translate("migrating", "The rehearsal found problems")
        below = translate(
            "migrating", "Do not migrate. Mend what is named below, then rehearse again."
        )
        return say(title), say(below)
    title = translate("migrating", "Rehearsed in {time}", time=duration_text(rehearsal.seconds))
    found = summary(rehearsal.outcome)
    return say(title), f"{say(progress.hint)}\n{found}" if progress.hint else found


def _of_report(progress: Progress) -> tuple[str, str]:
    result = progress.result
    if result is None:
        return "", ""
    found = summary(result.outcome)
    if result.interrupted:
        more = translate(
            "migrating",
            "The console was cut off after the files were swapped; the next start finished it.",
        )
        found = f"{say(more)}\n{found}"
    if result.downtime_seconds is None:
        return say(translate("migrating", "Migrated")), found
    time = duration_text(result.downtime_seconds)
    return say(translate("migrating", "Migrated; {time} of downtime", time=time)), found


def _of_run(progress: Progress) -> tuple[str, str]:
    if progress.running:
        title = translate("migrating", "Migrating")
        below = translate("migrating", "If anything fails, the former state comes back by itself.")
    elif progress.cancelled:
        title = translate("migrating", "The migration was cancelled")
        below = translate(
            "migrating",
            "The live data is as it was, and the program runs if it ran before. Check again to "
            "go on from there.",
        )
    else:
        title = translate("migrating", "The migration failed")
        below = translate("migrating", "Check again to see where everything stands, and go on.")
    return say(title), say(below)


def run_text(progress: Progress) -> Text:
    """Return what stands on the button of the real run."""
    if progress.unrehearsed:
        return translate("migrating", "Rehearse again before you migrate")
    return translate("migrating", "Stop the program and &migrate")
