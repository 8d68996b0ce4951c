"""The console's end of the helper process that looks into live databases."""

from __future__ import annotations

import json
import logging
import os
import subprocess
from concurrent.futures import Future
from contextlib import suppress
from threading import Lock, Thread

from core.base.entry import module_command
from core.base.owner import NO_WINDOW, PROBES, marked
from core.monitoring.probes.helper import Answer, Request

GIVE_UP_SECONDS = 30.0
"""A helper that does not answer for so long hangs in the system, and another is begun."""

log = logging.getLogger(__name__)


class HelperGone(Exception):  # noqa: N818 (a state of affairs: the next request begins another)
    """The helper process ended or hangs."""


class _Running:
    """One helper process and the requests that wait for its answers."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.waiting: dict[str, Future[Answer]] = {}
        self.ended = False
        self.process = subprocess.Popen(
            module_command(PROBES),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            creationflags=NO_WINDOW,
            env=marked(os.environ),
        )
        Thread(target=self._listen, name="health-helper", daemon=True).start()

    def send(self, request: Request) -> Future[Answer]:
        """Hand over *request*; raises `OSError` when the process is gone."""
        future: Future[Answer] = Future()
        with self.lock:
            if self.ended or self.process.stdin is None:
                raise BrokenPipeError("it ended")
            self.waiting[request["name"]] = future
            try:
                self.process.stdin.write(json.dumps(request) + "\n")
                self.process.stdin.flush()
            except OSError:
                del self.waiting[request["name"]]
                self.ended = True
                raise
        return future

    def end(self) -> None:
        """Let it end by itself, else end it."""
        with self.lock:
            self.ended = True
            if self.process.stdin is not None:
                with suppress(OSError):  # it has ended already
                    self.process.stdin.close()
        try:
            self.process.wait(1.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _listen(self) -> None:
        if self.process.stdout is not None:
            for line in self.process.stdout:
                answer: Answer = json.loads(line)
                with self.lock:
                    future = self.waiting.pop(answer["name"], None)
                if future is not None:
                    future.set_result(answer)
        code = self.process.wait()
        with self.lock:
            if not self.ended:
                log.warning("the process that looks into databases ended with code %s", code)
            self.ended = True
            waiting, self.waiting = self.waiting, {}
        for future in waiting.values():
            future.set_exception(HelperGone(f"it ended with code {code}"))


class Helper:
    """The helper process; begun at the first request and again when it has ended.

    `ask` may be called from several threads, for different databases.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: _Running | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The PID of the helper, None while there is none."""
        running = self._running
        return None if running is None or running.ended else running.process.pid

    def ask(self, request: Request) -> Answer:
        """Return what the helper says; raises `HelperGone`."""
        running, future = self._send(request)
        try:
            return future.result(GIVE_UP_SECONDS)
        except TimeoutError:
            running.end()
            raise HelperGone("it does not answer") from None

    def close(self) -> None:
        """End the helper; requests under way fail with `HelperGone`."""
        with self._lock:
            self._closed = True
        if self._running is not None:
            self._running.end()

    def _send(self, request: Request) -> tuple[_Running, Future[Answer]]:
        with self._lock:
            for _ in range(2):  # one that ended since the last request is noticed only now
                if self._closed:
                    raise HelperGone("closed")
                if self._running is None or self._running.ended:
                    self._running = _Running()
                try:
                    return self._running, self._running.send(request)
                except OSError as error:
                    why = str(error)
        raise HelperGone(why)
