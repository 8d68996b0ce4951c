"""The console's end of the helper process that looks into live databases."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread

from core.health.probes.helper import Answer, Request

MODULE = "core.health.probes.helper"
ROOT = Path(__file__).resolve().parents[3]
GIVE_UP_SECONDS = 30.0
"""A helper that does not answer for so long hangs in the system, and another is begun."""

log = logging.getLogger(__name__)


class HelperGone(Exception):  # noqa: N818 (a state of affairs: the next request begins another)
    """The helper process ended or hangs."""


class Helper:
    """The helper process; begun at the first request and again when it has ended.

    `ask` may be called from several threads, for different databases.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[str] | None = None
        self._waiting: dict[str, Future[Answer]] = {}
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The PID of the helper, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def ask(self, request: Request) -> Answer:
        """Return what the helper says; raises `HelperGone`."""
        future: Future[Answer] = Future()
        with self._lock:
            process = self._running()
            self._waiting[request["name"]] = future
            try:
                if process.stdin is None:
                    raise HelperGone("no pipe")
                process.stdin.write(json.dumps(request) + "\n")
                process.stdin.flush()
            except OSError as error:
                raise HelperGone(str(error)) from error
        try:
            return future.result(GIVE_UP_SECONDS)
        except TimeoutError:
            self._end(process)
            raise HelperGone("it does not answer") from None

    def close(self) -> None:
        """End the helper; requests under way fail with `HelperGone`."""
        with self._lock:
            self._closed = True
            process = self._process
        if process is not None:
            self._end(process)

    def _running(self) -> subprocess.Popen[str]:
        if self._closed:
            raise HelperGone("closed")
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", MODULE],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
            Thread(
                target=self._listen, args=(self._process,), name="health-helper", daemon=True
            ).start()
        return self._process

    def _listen(self, process: subprocess.Popen[str]) -> None:
        if process.stdout is not None:
            for line in process.stdout:
                answer: Answer = json.loads(line)
                with self._lock:
                    future = self._waiting.pop(answer["name"], None)
                if future is not None:
                    future.set_result(answer)
        code = process.wait()
        with self._lock:
            waiting, self._waiting = self._waiting, {}
            expected = self._closed
        if not expected:
            log.warning("the process that looks into databases ended with code %s", code)
        for future in waiting.values():
            future.set_exception(HelperGone(f"it ended with code {code}"))

    @staticmethod
    def _end(process: subprocess.Popen[str]) -> None:
        if process.stdin is not None:
            with suppress(OSError):  # it has ended already
                process.stdin.close()
        try:
            process.wait(1.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
