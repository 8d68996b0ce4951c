"""Alerts: one notice for one incident, whatever the series does."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core.base.config.health import AlertRule
from core.base.config.models import Settings
from core.base.operation import OperationError
from core.base.state import open_state
from core.monitoring.alerts.engine import AlertEngine, Change
from core.monitoring.alerts.forecast import (
    NEVER_DAYS,
    days_until_full,
    theil_sen,
    without_operations,
)
from core.monitoring.alerts.incidents import (
    acknowledge,
    list_incidents,
    list_silences,
    next_id,
    read_active,
    read_silences,
    save,
    silence,
    unsilence,
)
from core.monitoring.alerts.models import Incident, NoticeKind, Silence
from core.monitoring.alerts.webhook import Webhook, payload
from core.monitoring.models import State
from migration.upbit.settings import UpbitHealth

START = datetime(2025, 9, 7, 12, 0, tzinfo=UTC)
RULES = UpbitHealth().rules


def run(
    engine: AlertEngine,
    values: list[float | None],
    key: str = "cpu_percent",
    begin: float = 0.0,
    operating: bool = False,
    jump: dict[int, float] | None = None,
) -> list[Change]:
    """Feed one value a second; None is a tick at which nothing was measured."""
    found, offset = [], 0.0
    for number, value in enumerate(values):
        offset += (jump or {}).get(number, 0.0)
        second = begin + number
        found += engine.evaluate(
            {} if value is None else {key: value},
            second,
            START + timedelta(seconds=second + offset),
            operating,
        )
    return found


def kinds(changes: list[Change]) -> list[str]:
    return [change.notice.kind.value for change in changes if change.notice is not None]


CALM: list[float | None] = [10.0] * 200


def test_the_defaults_are_those_of_the_task() -> None:
    engine = AlertEngine(RULES, 1.0)
    limits = {name: engine._rules[name].threshold for name in RULES}
    assert (limits["cpu"], limits["memory"], limits["disk"]) == (80.0, 85.0, 90.0)
    assert limits["response_time"] == 1.0
    assert RULES["database_unreachable"].breached(0.0)
    assert RULES["program_not_running"].breached(0.0)
    assert set(RULES) == set(UpbitHealth.defaults)


@pytest.mark.parametrize("every", [1, 2, 5, 10, 20, 45])
def test_sixty_edges_give_one_fire_and_one_resolve(every: int) -> None:
    flapping: list[float | None] = [
        95.0 if half % 2 == 0 else 10.0 for half in range(60) for _ in range(every)
    ]
    changes = run(AlertEngine(RULES, 1.0), [*CALM, *flapping, *CALM])
    assert kinds(changes) == ["fired", "resolved"]


def test_a_true_breach_of_thirty_seconds_fires_and_a_spike_does_not() -> None:
    assert kinds(run(AlertEngine(RULES, 1.0), [*CALM, *[95.0] * 30, *CALM])) == [
        "fired", "resolved",
    ]  # fmt: skip
    assert not run(AlertEngine(RULES, 1.0), [*CALM, *[95.0] * 10, *CALM])


def test_hovering_at_the_threshold_is_one_incident() -> None:
    hover: list[float | None] = [81.0 if n % 90 < 30 else 78.0 for n in range(2_000)]
    assert kinds(run(AlertEngine(RULES, 1.0), [*hover, *CALM])) == ["fired", "resolved"]


def test_an_incident_tells_its_length_and_its_worst() -> None:
    changes = run(AlertEngine(RULES, 1.0), [*CALM, *[90.0] * 40, 99.0, *[91.0] * 19, *CALM])
    over = changes[-1].incident
    assert over.length_seconds == 59
    assert (over.worst, over.value, over.threshold) == (99.0, 90.0, 80.0)
    assert over.begun == START + timedelta(seconds=200)
    notice = changes[-1].notice
    assert notice is not None
    assert str(notice.text) == "Well again after 59 s; the worst was 99.0 %."


def test_what_is_not_measured_neither_fires_nor_resolves() -> None:
    engine = AlertEngine(RULES, 1.0)
    unknown: list[float | None] = [None] * 600
    assert not run(engine, [*CALM, *[95.0] * 5, *unknown, *[95.0] * 5, *CALM])
    assert kinds(run(engine, [95.0] * 40, begin=2_000)) == ["fired"]
    assert not run(engine, unknown, begin=2_040), "silence is not a recovery"
    assert kinds(run(engine, CALM, begin=2_640)) == ["resolved"]


def test_a_clock_that_jumps_neither_fires_nor_resolves() -> None:
    engine = AlertEngine(RULES, 1.0)
    spike: list[float | None] = [*CALM, 95.0, 95.0, *CALM]
    assert not run(engine, spike, jump={201: 7_200.0, 210: -86_400.0})
    engine = AlertEngine(RULES, 1.0)
    long: list[float | None] = [95.0] * 60
    changes = run(engine, [*CALM, *long, *CALM], jump={240: 3_600.0, 250: -7_200.0})
    assert kinds(changes) == ["fired", "resolved"]
    assert changes[-1].incident.length_seconds == 59, "whatever the wall clock was set to"


@pytest.mark.parametrize("step", [28_800.0, -28_800.0])
@pytest.mark.parametrize("when", [190, 205, 225, 255])
def test_an_incident_of_a_minute_is_one_of_a_minute_whatever_the_clock_is_set_to(
    step: float, when: int
) -> None:
    changes = run(AlertEngine(RULES, 1.0), [*CALM, *[95.0] * 60, *CALM], jump={when: step})
    fired, over = (change.incident for change in changes)
    assert over.length_seconds == 59 and fired.length_seconds <= 59
    assert "59 s" in str(changes[-1].notice.text if changes[-1].notice else "")


def test_the_length_of_an_incident_is_kept_with_it(settings: Settings) -> None:
    changes = run(AlertEngine(RULES, 1.0), [*CALM, *[95.0] * 60, *CALM], jump={225: 28_800.0})
    with open_state(settings) as connection:
        for change in changes:
            save(connection, change.incident)
    (listed,) = list_incidents(settings)
    assert listed.length_seconds == 59


def test_an_incident_that_outlived_a_console_goes_on_from_where_it_was_seen() -> None:
    first = AlertEngine(RULES, 1.0)
    run(first, [*CALM, *[95.0] * 60])
    (open_one,) = first.active
    second = AlertEngine(RULES, 1.0)
    second.restore([open_one], 9)
    (over,) = run(second, [*[95.0] * 10, *CALM], begin=90_000)
    assert over.incident.length_seconds == 59 + 9


def test_the_consoles_own_operations_do_not_raise_the_alarm() -> None:
    engine = AlertEngine(RULES, 1.0)
    down: list[float | None] = [0.0] * 100
    assert not run(engine, down, "program_running", operating=True)
    assert kinds(run(engine, down, "program_running", begin=100)) == ["fired"]
    assert run(AlertEngine(RULES, 1.0), [95.0] * 100, operating=True), "the processor does count"


def test_a_program_that_does_not_run_is_told_and_not_that_its_candles_are_old() -> None:
    engine = AlertEngine(RULES, 1.0)

    def minutes(running: float, begin: int) -> list[str]:
        found = []
        for second in range(begin, begin + 300):
            values = {"candles.KRW-BTC.age_seconds": 900.0, "program_running": running}
            found += engine.evaluate(values, float(second), START + timedelta(seconds=second))
        return [change.incident.rule for change in found if change.notice is not None]

    assert minutes(0.0, 0) == ["program_not_running"]
    assert minutes(1.0, 300) == ["program_not_running", "candles_stale"]


def test_each_database_has_its_own_incident() -> None:
    engine = AlertEngine(RULES, 1.0)
    found = []
    for second in range(20):
        found += engine.evaluate(
            {"db.settings.reachable": 0.0, "db.strategies.reachable": 0.0, "db.x.reachable": 1.0},
            float(second),
            START + timedelta(seconds=second),
        )
    assert {change.incident.metric for change in found} == {
        "db.settings.reachable", "db.strategies.reachable",
    }  # fmt: skip
    assert [incident.severity for incident in engine.active] == [State.CRITICAL] * 2


def test_a_slow_metric_fires_by_its_own_pace() -> None:
    engine = AlertEngine(RULES, 1.0)
    found = []
    for number in range(10):
        at = START + timedelta(seconds=number * 30)
        found += engine.evaluate({"guard.restore_points": 0.0}, number * 30.0, at)
    assert [change.incident.rule for change in found] == ["no_restore_point"]
    assert found[0].incident.fired == START + timedelta(seconds=60)


def test_silence_until_a_time_and_until_resolved() -> None:
    def silenced(until: datetime | None) -> list[str]:
        engine = AlertEngine(RULES, 1.0)
        engine.adopt((), [Silence(rule="cpu", metric="", since=START, until=until, by="test")])
        return kinds(run(engine, [*CALM, *[95.0] * 60, *CALM]))

    assert silenced(START + timedelta(hours=1)) == []
    assert silenced(START + timedelta(seconds=230)) == ["resolved"]
    assert silenced(START + timedelta(seconds=100)) == ["fired", "resolved"]
    engine = AlertEngine(RULES, 1.0)
    run(engine, [95.0] * 60)
    engine.adopt(
        engine.active,
        [Silence(rule="cpu", metric="cpu_percent", since=START, until=None, by="test")],
    )
    assert kinds(run(engine, CALM, begin=60)) == []
    assert kinds(run(engine, [95.0] * 60, begin=300)) == ["fired"], "only until it was resolved"


def test_an_incident_goes_on_after_a_restart_and_is_not_told_twice(settings: Settings) -> None:
    first = AlertEngine(RULES, 1.0)
    with open_state(settings) as connection:
        for change in run(first, [*CALM, *[95.0] * 60]):
            save(connection, change.incident)
        second = AlertEngine(RULES, 1.0)
        second.restore(read_active(connection), next_id(connection))
    assert kinds(run(second, [95.0] * 60, begin=300)) == []
    changes = run(second, [*CALM, *[95.0] * 60], begin=400)
    assert kinds(changes) == ["resolved", "fired"]
    assert [change.incident.id for change in changes] == [1, 2]


def test_incidents_are_listed_acknowledged_and_silenced(settings: Settings) -> None:
    engine = AlertEngine(RULES, 1.0)
    with open_state(settings) as connection:
        run(engine, [*CALM, *[95.0] * 60])
        save(connection, engine.active[0])
    (listed,) = list_incidents(settings, active_only=True)
    assert listed == engine.active[0]
    acknowledge(settings, 1, by="kim@desk")
    silence(settings, "cpu", by="kim@desk")
    (known,) = list_incidents(settings)
    assert (known.acknowledged_by, known.silenced) == ("kim@desk", True)
    with open_state(settings) as connection:
        engine.adopt(read_active(connection), read_silences(connection, START))
        assert engine.active[0].acknowledged_by == "kim@desk"
        for change in run(engine, CALM, begin=300):
            assert change.notice is None
            save(connection, change.incident)
    assert list_incidents(settings)[0].acknowledged_by == "kim@desk", "saving kept it"
    assert list_silences(settings) == ()
    later = datetime.now(UTC) + timedelta(hours=1)
    silence(settings, "disk", later)
    assert [one.rule for one in list_silences(settings)] == ["disk"]
    unsilence(settings, "disk")
    assert list_silences(settings) == ()
    for wrong in (
        lambda: acknowledge(settings, 99),
        lambda: silence(settings, "nonsense"),
        lambda: silence(settings, "cpu"),
        lambda: silence(settings, "cpu", START),
    ):
        with pytest.raises(OperationError):
            wrong()


@given(
    series=st.lists(st.tuples(st.sampled_from([10.0, 78.0, 95.0]), st.integers(1, 90)), max_size=40)
)
@hypothesis_settings(max_examples=60, deadline=None)
def test_fires_and_resolves_always_alternate(series: list[tuple[float, int]]) -> None:
    values: list[float | None] = [value for value, times in series for _ in range(times)]
    changes = run(AlertEngine(RULES, 1.0), [*values, *CALM])
    told = kinds(changes)
    assert told == ["fired", "resolved"] * (len(told) // 2)
    # Whatever was in breach for the rule's time without a break was told.
    if any(value > 80 and times > 21 for value, times in series):
        assert told


def test_rules_are_laid_over_the_defaults_and_checked() -> None:
    health = UpbitHealth.model_validate(
        {"rules": {"cpu": {"above": 95}, "mine": {"metric": "program_threads", "above": 50}}}
    )
    assert (health.rules["cpu"].above, health.rules["cpu"].clear_at) == (95.0, 90.25)
    assert health.rules["cpu"].metric == "cpu_percent"
    assert "mine" in health.rules
    assert len(health.rules) == len(UpbitHealth.defaults) + 1
    for wrong in (
        {"metric": "x"},
        {"metric": "x", "above": 1, "below": 0},
        {"metric": "x", "above": 1, "clear": 2},
        {"metric": "x", "above": 1, "sverity": "warning"},
    ):
        with pytest.raises(ValidationError):
            AlertRule.model_validate(wrong)
    with pytest.raises(ValidationError):
        UpbitHealth(webhook_url="file:///etc/passwd")


def test_what_is_watched_no_more_does_not_stay_open_for_ever() -> None:
    rules = UpbitHealth().rules
    engine = AlertEngine(rules, 1.0)
    key = "candles.KRW-GONE.age_seconds"
    gone = Incident(
        id=3, rule="candles_stale", metric=key, severity=State.WARNING, begun=START, fired=START,
        last=START, resolved=None, value=400.0, worst=400.0, threshold=300.0,
    )  # fmt: skip
    engine.restore([gone], 4)
    for hour in range(0, 24):
        assert engine.evaluate({"cpu_percent": 1.0}, hour * 3_600.0, START) == []
    (change,) = engine.evaluate({"cpu_percent": 1.0}, 24 * 3_600.0 + 1, START)
    assert (change.incident.id, change.incident.resolved, change.notice) == (3, START, None)
    assert engine.active == ()
    assert engine.evaluate({key: 500.0}, 24 * 3_600.0 + 2, START) == [], "and may come again"


def test_the_documented_rules_are_rules_and_every_default_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
    examples = [yaml.safe_load(one) for one in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    health = [UpbitHealth.model_validate(one["health"]) for one in examples if "health" in one]
    assert health[0] == UpbitHealth(), "with the defaults, it says"
    assert health[1].rules["too_many_threads"].above == 200
    assert not health[1].rules["lock_wait"].enabled
    assert all(f"`{name}`" in page for name in UpbitHealth.defaults)


@pytest.mark.parametrize(
    "absurd",
    [
        {"metric": "cpu_percent", "above": float("nan")},
        {"metric": "program_rss_bytes", "above": float("inf")},
        {"metric": "cpu_percent", "above": 100},
        {"metric": "cpu_percnt", "above": 80},
        {"metric": "db.*", "above": 1},
        {"metric": "memory_percent", "above": -5},
        {"metric": "program_running", "below": 0},
        {"metric": "program_running", "below": 1.5},
        {"metric": "db.*.wal_bytes", "below": 0},
        {"metric": "cpu_percent", "above": 80, "for_seconds": float("nan")},
    ],
)
def test_a_rule_that_could_never_fire_or_always_would_is_refused(absurd: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AlertRule.model_validate(absurd)


def test_what_the_settings_of_health_name_is_there() -> None:
    assert AlertRule(metric="db.*.growth_bytes_per_hour", below=-1.0).breached(-2.0)
    assert AlertRule(metric="db.settings.wal_bytes", above=1e9).metric
    assert UpbitHealth(markets=("krw-btc ",)).markets == ("KRW-BTC",)
    for wrong in (
        {"markets": ["BTC"]},
        {"watch": {"rules": ["no_such_rule"]}},
        {"watch": {"metrics": ["no_such_metric"]}},
        {"watch": {"seconds": float("inf")}},
        {"rules": {"typo": {"above": 80}}},
    ):
        with pytest.raises(ValidationError):
            UpbitHealth.model_validate(wrong)


# The forecast


def hours(values: list[float], step: float = 60.0) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(len(values)) * step, np.array(values)


def test_a_disk_that_fills_steadily_is_foreseen() -> None:
    times, free = hours([100e9 - n * 60 * 50_000 for n in range(600)])
    days = days_until_full(times, free)
    assert days == pytest.approx(free[-1] / 50_000 / 86_400, rel=0.01)


def test_less_than_six_hours_say_nothing() -> None:
    times, free = hours([100e9 - n * 1e9 for n in range(350)])
    assert days_until_full(times, free) is None


def test_backups_do_not_frighten_the_forecast() -> None:
    times, free = hours([100e9 - n * 60 * 10_000 for n in range(1_000)])
    operations = []
    for begin in range(30, 1_000, 120):  # a backup of 2 GB every two hours
        free[times > begin * 60 + 90] -= 2e9
        operations.append((begin * 60.0 + 5, begin * 60.0 + 80))
    steady = days_until_full(times, free, operations)
    assert steady == pytest.approx(free[-1] / 10_000 / 86_400, rel=0.05)
    frightened = days_until_full(times, free)
    assert frightened is not None
    assert steady is not None
    assert frightened < steady


def test_wild_values_do_not_move_the_slope() -> None:
    chosen = np.random.default_rng(7)
    times, free = hours([100e9 - n * 60 * 50_000 for n in range(600)])
    wild = free.copy()
    wild[chosen.choice(600, 120, replace=False)] -= chosen.uniform(0, 60e9, 120)
    assert theil_sen(times[::2], wild[::2]) == pytest.approx(-50_000, rel=0.1)


def test_a_disk_that_does_not_fill_is_never_full() -> None:
    times, free = hours([50e9 + n for n in range(600)])
    assert days_until_full(times, free) == NEVER_DAYS
    moved_times, moved = without_operations(times, free, [(0.0, 60.0), (-90.0, 30.0)])
    assert len(moved) == len(moved_times) < 600


# The webhook, against a real server


class Receiver:
    """A local HTTP server that answers as it is told and keeps what it got."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.got: list[dict[str, object]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append(json.loads(body))
                code = receiver.answers.pop(0) if receiver.answers else 200
                if code == 0:  # hang up without an answer
                    self.close_connection = True
                    return
                self.send_response(code)
                if code == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                return None

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def hooked(settings: Settings, url: str) -> Settings:
    health = settings.health.model_copy(
        update={"webhook_url": url, "webhook_tries": 3, "webhook_timeout_seconds": 0.5}
    )
    return settings.model_copy(update={"health": health})


def send(settings: Settings, pauses: list[float]) -> Webhook:
    def wait(_stop: Event, seconds: float) -> bool:
        pauses.append(seconds)
        return False

    webhook = Webhook(settings, wait)
    webhook.start()
    for change in run(AlertEngine(RULES, 1.0), [*CALM, *[95.0] * 60, *CALM]):
        if change.notice is not None:
            webhook.send(change.notice)
    webhook.stop(60.0)  # what was handed over before is sent, or given up
    return webhook


def test_the_webhook_sends_json_in_order(settings: Settings, receiver: Receiver) -> None:
    webhook = send(hooked(settings, receiver.url), [])
    assert [got["kind"] for got in receiver.got] == ["fired", "resolved"]
    first = receiver.got[0]
    assert (first["rule"], first["severity"], first["value"]) == ("cpu", "warning", 95.0)
    assert str(first["text"]).startswith("[fired] The processor is busy")
    assert receiver.got[1]["length_seconds"] == 59.0
    assert (webhook.failed, webhook.problem) == (0, None)


def test_the_webhook_tries_again_with_growing_pauses(
    settings: Settings, receiver: Receiver
) -> None:
    receiver.answers = [503, 0, 200, 429, 200]
    pauses: list[float] = []
    webhook = send(hooked(settings, receiver.url), pauses)
    assert [got["kind"] for got in receiver.got] == ["fired"] * 3 + ["resolved"] * 2
    assert webhook.failed == 0
    assert 0.75 <= pauses[0] <= 1.25
    assert 1.5 <= pauses[1] <= 2.5


def test_the_webhook_gives_up_and_says_so(settings: Settings, receiver: Receiver) -> None:
    receiver.answers = [500, 500, 500, 302]
    webhook = send(hooked(settings, receiver.url), [])
    assert len(receiver.got) == 4, "three tries, and no second one after a final answer"
    assert webhook.failed == 2
    assert "302" in str(webhook.problem)


def test_a_webhook_that_nobody_answers_times_out(settings: Settings) -> None:
    silent = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)  # accepts, never answers
    webhook = send(hooked(settings, f"http://127.0.0.1:{silent.server_address[1]}/"), [])
    silent.server_close()
    assert webhook.failed == 2
    assert "timed out" in str(webhook.problem)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nX-Endless: " + b"a" * 1_000,
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 fine thanks\r\n\r\n",
        b"",
    ],
)
def test_a_hostile_server_holds_up_no_notice_for_long(settings: Settings, answer: bytes) -> None:
    """It drips a byte every tenth of a second for ever, or speaks something else."""
    server = socket.create_server(("127.0.0.1", 0))
    ended = Event()

    def serve() -> None:
        with suppress(OSError):
            while True:
                accepted, _ = server.accept()
                Thread(target=drip, args=(accepted,), daemon=True).start()

    def drip(accepted: socket.socket) -> None:
        with suppress(OSError), accepted:
            for byte in answer:
                accepted.sendall(bytes([byte]))
                if b"\n" not in answer[-2:] and ended.wait(0.1):
                    return

    Thread(target=serve, daemon=True).start()
    webhook = send(hooked(settings, f"http://127.0.0.1:{server.getsockname()[1]}/"), [])
    ended.set()
    server.close()
    assert webhook.failed == 2, "given up, and the next one was tried"
    assert webhook.problem is not None


def test_the_payload_holds_no_secret(settings: Settings) -> None:
    change = run(AlertEngine(RULES, 1.0), [95.0] * 60)[0]
    assert change.notice is not None
    assert change.notice.kind is NoticeKind.FIRED
    text = json.dumps(payload(settings, change.notice))
    assert str(settings.app) not in text
