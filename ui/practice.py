"""The practice workspace, and the stand-in program beside the demo's window."""

from __future__ import annotations

from pathlib import Path

from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.operation import Context, OperationError
from core.base.text import translate
from core.program.control import ServiceStart, ServiceStop
from core.program.find import find_program

PRACTICE_BYTES = 10_000_000
"""How large a practice workspace is, where nobody says it."""


def practice_workspace(folder: Path, size_bytes: int) -> None:
    """Make a practice workspace in *folder* where there is none yet.

    Raises `OperationError` where the folder holds other files, and `OSError`.
    """
    from resources.demo import is_workspace, prepare_workspace  # noqa: PLC0415 (seldom needed)

    if is_workspace(folder):
        return
    try:
        prepare_workspace(folder, size_bytes)
    except FileExistsError as error:
        raise OperationError(
            translate("cli", "{path} holds files that are not a practice workspace.", path=folder),
            data_state=translate("cli", "Nothing was changed."),
            to_do=translate("cli", "Name an empty folder with --workspace."),
        ) from error


def practice_settings(folder: Path) -> Settings:
    """Return the settings of the practice workspace in *folder*, and of nothing else.

    The operator's surroundings may say where the real program's data lies; neither the console
    nor the stand-in that it starts may follow them.  Raises `OperationError`.
    """
    settings = load_settings(folder, {}, folder)
    told = settings.program.variables
    own = {
        **dict.fromkeys(told.data[:1], str(settings.data_folder)),
        **dict.fromkeys(told.logs[:1], str(settings.app / "logs")),
    }
    program = settings.program.model_copy(
        update={"environment": {**own, **settings.program.environment}}
    )
    return settings.model_copy(update={"program": program})


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
