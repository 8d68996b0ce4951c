"""The first failure is the one that is told; clean-up never takes its place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.base.cleanup import attempt, cleaning_up, concluding, undoing
from core.base.config.models import Settings
from core.base.lock import console_lock
from core.base.operation import Context, OperationError, Step
from core.base.text import translate

ROOT = Path(__file__).resolve().parents[2]
HARMLESS = {
    "attempt", "future.cancel", "thread.quit", "self.on_step", "connection.set_progress_handler",
    # In memory, of processes, pipes and signals: these touch no disk.
    "child.join", "child.kill", "ours.close", "pipe.close", "signal.pthread_sigmask",
    "process.kill", "process.wait", "life.close", "kernel.CloseHandle",
    "self._queue.task_done", "signal.signal", "unreadable.update",
    "connection.limit", "qInstallMessageHandler", "gc.freeze",
    "over.set", "threads.shutdown", "os._exit", "side.detach",
    "os.truncate",  # of what is done without: the caller logs what it fails with
}  # fmt: skip
REMEDIES = {
    "end", "remove_tree",  # log what they fail with
    "_undo", "start_program",  # of a deployment: what fails there is told together with the first
    "ask", "_take_back",  # of a unit: each step by itself, its failure suppressed
}  # fmt: skip


def _first() -> OperationError:
    return OperationError(
        translate("test", "the first"), data_state=translate("test", "?"),
        to_do=translate("test", "!"),
    )  # fmt: skip


def _broken() -> None:
    raise OSError(5, "Input/output error")


@pytest.mark.parametrize("helper", [cleaning_up, concluding, undoing])
def test_what_failed_first_is_what_is_raised(helper: Callable[..., object]) -> None:
    with pytest.raises(OperationError, match="the first"), helper(_broken):  # type: ignore[attr-defined]
        raise _first()


def test_a_conclusion_that_fails_after_work_that_went_well_is_told() -> None:
    with pytest.raises(OSError, match="Input/output"), concluding(_broken):
        pass
    with cleaning_up(_broken), undoing(_broken):
        pass
    assert not attempt(_broken)


def test_a_lock_that_cannot_be_tidied_hides_no_failure_and_is_free_again(
    settings: Settings,
) -> None:
    about = settings.home / "console.lock.json"
    with pytest.raises(OperationError, match="the first"), console_lock(settings, "one"):
        about.unlink()
        (about / "in the way").mkdir(parents=True)
        raise _first()
    with console_lock(settings, "two"):
        pass


def test_a_note_that_cannot_be_written_keeps_nobody_from_the_lock(settings: Settings) -> None:
    (settings.home / "console.lock.json" / "in the way").mkdir(parents=True)
    with console_lock(settings, "one"):
        pass


def _ways_out(tree: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statements that run on the way out of a failure and let it go on."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Try):
            yield from node.finalbody
            for handler in node.handlers:
                if any(isinstance(step, ast.Raise) and step.exc is None for step in handler.body):
                    yield from handler.body


def test_a_step_that_deals_with_its_failure_does_not_look_well() -> None:
    told: list[Step] = []

    class Listening(Context):
        def on_step(self, step: Step) -> None:
            told.append(step)

    context = Listening()
    with context.step("outer", translate("test", "outer")):
        with context.step("inner", translate("test", "inner")):
            context.fail(translate("test", "it did not work"))
        context.note(translate("test", "went on"))
    outer, inner = context.steps
    assert (inner.ok, str(inner.note)) == (False, "it did not work")
    assert (outer.ok, str(outer.note)) == (True, "went on")
    assert [step.ok for step in told] == [None, None, False, True]


def test_no_way_out_takes_a_step_whose_failure_would_replace_the_first() -> None:
    """By reading all of the product: on the way out only what cannot fail is called, or `attempt`.

    What is a remedy of its own, and tells of both failures, is named in `REMEDIES`.
    """
    found = []
    for package in ("core", "migration", "ui/cli"):
        for path in (ROOT / package).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            for step in _ways_out(ast.parse(path.read_text(encoding="utf-8"))):
                for one in ast.walk(step):
                    if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call):
                        called = ast.unparse(one.value.func)
                        if called not in HARMLESS | REMEDIES and not called.startswith("log."):
                            found.append(f"{name}:{one.lineno} {called}")
    assert not found, "\n".join(found)
