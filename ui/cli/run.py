"""What every command gets, how a changing one is run, and what it prints.

With ``--json`` standard output carries one JSON object alone; everything else goes to standard
error.
"""

from __future__ import annotations

import json
import shutil
import signal
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, TextIO, TypeAlias, TypeVar

from pydantic import BaseModel, TypeAdapter
from rich.cells import cell_len

from core.base.config.models import Settings
from core.base.operation import Context, Effect, Operation, OperationError, Step, Unit
from core.base.operation import Progress as Report
from core.base.process import prepare_helpers
from core.base.text import Text, translate
from core.program.models import Program, RunningProgram
from ui.cli.streams import Cleaned, carries, clean_json, one_line
from ui.language import bytes_text, count_text, duration_text, say
from ui.points.messages import exact_time

if TYPE_CHECKING:  # loaded where it is used: many commands print no bar
    from rich.progress import Progress


GAP = "  "
INDENT = "    "
NOTHING = {"", "–"}

Row = Sequence[str]
Line: TypeAlias = str | Text
"""What is printed on a line of its own; a sentence is said in the operator's language."""


def table_lines(
    titles: Row, rows: Sequence[Row], right: set[int], width: int | None = None
) -> list[str]:
    """Return the lines of a table that is at most *width* columns wide; None: as wide as it is.

    The columns in *right* hold numbers.  Where a row would not fit, each becomes lines: its first
    cell, which is what one copies, then what else it says.  Nothing is broken within a word.
    """
    cells = [[one_line(cell) for cell in row] for row in rows]
    heads = [one_line(title) for title in titles]
    widths = [max(map(cell_len, column)) for column in zip(heads, *cells, strict=True)]
    if width is not None and sum(widths) + len(GAP) * (len(widths) - 1) > width:
        return [line for row in cells for line in _as_lines(heads, row, width)]
    return [_as_row(row, widths, right) for row in (heads, *cells) if any(row)]


def _as_row(row: Row, widths: Sequence[int], right: set[int]) -> str:
    places = []
    for index, (cell, width) in enumerate(zip(row, widths, strict=True)):
        space = " " * (width - cell_len(cell))
        places.append(space + cell if index in right else cell + space)
    return GAP.join(places).rstrip()


def _as_lines(heads: Row, row: Row, width: int) -> list[str]:
    """Return what *row* says: its sign, if it has one, and name, then the rest below that."""
    first = 1 if heads[0] else 2
    lines, line = [GAP.join(row[:first])], ""
    rest = zip(heads[first:], row[first:], strict=True)
    said = " · ".join(f"{title}: {cell}" for title, cell in rest if cell not in NOTHING)
    for word in said.replace(" · ", "\N{NO-BREAK SPACE}· ").split(" "):
        longer = f"{line} {word}" if line else INDENT + word
        if line and cell_len(longer) > width:
            lines.append(line)
            longer = INDENT + word
        line = longer
    return [one.replace("\N{NO-BREAK SPACE}", " ") for one in (*lines, line)] if said else lines


PLAIN_SECONDS = 5.0
"""In a pipe a line of progress is printed at most this often."""


class Output:
    """Where a command's words go."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.stream = sys.stderr if as_json else sys.stdout

    def result(self, value: object, lines: Sequence[Line] = ()) -> None:
        """Print *value* as JSON, or *lines* for people."""
        if self.as_json:
            adapter: TypeAdapter[object] = TypeAdapter(type(value))
            # Who reads it gets sentences, in the language that `--lang` names, as in a failure.
            document = adapter.dump_python(value, mode="json", context={"say": say})
            _write(document, indent=2)
            return
        for line in lines:
            self.line(line)

    def record(self, value: BaseModel) -> None:
        """Print *value* as one line of JSON, one of many."""
        _write(json.loads(value.model_dump_json()))

    def line(self, text: Line = "") -> None:
        """Print one line for people."""
        said = say(text) if isinstance(text, Text) else text
        print(one_line(said), file=self.stream, flush=True)

    def aside(self, text: Text) -> None:
        """Print one sentence that is no part of what was asked for, on standard error."""
        print(one_line(say(text)), file=sys.stderr, flush=True)

    def confirms(self, lines: Sequence[Line], question: Text, word: str) -> bool:
        """Print *lines* and ask for *word*; where nobody can answer, name ``--yes``."""
        if not self.as_json and sys.stdin.isatty():
            for line in lines:
                self.line(line)
            # Windows takes NUL for a terminal; and Ctrl+D is no answer either.
            with suppress(EOFError):
                return input(say(question)).strip().lower() == word
        self.aside(translate("cli", "Without a terminal to ask at, give --yes."))
        return False

    def table(self, titles: Sequence[str], rows: Sequence[Sequence[str]], right: set[int]) -> None:
        """Print a table for people; the columns in *right* hold numbers."""
        for line in table_lines(titles, rows, right, self._columns()):
            self.line(line)

    def _columns(self) -> int | None:
        """Return how many columns there are; None in a pipe or a file, which have no width."""
        columns = shutil.get_terminal_size((0, 0)).columns if self.stream.isatty() else 0
        return columns or None

    def failure(self, error: OperationError) -> None:
        """Print the three sentences of a failure."""
        sentences = {
            "happened": say(error.happened),
            "data_state": say(error.data_state),
            "to_do": say(error.to_do),
        }
        if self.as_json:
            self.result({"error": sentences})
        for sentence in sentences.values():
            print(one_line(sentence), file=sys.stderr)


def _write(document: object, indent: int | None = None) -> None:
    """Write *document* as JSON, which has escapes of its own for what the stream cannot carry."""
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    if not carries(sys.stdout, text):
        text = json.dumps(document, indent=indent)
    sys.stdout.write(f"{clean_json(text)}\n")
    sys.stdout.flush()


class WatchedContext(Context):
    """Shows progress: a bar on a terminal, plain lines in a pipe, both on standard error."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__()
        self._stream = stream or sys.stderr
        self._bar: Progress | None = None
        self._told = time.monotonic()
        if self._stream.isatty():
            self._bar = _make_bar(self._stream)

    def __enter__(self) -> WatchedContext:
        if self._bar is not None:
            self._bar.start()
            self._bar.add_task("", amount="", left="", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def on_progress(self, progress: Report) -> None:
        """Move the bar on, or print a line now and then."""
        what = one_line(say(progress.what))
        if self._bar is not None:
            task = self._bar.task_ids[0]
            self._bar.update(
                task,
                description=what,
                completed=progress.done,
                total=progress.total,
                amount=amount_text(progress),
                left=left_text(progress),
            )
        elif time.monotonic() - self._told >= PLAIN_SECONDS:
            self._told = time.monotonic()
            parts = [part for part in (amount_text(progress), left_text(progress)) if part]
            print(f"{what}: {' · '.join(parts)}", file=self._stream, flush=True)

    def on_step(self, step: Step) -> None:
        """Print a step when it is over."""
        if step.seconds is None:
            return
        line = one_line(step_line(step))
        if self._bar is not None:
            self._bar.console.print(line, markup=False, highlight=False)
        else:
            print(line, file=self._stream, flush=True)


def _make_bar(stream: TextIO) -> Progress:
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[amount]}"),
        TextColumn("{task.fields[left]}"),
        TimeRemainingColumn(),
        console=Console(file=stream.beneath if isinstance(stream, Cleaned) else stream),
        transient=True,
    )


def step_line(step: Step) -> str:
    """Return a step that is over in one line: sign, sentence, time or reason."""
    if step.warning:
        return f"! {say(step.what)}"
    if step.ok is None:
        why = f" ({say(step.note)})" if step.note is not None else ""
        return f"– {say(step.what)}{why}"
    found = f" — {say(step.note)}" if step.note is not None else ""
    return f"{'✓' if step.ok else '✗'} {say(step.what)} · {duration_text(step.seconds or 0)}{found}"


def program_line(program: Program | RunningProgram | None) -> str:
    """Return in a sentence whether the program runs."""
    if program is None:
        return say(translate("cli", "The trading program is not running."))
    return say(
        translate(
            "cli",
            "The trading program is running: process {pid}, since {since}.",
            pid=str(program.pid),
            since=exact_time(program.started),
        )
    )


def amount_text(progress: Report) -> str:
    """Return how far something is, in its unit."""
    text = bytes_text if progress.unit is Unit.BYTES else count_text
    if progress.total is None:
        return text(progress.done) if progress.done else ""
    return f"{text(progress.done)} / {text(progress.total)}"


def left_text(progress: Report) -> str:
    """Return how long the whole operation will still take, where it was rehearsed."""
    if progress.seconds_left is None:
        return ""
    left = duration_text(round(progress.seconds_left))
    return say(translate("operation", "{time} left", time=left))


Result = TypeVar("Result")
WITH_HELPERS = {Effect.STORE, Effect.CAPTURE, Effect.CHANGE}
"""What these operations do, helper processes do for them."""
WAIT_SECONDS = 10.0
"""How long a command waits for another one before it says who holds the lock."""


class Exit(IntEnum):
    """Exit codes, documented in `docs/cli.md`."""

    OK = 0
    FAILED = 1
    USAGE = 2
    DAMAGED = 3
    LOCKED = 4
    BUG = 70
    CANCELLED = 130


@dataclass(frozen=True)
class Run:
    """One call of a command."""

    settings: Settings
    args: Namespace
    output: Output

    def change(self, operation: Operation[Result]) -> Result:
        """Run a changing operation: locked, recovered first, journalled, cancelled by Ctrl+C."""
        if operation.kind.effect in WITH_HELPERS:
            prepare_helpers("core.backup.create")
        # Half of what there is to import, and most commands only look.
        from core.runner.run import run_operation  # noqa: PLC0415

        with WatchedContext() as context, cancelled_by_signals(context):
            return run_operation(
                self.settings, operation, context, "command line", wait_seconds=WAIT_SECONDS
            )

    def look(self, operation: Operation[Result]) -> Result:
        """Run an operation that changes nothing."""
        with WatchedContext() as context, cancelled_by_signals(context):
            return operation.run(context)

    def done(self, value: object, lines: Sequence[Line] = (), *, ok: bool = True) -> int:
        """Print *value* as JSON, or *lines* for people, and return the exit code."""
        self.output.result(value, lines)
        return Exit.OK if ok else Exit.DAMAGED


Command = Callable[[Run], int]


@contextmanager
def cancelled_by_signals(context: Context) -> Iterator[None]:
    """Let Ctrl+C, Ctrl+Break and SIGTERM cancel *context* instead of breaking the work off."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if sys.platform == "win32":
        numbers.append(signal.SIGBREAK)
    former = [signal.signal(number, lambda *_: context.cancel()) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, former, strict=True):
            signal.signal(number, handler)
