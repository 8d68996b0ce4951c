"""What the operator is asked before a deployment, before going back, and for an override."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtWidgets import QInputDialog, QWidget

from core.base.text import translate
from core.release.operations import CheckResult, DeployPlanResult, WayBack
from ui.deployment.messages import check_name
from ui.kit.parts import Answer, ask
from ui.language import say


def ask_to_deploy(parent: QWidget, plan: DeployPlanResult, go: Callable[[], object]) -> None:
    """Ask whether what *plan* found is to go into production, and *go* where it is."""
    version = plan.artefact.version if plan.artefact is not None else "–"
    text = translate(
        "deploying",
        "The release is made in a folder of its own first. Then the program is asked to stop, "
        "the data is saved, release and data are switched, and the program is started and "
        "watched. If anything fails, both come back by themselves.",
    )
    answer = translate("deploying", "Stop the program and deploy {version}", version=version)
    ask(
        parent,
        translate("deploying", "Put {version} into production?", version=version),
        f"{say(text)}\n\n{say(translate('deploying', 'Way back: {what}', what=plan.way_back))}",
        Answer(answer, go),
    )


def ask_to_go_back(parent: QWidget, way: WayBack, go: Callable[[], object]) -> None:
    """Ask whether to go back to *way*, and *go* where one is to."""
    question = (
        translate("deploying", "Back to {version}?", version=way.pointer.version)
        if way.pointer is not None
        else translate("deploying", "Back to the program as it was before the first deployment?")
    )
    told = "\n\n".join(say(sentence) for sentence in way.sentences)
    ask(parent, question, told, Answer(translate("deploying", "Go back"), go))


def ask_reasons(parent: QWidget, checks: Sequence[CheckResult]) -> dict[str, str]:
    """Ask for a reason to go on although each of *checks* failed; return those that were typed."""
    reasons = {}
    for check in checks:
        question = say(
            translate("deploying", "{what}\n\nWhy go on? It is journalled.", what=check.evidence)
        )
        reason, given = QInputDialog.getText(parent, check_name(check.name), question)
        if given and reason.strip():
            reasons[check.name] = reason.strip()
    return reasons
