"""The one shape of values."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A value: compared by content, never changed.

    What checks it is built when it is first used: a command uses a tenth of what it loads.
    """

    # https://docs.pydantic.dev/latest/api/config/#pydantic.config.ConfigDict.defer_build
    model_config = ConfigDict(frozen=True, defer_build=True)


class Strict(Model):
    """A value that refuses a name which it does not know: it was written down, or asked for."""

    model_config = ConfigDict(extra="forbid")
