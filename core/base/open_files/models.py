"""A process that holds files open."""

from __future__ import annotations

from core.base.model import Model


class Holder(Model):
    """A process and the files that it holds."""

    pid: int
    name: str
    command: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
