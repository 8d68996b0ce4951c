"""Ends a process before its n-th change of a folder, as SIGKILL would: no clean-up runs."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from core.base.config.models import Settings
from core.promote.condition import discard_parked
from core.promote.engine import Replacement, fingerprint_of, promote
from core.promote.recovery import recover

CALLS = ("link", "unlink", "mkdir", "rmdir", "replace", "fsync")
DIED = 9
ROOT = Path(__file__).resolve().parents[2]


def promote_all(settings: Settings, promote_id: str) -> None:
    promote(
        settings,
        promote_id,
        [Replacement(name=file.name, live=file.path) for file in settings.files],
        fingerprint_of(settings),
    )


def recover_all(settings: Settings, _: str) -> None:
    recover(settings)


ACTS: dict[str, Callable[[Settings, str], object]] = {
    "promote": promote_all,
    "recover": recover_all,
    "discard": discard_parked,
}


def die_at(settings: Settings, step: int, act: str, promote_id: str) -> bool:
    """Do *act* in a process that ends before its change number *step*; False: it finished."""
    if os.name == "posix":
        child = os.fork()  # an interpreter of its own for each step takes a hundred times longer
        if child == 0:
            _act_and_end(settings, step, act, promote_id)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    else:
        configuration = settings.app / "settings.json"
        configuration.write_text(settings.model_dump_json(), encoding="utf-8")
        code = subprocess.run(
            [sys.executable, "-m", "tests.promote.dying", configuration, str(step), act,
             promote_id], cwd=ROOT, check=False,
        ).returncode  # fmt: skip
    assert code in (0, DIED)
    return code != 0


def _act_and_end(settings: Settings, step: int, act: str, promote_id: str) -> None:
    left = step

    def counted(function: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **keywords: object) -> object:
            nonlocal left
            if left == 0:
                os._exit(DIED)
            left -= 1
            return function(*arguments, **keywords)

        return call

    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))
    try:
        ACTS[act](settings, promote_id)
    except BaseException:  # noqa: BLE001 (told by the exit code)
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    _act_and_end(
        Settings.model_validate_json(Path(sys.argv[1]).read_text(encoding="utf-8")),
        int(sys.argv[2]), sys.argv[3], sys.argv[4],
    )  # fmt: skip
