"""What is configured of the Upbit program beyond what core knows of any."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, field_validator

from core.base.config.health import DEFAULT_RULES, HealthSettings, WatchSettings
from core.base.config.models import Section, Settings
from core.base.metrics import Measure, Metric, Unit, Worse, register
from core.base.text import translate
from core.release.config import Command, DeploymentConfig, WindowSettings
from migration.upbit import probes

if TYPE_CHECKING:
    from migration.adapter import Adapter

ACTIVE_STRATEGIES, CANDLE_AGE = register(
    Metric(key=probes.ACTIVE, name=translate("health", "Active strategies"),
           unit=Unit.COUNT, exported="application_active_strategies", worse=Worse.DOWN,
           notable=0.5, period=10.0),
    Metric(key=probes.AGE, name=translate("health", "Age of the newest candle"),
           unit=Unit.SECONDS, exported="application_candle_age_seconds", label="market",
           worse=Worse.UP, notable=120.0, period=5.0),
)  # fmt: skip


class UpbitWatch(WatchSettings):
    """What is watched after an operation: the candles and the strategies, too."""

    rules: tuple[str, ...] = (*WatchSettings().rules, "candles_stale")
    metrics: tuple[str, ...] = (*WatchSettings().metrics, probes.ACTIVE)


class UpbitHealth(HealthSettings):
    """Health of the Upbit program."""

    defaults: ClassVar = DEFAULT_RULES | {
        "candles_stale": {
            "metric": probes.AGE, "above": 300.0, "clear": 240.0, "for_seconds": 30.0,
            "quiet_during_operations": True, "needs_program": True,
            "built_in": translate("health", "No new candles arrive"),
        },
    }  # fmt: skip

    markets: tuple[str, ...] = ()
    """Markets whose candles are watched, such as KRW-BTC; none: the four newest that are there."""
    watch: UpbitWatch = UpbitWatch()

    @field_validator("markets")
    @classmethod
    def _named_like_markets(cls, markets: tuple[str, ...]) -> tuple[str, ...]:
        found = tuple(market.strip().upper() for market in markets)
        for market in found:
            if not re.fullmatch(r"[A-Z0-9]+-[A-Z0-9]+", market):
                raise ValueError(f"{market!r} is no market; they are called like KRW-BTC")
        return found


class UpbitWindow(WindowSettings):
    """When a deployment may begin: while little is open and the market is calm; None: always."""

    max_open_positions: int | None = Field(default=0, ge=0)
    max_pending_orders: int | None = Field(default=0, ge=0)
    max_volatility_percent: float | None = Field(default=3.0, gt=0)
    """How far the highest price may lie above the lowest."""
    volatility_minutes: int = Field(default=60, ge=1, le=10_080)
    markets: tuple[str, ...] = ("KRW-BTC",)


class UpbitDeployment(DeploymentConfig):
    """Deployments of the Upbit program."""

    start: Command = ("{python}", "run_desktop_ui.py", "--env=production")
    window: UpbitWindow = UpbitWindow()


class UpbitSettings(Settings):
    """Everything the console knows about the Upbit program."""

    health: UpbitHealth = UpbitHealth()
    deployment: ClassVar[type[Section] | None] = UpbitDeployment

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The active strategies and the age of the newest candles."""
        return (
            Measure(ACTIVE_STRATEGIES, probes.count_strategies, probes.sampled_strategies),
            Measure(CANDLE_AGE, probes.newest_candles, probes.sampled_candles, self.health.markets),
        )

    @property
    def adapter(self) -> Adapter:
        """What its migrations convert, its strategy, and what must hold before a deployment."""
        from migration.upbit.adapter import ADAPTER  # noqa: PLC0415 (seldom needed, and dear)

        return ADAPTER
