"""The command ``demo``: a practice workspace, a stand-in program, and the story told on it.

Where there is no screen it is told in the terminal, the same as in the window.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
from pathlib import Path

from core.backup.create import CreateRestorePoint
from core.base.cleanup import concluding
from core.base.config.models import Settings
from core.base.entry import module_command
from core.base.model import Model
from core.base.operation import Operation, OperationError
from core.base.owner import NO_WINDOW
from core.base.text import translate
from core.program.control import ServiceStart, ServiceStop
from core.runner.run import run_operation
from core.switchover.rollback import Rollback
from ui.cli.grammar import Subparsers, add_command
from ui.cli.run import Exit, Output, Result, WatchedContext, cancelled_by_signals
from ui.cli.streams import has_screen
from ui.language import bytes_text, duration_text, say
from ui.practice import PRACTICE_BYTES, practice_settings, practice_workspace

MB = 1_000_000
SMALLEST, LARGEST = 2 * MB, 5_000 * MB
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMG]?)B?", re.IGNORECASE)
_UNITS = {"": 1, "K": 1_000, "M": MB, "G": 1_000 * MB}


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(
        commands, "demo", translate("cli", "Practise on a stand-in trading program"), lambda _: 0
    )
    parser.add_argument(
        "--headless",
        action="store_true",
        help=say(translate("cli", "tell the story in the terminal")),
    )
    parser.add_argument(
        "--prepare-only", action="store_true", help=say(translate("cli", "only make the workspace"))
    )
    parser.add_argument(
        "--screenshots",
        type=Path,
        metavar="DIR",
        help=say(translate("cli", "leave pictures of every tab")),
    )
    parser.add_argument("--workspace", type=Path, default=Path("demo"), metavar="DIR")
    parser.add_argument("--size", type=size_of, default=PRACTICE_BYTES, metavar="10MB")


def size_of(text: str) -> int:
    """Return the bytes that *text* such as ``10MB`` or ``5GB`` names; raises `argparse` errors."""
    found = _SIZE.fullmatch(text.strip())
    size = round(float(found[1]) * _UNITS[found[2].upper()]) if found else 0
    if not SMALLEST <= size <= LARGEST:
        raise argparse.ArgumentTypeError(f"{text!r}: 2MB … 5GB")
    return size


def run_demo(args: argparse.Namespace, output: Output) -> int:
    """Prepare the workspace, then open the window, or tell the story where there is no screen."""
    folder = args.workspace.resolve()
    practice_workspace(folder, args.size)
    if args.prepare_only:
        output.result({"workspace": str(folder)}, [str(folder)])
        return Exit.OK
    if args.headless or args.screenshots is not None or not has_screen():
        return tell(folder, output, (args.screenshots or Path("screenshots")).resolve())
    from ui.app import open_demo  # noqa: PLC0415 (widgets are loaded for the window only)

    return open_demo(folder, args.lang)


MISTAKE, SCREENSHOTS = "resources.demo.mistake", "ui.screenshots"
"""Each runs in a process of its own: another program's, and one with a screen."""


class DemoResult(Model):
    """What happened in the demo."""

    workspace: Path
    restore_point: str
    rows_lost: int
    downtime_seconds: float
    screenshots: tuple[Path, ...]


def tell(folder: Path, output: Output, screenshots: Path) -> int:
    """Back up a running program, make a mistake, go back, and leave pictures of every tab."""
    settings = practice_settings(folder)
    say_it = output.line
    say_it(translate("demo", "Practice workspace: {path}", path=folder))
    pid = str(_do(settings, ServiceStart(settings)).pid)
    say_it(translate("demo", "1. A stand-in trading program writes (process {pid}).", pid=pid))
    with concluding(_do, settings, ServiceStop(settings)):
        note = say(translate("demo", "before the mistake"))
        point = _do(settings, CreateRestorePoint(settings, note=note))
        say_it(
            translate(
                "demo",
                "2. Backed up and verified while it writes: {size}, {added} in the store.",
                size=bytes_text(point.size),
                added=bytes_text(point.added_bytes),
            )
        )
        lost = _make_mistake(settings)
        say_it(translate("demo", "3. A mistake: {rows} rows of history are deleted.", rows=lost))
        result = _do(settings, Rollback(settings, point.id))
        downtime = duration_text(result.downtime_seconds)
        say_it(translate("demo", "4. Back by one command, {time} of downtime.", time=downtime))
        say_it(
            translate(
                "demo",
                "5. Nothing is lost: the state with the mistake is restore point {id}.",
                id=result.parked_point_id or "",
            )
        )
        pictures = _photograph(folder, screenshots)
        say_it(translate("demo", "6. Pictures of every tab: {path}", path=screenshots))
    story = DemoResult(
        workspace=folder,
        restore_point=point.id,
        rows_lost=lost,
        downtime_seconds=result.downtime_seconds,
        screenshots=pictures,
    )
    output.result(story, [translate("demo", "The stand-in program has closed.")])
    return Exit.OK


def _do(settings: Settings, operation: Operation[Result]) -> Result:
    with WatchedContext() as context, cancelled_by_signals(context):
        return run_operation(settings, operation, context, "demo", wait_seconds=10)


def _make_mistake(settings: Settings) -> int:
    done = subprocess.run(
        [*module_command(MISTAKE), settings.file("strategies").path],
        capture_output=True, encoding="utf-8", check=True, creationflags=NO_WINDOW,
    )  # fmt: skip
    return int(done.stdout)


def _photograph(folder: Path, screenshots: Path) -> tuple[Path, ...]:
    """Take the pictures in a process of its own: this one has no screen to open a window on."""
    environment = {**os.environ}
    if os.name != "nt":  # there is always a screen there, and no font without one
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    done = subprocess.run(
        [*module_command(SCREENSHOTS), str(folder), str(screenshots)],
        env=environment, capture_output=True, encoding="utf-8", errors="replace", check=False,
        creationflags=NO_WINDOW,
    )  # fmt: skip
    if done.returncode:
        raise OperationError(
            translate("demo", "The pictures could not be taken: {why}", why=done.stderr[-500:]),
            data_state=translate("demo", "The practice data is as the story left it."),
            to_do=translate("demo", "Install what the first lines of output name, then try again."),
        )
    return tuple(sorted(screenshots.glob("*.png")))
