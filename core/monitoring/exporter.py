"""Hands the present values to Prometheus, on 127.0.0.1 only.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format and
https://prometheus.io/docs/practices/naming/: base units, one name for each metric, what it is
of in a label.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from core import __version__
from core.base.metrics import Metric, metric_of, subject_of
from core.monitoring.models import State
from core.monitoring.view import HealthReport

ADDRESS = "127.0.0.1"
PREFIX = "upbit_ops_"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
REQUEST_SECONDS = 10.0

log = logging.getLogger(__name__)


def render(report: HealthReport) -> str:
    """Return *report* in Prometheus's text format; what is not known is left out."""
    lines = [
        *_head("build_info", "Version of the console; the value is always 1.", "gauge"),
        f'{PREFIX}build_info{{version="{escape(__version__)}"}} 1',
        *_head("health_state", "Overall state; the one that holds is 1.", "gauge"),
        *(
            f'{PREFIX}health_state{{state="{state.value}"}} {int(report.state is state)}'
            for state in State
        ),
        *_head("alert_active", "Incidents that are going on, by rule and severity.", "gauge"),
    ]
    counts: dict[tuple[str, str], int] = {}
    for incident in report.incidents:
        if incident.active:
            key = (incident.rule, incident.severity.value)
            counts[key] = counts.get(key, 0) + 1
    lines += [
        f'{PREFIX}alert_active{{rule="{escape(rule)}",severity="{severity}"}} {count}'
        for (rule, severity), count in sorted(counts.items())
    ]
    values = {field.key: field.value for field in report.fields if field.value is not None}
    shown = {metric.key: metric for key in values if (metric := metric_of(key)) is not None}
    for metric in shown.values():
        lines += _family(metric, values)
    return "\n".join(lines) + "\n"


def _family(metric: Metric, values: dict[str, float]) -> list[str]:
    head, _, tail = metric.key.partition("*")
    samples = []
    for key, value in values.items():
        if key == metric.key:
            label = ""
        elif metric.label and key.startswith(head) and key.endswith(tail):
            label = f'{{{metric.label}="{escape(subject_of(key))}"}}'
        else:
            continue
        samples.append(f"{PREFIX}{metric.exported}{label} {float(value * metric.scale)!r}")
    if not samples:
        return []
    return [*_head(metric.exported, f"{metric.name}.", metric.kind.value), *samples]


def _head(name: str, text: str, kind: str) -> list[str]:
    explained = text.replace("\\", r"\\").replace("\n", r"\n")
    return [f"# HELP {PREFIX}{name} {explained}", f"# TYPE {PREFIX}{name} {kind}"]


def escape(label: str) -> str:
    """Return *label* as it stands between the quotes of a label's value."""
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


class _Handler(BaseHTTPRequestHandler):
    """Answers `GET /metrics`; the report's source is an attribute of the server."""

    protocol_version = "HTTP/1.1"
    server_version = "upbit-ops-console"
    sys_version = ""
    timeout = REQUEST_SECONDS
    server: _Server

    def do_GET(self) -> None:
        """Answer with the metrics."""
        # A page in a browser could reach a local port under a name of its own.
        host = (self.headers.get("Host") or "").rpartition(":")[0] or self.headers.get("Host")
        if host not in {ADDRESS, "localhost"}:
            self._answer(403, "Forbidden\n", "text/plain")
        elif self.path.partition("?")[0] != "/metrics":
            self._answer(404, "The metrics are at /metrics.\n", "text/plain")
        else:
            self._answer(200, render(self.server.report()), CONTENT_TYPE)

    def _answer(self, code: int, text: str, kind: str) -> None:
        body = text.encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep requests out of the console's output."""
        log.debug(format, *args)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, report: Callable[[], HealthReport]) -> None:
        super().__init__((ADDRESS, port), _Handler)
        self.report = report


class Exporter:
    """A server of metrics, in threads of its own."""

    def __init__(self, report: Callable[[], HealthReport], port: int) -> None:
        """Serve what *report* returns on *port*; 0 is one that is free."""
        self._report = report
        self._wanted = port
        self._server: _Server | None = None

    @property
    def port(self) -> int | None:
        """The port on which it listens, None while it does not."""
        return int(self._server.server_address[1]) if self._server is not None else None

    def start(self) -> None:
        """Begin; raises `OSError` when the port is not free."""
        server = _Server(self._wanted, self._report)
        self._server = server
        Thread(
            target=server.serve_forever, args=(0.2,), name="health-exporter", daemon=True
        ).start()

    def stop(self) -> None:
        """End and free the port."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
