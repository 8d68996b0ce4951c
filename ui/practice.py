"""The stand-in program beside the demo's window."""

from __future__ import annotations

from core.config.models import Settings
from core.operation import Context
from core.services.control import ServiceStart, ServiceStop
from core.services.find import find_program


def start_practice(settings: Settings) -> bool:
    """Start the stand-in program with a window of its own; False where it runs already."""
    if find_program(settings) is not None:
        return False
    program = settings.program.model_copy(
        update={"environment": {**settings.program.environment, "DEMO_WINDOW": "1"}}
    )
    ServiceStart(settings.model_copy(update={"program": program})).run(Context())
    return True


def stop_practice(settings: Settings) -> None:
    """Ask the stand-in program to close."""
    ServiceStop(settings).run(Context())
