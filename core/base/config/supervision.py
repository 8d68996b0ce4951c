"""How the trading program is kept running, and how much of what it prints is kept."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from core.base.model import Strict


class SupervisionSection(Strict):
    """A part of the configuration: frozen, and unknown keys are refused."""


class OutputSettings(SupervisionSection):
    """The logs of standard output and standard error; each takes at most max_mb × (keep + 1)."""

    max_mb: float = Field(default=10.0, gt=0, le=1_000)
    keep: int = Field(default=5, ge=1, le=100)
    """How many full ones are kept beside the one that is written."""

    @property
    def max_bytes(self) -> int:
        """The size in bytes at which a log is rotated."""
        return max(1, round(self.max_mb * 1024 * 1024))


class RestartSettings(SupervisionSection):
    """When the supervisor starts the program again, and when it gives up."""

    restart: Literal["on-failure", "always", "never"] = "on-failure"
    """on-failure: not after an orderly end (exit code 0), as when its window was closed."""
    first_seconds: float = Field(default=1.0, ge=0, le=3_600)
    """The pause before the first restart; each further one is twice as long."""
    longest_seconds: float = Field(default=60.0, ge=0, le=86_400)
    restarts: int = Field(default=5, ge=0, le=1_000)
    """So many restarts are allowed …"""
    within_minutes: float = Field(default=10.0, gt=0, le=10_080)
    """… within this time; one more, and the supervisor gives up."""
    settled_minutes: float = Field(default=10.0, gt=0, le=10_080)
    """A program that ran for this long counts as well: its next end is the first again."""

    @model_validator(mode="after")
    def _in_order(self) -> RestartSettings:
        if self.longest_seconds < self.first_seconds:
            raise ValueError("longest_seconds must not be less than first_seconds")
        return self
