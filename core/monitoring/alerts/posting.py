"""Posts JSON to a web address that may be slow, silent or hostile, within a time."""

from __future__ import annotations

import http.client
import socket
import urllib.error
import urllib.request
from contextlib import suppress
from threading import Timer

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
