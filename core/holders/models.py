"""A process that holds files open."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Holder(BaseModel):
    """A process and the files that it holds."""

    model_config = ConfigDict(frozen=True)

    pid: int
    name: str
    command: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
