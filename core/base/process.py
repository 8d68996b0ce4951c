"""Runs a function in a process of its own, with progress, cancelling and errors passed through.

Reading a live database raw must not happen in a process that also holds an SQLite connection
to it: POSIX drops all of a process's locks on a file when any descriptor of it is closed
(https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_).
And hashing and compressing in the console's own process would make the window wait for the
interpreter lock.  So heavy work lives in functions at the top level of a module, with
picklable arguments, and runs here.

A worker never outlives its console (`core.base.lifeline`).  What it publishes or removes in a
store it does under the store's lock, which it holds itself (`core.backup.store.lock`).
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection
from threading import Event, Lock
from typing import Concatenate, NamedTuple, ParamSpec, Protocol, TypeVar

from core.base.fork_server import Forked, ForkServer, supported, surroundings
from core.base.lifeline import bound, die_with_parent
from core.base.operation import Cancelled, Context, OperationError, Progress, Step
from core.base.owner import starting_helpers
from core.base.text import translate

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)

POLL_SECONDS = 0.02
# A child that has not reached a safe point by then is killed; what it leaves is swept by
# the caller, exactly as after a crash.
CANCEL_GRACE_SECONDS = 0.1


FORKS = supported()
_server = ForkServer()
"""One for the process, as `multiprocessing` has one: whoever runs an operation shares it."""


class _Returned(NamedTuple):
    value: object


class _Failed(NamedTuple):
    error: BaseException
    trace: str


class _Logged(NamedTuple):
    name: str
    level: int
    text: str


def run_in_process(
    function: Callable[Concatenate[Context, P], R],
    context: Context,
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """Call ``function(context, *args, **kwargs)`` in a new process and return its result.

    Raises what the function raises; `Cancelled` when *context* is cancelled; and an
    `OperationError` when the process dies without a word.
    """
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    life = ExitStack()
    try:
        child = _start(theirs, ours, (function, args, kwargs), life)
        return _converse(ours, context)  # type: ignore[return-value]
    except EOFError:
        child.join()
        if context.cancelled:
            raise Cancelled from None
        log.critical("worker process for %s died, exit code %s", function.__name__, child.exitcode)
        raise OperationError(
            translate(
                "core",
                "A helper process ended unexpectedly (exit code {code}).",
                code=str(child.exitcode),
            ),
            data_state=translate("core", "The trading program's data was only read."),
            to_do=translate("core", "Try again; the log has the details."),
        ) from None
    finally:
        life.close()
        ours.close()


_Job = tuple[Callable[..., object], tuple[object, ...], dict[str, object]]


class _Helper(Protocol):
    """A process that was started for one job."""

    @property
    def exitcode(self) -> int | None:
        """How it ended."""

    def join(self, timeout: float | None = None, /) -> None:
        """Wait until it has ended, *timeout* seconds at most."""

    def is_alive(self) -> bool:
        """Whether it runs."""

    def kill(self) -> None:
        """Kill it."""

    def close(self) -> None:
        """Forget it."""


def _start(theirs: Connection, ours: Connection, job: _Job, life: ExitStack) -> _Helper:
    """Start a helper for *job* with its end of the pipe; *life* ends it."""
    life.callback(theirs.close)
    child: _Helper
    with _deaf_to_ctrl_c():
        forked = _fork(theirs, job[0].__module__) if FORKS else None
        if forked is not None:
            child = forked
        else:
            spawn = multiprocessing.get_context("spawn")
            spawned = spawn.Process(target=_child, args=(theirs, *job), daemon=True)
            with starting_helpers():
                spawned.start()
            child = spawned
            life.enter_context(bound(spawned))
    life.callback(_end, child)
    theirs.close()
    if forked is not None:
        # It takes the job, and what is around us, from the pipe; one that died says so below.
        with suppress(BrokenPipeError, ConnectionResetError):
            ours.send(surroundings())
            ours.send(job)
    return child


def _fork(theirs: Connection, module: str) -> Forked | None:
    try:
        return _server.fork(theirs, module)
    except OSError as error:
        log.warning("a helper is started anew, since none is forked: %s", error)
        return None


def _end(child: _Helper) -> None:
    child.join(CANCEL_GRACE_SECONDS)
    if child.is_alive():
        child.kill()
        child.join()
    child.close()


def prepare_helpers(module: str) -> None:
    """Load what helpers of *module* need while the caller does other things."""
    if FORKS:
        with _deaf_to_ctrl_c(), suppress(OSError):
            _server.prepare(module)


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Let a child that is born here never hear Ctrl+C: the console hears it and cancels.

    A terminal sends it to every process in front.  The mask is inherited; ours comes back.
    """
    if os.name != "posix":
        yield
        return
    former = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)


def _converse(pipe: Connection, context: Context) -> object:
    told = False
    while True:
        if context.cancelled and not told:
            pipe.send("cancel")
            told = True
        if not pipe.poll(CANCEL_GRACE_SECONDS if told else POLL_SECONDS):
            if told:
                raise Cancelled
            continue
        message = pipe.recv()
        if isinstance(message, Progress):
            context.on_progress(message)
        elif isinstance(message, Step) and message.warning:
            context.keep_warning(message)
        elif isinstance(message, Step):
            context.on_step(message)
        elif isinstance(message, _Logged):
            logging.getLogger(message.name).log(message.level, "%s", message.text)
        elif isinstance(message, _Returned):
            return message.value
        elif isinstance(message, _Failed):
            if not isinstance(message.error, Cancelled | OperationError):
                log.error("in worker process: %s", message.trace)
            raise message.error


class _PipedContext(Context):
    """The context inside the child: progress goes up the pipe, cancelling comes down."""

    def __init__(self, pipe: Connection, send: Callable[[object], None]) -> None:
        super().__init__(Event())
        self._pipe = pipe
        self._send = send

    def check(self) -> None:
        if self._pipe.poll():
            try:
                self._pipe.recv()
            except EOFError:
                raise Cancelled from None  # the console is gone
            self.cancel()
        super().check()

    def on_progress(self, progress: Progress) -> None:
        self._send(progress)

    def on_step(self, step: Step) -> None:
        self._send(step)


class _LogUpwards(logging.Handler):
    """What the child logs belongs in the console's log; standard error is the operator's."""

    def __init__(self, send: Callable[[object], None]) -> None:
        super().__init__()
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError):  # the console is gone
            self._send(_Logged(record.name, record.levelno, self.format(record)))


def _one_at_a_time(pipe: Connection) -> Callable[[object], None]:
    """Return what sends on *pipe* from any thread, no message into another."""
    alone = Lock()

    def send(message: object) -> None:
        with alone:
            pipe.send(message)

    return send


def _child(
    pipe: Connection,
    function: Callable[..., object],
    args: tuple[object, ...],
    kwargs: dict[str, object],
) -> None:
    die_with_parent()
    work(pipe, lambda: (function, args, kwargs))


def work(pipe: Connection, take: Callable[[], _Job]) -> None:
    """Do in this process, a helper, the job that *take* returns, and answer through *pipe*."""
    send = _one_at_a_time(pipe)
    logging.getLogger().addHandler(_LogUpwards(send))
    try:
        function, args, kwargs = take()
        context = _PipedContext(pipe, send)
        answer: _Returned | _Failed = _Returned(function(context, *args, **kwargs))
    except BaseException as error:  # noqa: BLE001 (handed on to the parent, which raises it)
        answer = _Failed(error, traceback.format_exc())
    try:
        send(answer)
    except BrokenPipeError:
        pass  # the console is gone
    except Exception as error:  # noqa: BLE001 (an answer that does not pickle)
        send(_Failed(RuntimeError(f"{error}: {answer!r:.500}"), traceback.format_exc()))
    finally:
        pipe.close()
        # Nothing is left to do: the interpreter need not look through all that was loaded.
        gc.freeze()
