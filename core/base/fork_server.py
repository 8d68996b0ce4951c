"""Linux: a process that has loaded what helpers need, and forks one for each job.

To start an interpreter and load the console takes a third of a second, to fork one hundredth.  The
server is started where the first helper is needed, has one thread, opens no file and no database,
and holds nothing but what it has loaded; it ends with its console, or when nothing was asked of it
for a while.  A helper dies with the server (the kernel sees to it) and with the console (a thread
of it watches), and is known to the console by a descriptor of its own, never by its number alone
(https://man7.org/linux/man-pages/man2/pidfd_open.2.html).
"""

from __future__ import annotations

import gc
import importlib
import logging
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from threading import Lock, Thread
from typing import NamedTuple

from core.base.lifeline import ask_system
from core.base.owner import marked, starting_helpers

log = logging.getLogger(__name__)
IDLE_SECONDS = 60.0
"""After this time without a job the server ends."""
REMEMBERED = 100
"""Of so many helpers that have ended the server knows how."""

Job = Callable[..., object]


class _Surroundings(NamedTuple):
    """What a helper takes over from its console as it is at that moment."""

    environment: dict[str, str]
    folder: str
    path: list[str]
    words: list[str]


class Forked:
    """A helper that was forked: what `run_in_process` needs to know of it."""

    def __init__(self, pid: int, descriptor: int, server: ForkServer) -> None:
        """*descriptor* refers to process *pid* of *server*, whatever becomes of the number."""
        self.pid = pid
        self._descriptor = descriptor
        self._server = server

    def join(self, seconds: float | None = None) -> None:
        """Wait until it has ended, *seconds* at most."""
        wait([self._descriptor], seconds)

    def is_alive(self) -> bool:
        """Whether it runs."""
        return not wait([self._descriptor], 0)

    def kill(self) -> None:
        """Kill it."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)

    @property
    def exitcode(self) -> int | None:
        """How it ended, like that of `multiprocessing`; None where nobody knows any more."""
        return self._server.exit_code(self.pid)

    def close(self) -> None:
        """Forget it."""
        os.close(self._descriptor)


class ForkServer:
    """The console's side of a server, which is started when it is first needed; for all threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._control: Connection | None = None
        self._console = 0
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._leave)

    def _leave(self) -> None:
        """In a process forked from a console: the server is the other one's, and ends with it."""
        self._lock = Lock()
        self._forget()

    def fork(self, pipe: Connection, module: str) -> Forked:
        """Return a new helper that takes its job from *pipe* and has loaded *module*.

        Raises `OSError` where the system gives none.
        """
        with self._lock:
            for fresh in (False, True):
                try:
                    return self._ask(self._connection(fresh=fresh), pipe, module)
                except (EOFError, BrokenPipeError, ConnectionResetError):
                    # It has ended, idle or killed; no job of this helper has begun.
                    self._forget()
            raise OSError("the server of helper processes does not stay")

    def prepare(self, module: str) -> None:
        """Start a server that loads *module* meanwhile; it waits for nothing."""
        with self._lock:
            if self._control is None or self._console != os.getpid():
                self._control, self._console = _start(module), os.getpid()

    def _ask(self, control: Connection, pipe: Connection, module: str) -> Forked:
        control.send(module)
        _hand_over(control, pipe.fileno())
        pid: int | str = control.recv()
        if isinstance(pid, str):
            raise OSError(pid)
        descriptor = _taken_over(control)
        if descriptor is None:
            raise OSError("no descriptor is left")  # the helper ends with its pipe
        return Forked(pid, descriptor, self)

    def exit_code(self, pid: int) -> int | None:
        """Return how helper *pid* ended; None where the server is gone or has forgotten it."""
        with self._lock:
            if self._control is None or self._console != os.getpid():
                return None
            try:
                self._control.send(pid)
                code: int | None = self._control.recv()
            except (EOFError, OSError):
                self._forget()
                return None
            return code

    def _connection(self, *, fresh: bool) -> Connection:
        if self._control is None or fresh:
            self._control, self._console = _start(), os.getpid()
        return self._control

    def _forget(self) -> None:
        if self._control is not None:
            self._control.close()
        self._control = None


def supported() -> bool:
    """Whether this system can hold a process by a descriptor (Linux 5.3)."""
    if sys.platform != "linux":
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


def surroundings() -> _Surroundings:
    """Return what is around this process now."""
    try:
        folder = str(Path.cwd())
    except FileNotFoundError:
        folder = "/"  # it was removed under this process
    return _Surroundings(marked(os.environ), folder, list(sys.path), list(sys.argv))


def _start(module: str = "") -> Connection:
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    with starting_helpers():
        spawn.Process(target=_serve, args=(theirs, module), daemon=True).start()
    theirs.close()
    return ours


def _serve(control: Connection, module: str) -> None:
    """Fork helpers until the console is gone, or nothing was asked for a while."""
    _load(module)
    console = multiprocessing.parent_process()
    if console is None:
        return
    running: dict[int, int] = {}
    ended: dict[int, int] = {}
    while True:
        idle = IDLE_SECONDS if not running else None
        ready = wait([control, console.sentinel, *running], idle)
        if not ready or console.sentinel in ready:
            return
        for descriptor in running.keys() & set(ready):
            pid = running.pop(descriptor)
            os.close(descriptor)
            ended[pid] = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        for pid in list(ended)[:-REMEMBERED]:
            del ended[pid]
        if control in ready:
            try:
                asked: str | int = control.recv()
            except (EOFError, OSError):
                return
            if isinstance(asked, int):
                control.send(ended.get(asked))
            else:
                _fork(control, asked, running, console.sentinel)


def _load(module: str) -> None:
    with suppress(Exception):  # the helper meets it again, and says so
        if module:
            importlib.import_module(module)


def _fork(control: Connection, module: str, running: dict[int, int], console: int) -> None:
    handle = _taken_over(control)
    if handle is None:
        control.send("no descriptor is left")
        return
    _load(module)
    # No helper looks through what all of them share, and so none has to copy it.
    gc.freeze()
    me = os.getpid()
    try:
        pid = os.fork()
    except OSError as error:
        os.close(handle)
        control.send(str(error))
        return
    if not pid:
        try:
            control.close()
            for descriptor in running:
                os.close(descriptor)
            if ask_system(me):
                Thread(target=_end_with, args=(console,), name="lifeline", daemon=True).start()
                _work(Connection(handle))
        finally:
            os._exit(1)
    os.close(handle)
    descriptor = os.pidfd_open(pid)
    running[descriptor] = pid
    control.send(pid)
    _hand_over(control, descriptor)


def _hand_over(control: Connection, descriptor: int) -> None:
    """Send *descriptor* to the other side, which needs one that is free and this one does not."""
    with _socket_of(control) as side:
        socket.send_fds(side, [b"d"], [descriptor])


def _taken_over(control: Connection) -> int | None:
    """Return what `_hand_over` sent; None where this process has no descriptor left for it."""
    with _socket_of(control) as side:
        _, descriptors, _, _ = socket.recv_fds(side, 1, 1)
    return descriptors[0] if descriptors else None


@contextmanager
def _socket_of(control: Connection) -> Iterator[socket.socket]:
    """Yield *control* as the socket that it is, without another descriptor."""
    side = socket.socket(fileno=control.fileno())
    try:
        yield side
    finally:
        side.detach()


def _end_with(console: int) -> None:
    wait([console])
    os._exit(1)


def _work(pipe: Connection) -> None:
    from core.base.process import work  # noqa: PLC0415 (which starts helpers by this module)

    around: _Surroundings = pipe.recv()
    os.environ.clear()
    os.environ.update(around.environment)
    sys.path[:], sys.argv[:] = around.path, around.words
    os.chdir(around.folder)
    work(pipe, pipe.recv)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
