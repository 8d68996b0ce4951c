"""The exporter: right by the format, by promtool, and by a real Prometheus."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from core.base.config.models import Settings
from core.base.metrics import METRICS, Kind
from core.monitoring.alerts.models import Incident
from core.monitoring.exporter import PREFIX, Exporter, escape, render
from core.monitoring.models import State
from core.monitoring.view import HealthReport, Known, make_report
from migration.upbit.settings import ACTIVE_STRATEGIES, CANDLE_AGE

NOW = datetime(2025, 9, 7, 12, 0, tzinfo=UTC)
DASHBOARD = Path(__file__).parents[2] / "resources" / "grafana" / "upbit_ops_console.json"

needs_prometheus = pytest.mark.skipif(
    shutil.which("prometheus") is None or shutil.which("promtool") is None,
    reason="prometheus is not installed",
)


def full_report(settings: Settings) -> HealthReport:
    """A report in which every metric of the catalogue has a value."""
    known = {}
    for number, metric in enumerate(METRICS):
        subjects = {
            "database": [one.name for one in settings.databases],
            "market": ["KRW-BTC"],
            "mount": ["/mnt/b.c"],
        }
        for subject in subjects.get(metric.label, [""]):
            key = metric.key.replace("*", subject)
            known[key] = Known(value=number + 0.5, at=NOW)
    incident = Incident(
        id=1, rule="cpu", metric="cpu_percent", severity=State.WARNING, begun=NOW, fired=NOW,
        last=NOW, resolved=None, value=95.0, worst=95.0, threshold=80.0,
    )  # fmt: skip
    return make_report(settings, NOW, known, (), (), [incident], operating=False)


@pytest.fixture
def exporter(settings: Settings) -> Iterator[Exporter]:
    made = Exporter(lambda: full_report(settings), 0)
    made.start()
    yield made
    made.stop()


def get(exporter: Exporter, path: str, host: str | None = None) -> tuple[int, str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", exporter.port or 0, timeout=10)
    headers = {} if host is None else {"Host": host}
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.getheader("Content-Type", ""), text


def test_the_format_is_that_of_prometheus(exporter: Exporter, settings: Settings) -> None:
    status, kind, text = get(exporter, "/metrics")
    assert status == 200
    assert kind.startswith("text/plain; version=0.0.4")
    assert text.endswith("\n")
    declared: dict[str, str] = {}
    helped: set[str] = set()
    seen: set[str] = set()
    for line in text.splitlines():
        if line.startswith("# HELP "):
            helped.add(line.split(" ")[2])
            continue
        if line.startswith("# TYPE "):
            _, _, name, form = line.split(" ")
            assert name not in declared, "one family, one declaration"
            declared[name] = form
            continue
        match = re.fullmatch(r'([a-z_]+)(\{[a-z]+="[^"\\]*"(?:,[a-z]+="[^"]*")*\})? (\S+)', line)
        assert match, line
        assert match[1] in declared
        assert match[0] not in seen
        seen.add(match[0])
        float(match[3])
    assert helped == set(declared)
    for metric in METRICS:
        name = PREFIX + metric.exported
        assert declared[name] == metric.kind.value
        assert name.endswith("_total") == (metric.kind is Kind.COUNTER)
        assert "percent" not in name, "base units: ratios"
    assert f'{PREFIX}database_up{{database="market_data"}}' in text
    assert f'{PREFIX}alert_active{{rule="cpu",severity="warning"}} 1' in text
    cpu = full_report(settings).field("cpu_percent").value or 0.0
    assert f"{PREFIX}machine_cpu_usage_ratio {cpu / 100}" in text


def test_labels_are_escaped() -> None:
    assert escape('a"b\\c\nd') == 'a\\"b\\\\c\\nd'


def test_it_listens_on_the_local_address_only(exporter: Exporter) -> None:
    addresses = {
        address.address
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family in {socket.AF_INET, socket.AF_INET6}
    }
    for address in addresses - {"127.0.0.1"}:
        with pytest.raises(OSError), socket.create_connection((address, exporter.port or 0), 5):
            pass
    assert get(exporter, "/")[0] == 404
    assert get(exporter, "/metrics", host="evil.example:9188")[0] == 403, "DNS rebinding"
    assert get(exporter, "/metrics", host=f"localhost:{exporter.port}")[0] == 200


def test_what_is_not_known_is_left_out(settings: Settings) -> None:
    text = render(make_report(settings, NOW, {}, (), (), (), operating=False))
    assert "program_up" not in text
    assert f'{PREFIX}health_state{{state="unknown"}} 1' in text


@needs_prometheus
def test_promtool_finds_nothing_to_complain_of(exporter: Exporter) -> None:
    promtool = shutil.which("promtool")
    assert promtool is not None, "it comes with prometheus"
    text = get(exporter, "/metrics")[2]
    checked = subprocess.run(
        [promtool, "check", "metrics"],
        input=text,
        encoding="utf-8",
        capture_output=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


@needs_prometheus
def test_a_real_prometheus_scrapes_it(exporter: Exporter, tmp_path: Path) -> None:
    prometheus = shutil.which("prometheus")
    assert prometheus is not None
    configuration = tmp_path / "prometheus.yml"
    configuration.write_text(
        "global: {scrape_interval: 200ms, scrape_timeout: 200ms}\n"
        "scrape_configs:\n- job_name: ops\n  static_configs:\n"
        f"  - targets: ['127.0.0.1:{exporter.port}']\n",
        encoding="utf-8",
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [
            prometheus, f"--config.file={configuration}", f"--storage.tsdb.path={tmp_path}/tsdb",
            f"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
        ],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip

    def ask(expression: str) -> list[dict[str, dict[str, str]]]:
        query = urllib.parse.urlencode({"query": expression})
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{port}/api/v1/query?{query}", timeout=5
            ) as answer:
                return list(json.load(answer)["data"]["result"])
        except OSError:
            return []  # it is still starting

    try:
        while not (found := ask(f"{PREFIX}database_up")):
            assert server.poll() is None
        assert {one["metric"]["database"] for one in found} == {
            "settings", "strategies", "market_data",
        }  # fmt: skip
        assert ask(f"{PREFIX}alert_active")[0]["metric"]["rule"] == "cpu"
    finally:
        server.kill()
        server.wait()


def test_the_dashboard_shows_only_what_is_exported() -> None:
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    expressions = [
        target["expr"] for panel in board["panels"] for target in panel.get("targets", [])
    ]
    expressions += [one["expr"] for one in board["annotations"]["list"]]
    expressions += [one.get("definition", "") for one in board["templating"]["list"]]
    used = {name for text in expressions for name in re.findall(rf"{PREFIX}[a-z_]+", text)}
    own = {"alert_active", "build_info", "health_state"}
    metrics = (*METRICS, ACTIVE_STRATEGIES, CANDLE_AGE)
    exported = {PREFIX + name for name in own | {metric.exported for metric in metrics}}
    assert used <= exported
    assert len(used) > 25
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    for panel in board["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
