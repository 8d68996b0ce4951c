"""The command ``demo``: a practice workspace, a stand-in program, and the story told on it."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from core.base.text import translate
from ui.cli.grammar import Subparsers, add_command
from ui.cli.output import Output
from ui.cli.run import Exit
from ui.cli.story import tell
from ui.cli.streams import has_screen
from ui.language import say
from ui.practice import PRACTICE_BYTES, practice_workspace

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
