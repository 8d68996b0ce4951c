"""Tells a web address of incidents: JSON by POST, tried again with growing pauses.

The address may be slow, silent or hostile: each attempt has a time, and no redirect is followed.
"""

from __future__ import annotations

import http.client
import json
import logging
import random
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from queue import Full, Queue
from threading import Event, Thread, Timer

from core.base.config.models import Settings
from core.base.text import Text, translate
from core.monitoring.alerts.models import Notice

log = logging.getLogger(__name__)

FINAL = range(400, 500)
"""Answers after which the same request would be refused again; 408 and 429 ask for patience."""
PATIENCE = {408, 425, 429}
TIMED_OUT = "timed out"


class _Cutoff:
    """Breaks a request off when its time is over: a socket's own time-out begins with each byte."""

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._socket: socket.socket | None = None
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> _Cutoff:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def watch(self, connected: socket.socket) -> None:
        """Break off the request on *connected*."""
        self._socket = connected
        if self.over:
            self._cut()

    def _cut(self) -> None:
        self.over = True
        if self._socket is not None:
            with suppress(OSError):  # it is closed already
                self._socket.shutdown(socket.SHUT_RDWR)


def _watched_by(cutoff: _Cutoff) -> urllib.request.OpenerDirector:
    class Plain(http.client.HTTPConnection):
        def connect(self) -> None:
            super().connect()
            cutoff.watch(self.sock)

    class Secure(http.client.HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            cutoff.watch(self.sock)

    class PlainHandler(urllib.request.HTTPHandler):
        def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Plain, req)

    class SecureHandler(urllib.request.HTTPSHandler):
        def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Secure, req)

    return urllib.request.build_opener(PlainHandler, SecureHandler, _NoRedirect)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An address that moved is told to the operator, not followed to somewhere else."""

    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        return None


def post(url: str, body: bytes, seconds: float) -> tuple[str, bool] | None:
    """Send *body* once, within *seconds*.

    Return None, or what went wrong and whether trying again is useless.  An answer's body is
    not read: its first line says all.
    """
    request = urllib.request.Request(
        url,
        data=body,
        method="POST",
        headers={"Content-Type": "application/json; charset=utf-8",
                 "User-Agent": "upbit-ops-console"},
    )  # fmt: skip
    with _Cutoff(seconds) as cutoff:
        try:
            with _watched_by(cutoff).open(request, timeout=seconds):
                return None
        except urllib.error.HTTPError as error:
            with error:
                refused = error.code in FINAL and error.code not in PATIENCE
                return f"HTTP {error.code}", refused or error.code in range(300, 400)
        except (OSError, ValueError, http.client.HTTPException) as error:
            # No answer, or none that is HTTP.
            return TIMED_OUT if cutoff.over else (str(error) or type(error).__name__), False


QUEUE = 200
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 300.0


def payload(settings: Settings, notice: Notice) -> dict[str, object]:
    """Return what is sent of *notice*; `text` alone is enough for chat services."""
    incident = notice.incident
    return {
        "text": f"[{notice.kind.value}] {notice.title} — {notice.text}",
        "kind": notice.kind.value,
        "at": notice.at.isoformat(),
        "host": socket.gethostname(),
        "app": settings.app.name,
        "incident": incident.id,
        "rule": incident.rule,
        "metric": incident.metric,
        "severity": incident.severity.value,
        "value": incident.value,
        "worst": incident.worst,
        "threshold": incident.threshold,
        "begun": incident.begun.isoformat(),
        "fired": incident.fired.isoformat(),
        "resolved": incident.resolved.isoformat() if incident.resolved else None,
        "length_seconds": incident.length_seconds,
    }


class Webhook:
    """Sends notices in their order from a thread of its own; `send` never waits."""

    def __init__(
        self, settings: Settings, wait: Callable[[Event, float], bool] | None = None
    ) -> None:
        """Send to the address in *settings*; *wait* is how a pause is spent."""
        self._settings = settings
        self._wait = wait or Event.wait
        self._queue: Queue[Notice | None] = Queue(QUEUE)
        self._stop = Event()
        self._thread: Thread | None = None
        self.failed = 0
        self.problem: Text | None = None
        """Why the last notice did not arrive."""

    def start(self) -> None:
        """Begin sending; without an address nothing happens."""
        if self._settings.health.webhook_url is not None:
            self._thread = Thread(target=self._run, name="health-webhook", daemon=True)
            self._thread.start()

    def send(self, notice: Notice) -> None:
        """Let *notice* be sent."""
        if self._settings.health.webhook_url is None:
            return
        try:
            self._queue.put_nowait(notice)
        except Full:
            self.failed += 1
            log.error("the webhook is too slow: notice of incident %s lost", notice.incident.id)

    def stop(self, seconds: float = 2.0) -> None:
        """End; a notice that has not arrived within *seconds* is given up."""
        if self._thread is None:
            return
        try:
            self._queue.put_nowait(None)
        except Full:
            self._stop.set()
        self._thread.join(seconds)
        self._stop.set()
        # What is on its way is left behind: the window that closes is not to wait for a server.
        self._thread.join(0.5)

    def _run(self) -> None:
        while not self._stop.is_set():
            notice = self._queue.get()
            if notice is None:
                return
            self._deliver(notice)

    def _deliver(self, notice: Notice) -> None:
        health = self._settings.health
        body = json.dumps(payload(self._settings, notice), ensure_ascii=False).encode()
        pause, why = FIRST_PAUSE_SECONDS, ""
        for number in range(health.webhook_tries):
            if number:
                # Scattered, so that several consoles do not come back at the same moment.
                if self._wait(self._stop, pause * random.uniform(0.75, 1.25)):
                    break
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            error = post(str(health.webhook_url), body, health.webhook_timeout_seconds)
            if error is None:
                self.problem = None
                return
            why, final = error
            if final:
                break
        self.failed += 1
        self.problem = translate("health", "The webhook did not take a notice: {why}", why=why)
        log.error("webhook: incident %s (%s): %s", notice.incident.id, notice.kind.value, why)
