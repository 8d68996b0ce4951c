"""How long the trading program is down while data, release or both are switched over.

It must not grow with the data: the same is measured at 10 MB and at the size that is asked for.
"""

from __future__ import annotations

import shutil
import tempfile  # noqa: TID251
from collections.abc import Callable
from pathlib import Path

import yaml

from benchmarks.table import Stopwatch
from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.operation import Context
from core.program.control import ServiceStart, ServiceStop
from core.release.models import Hooks
from core.release.rollback import DeployRollback
from core.release.run import DeployRun
from core.runner.run import run_operation
from core.switchover.rollback import Rollback
from migration.deploying import DeploymentMigrations
from migration.run.execute import RunMigration
from resources.demo import prepare_workspace
from resources.demo.workspace import PROGRAM

SMALL = 10_000_000
OVERRIDES = ("positions", "orders", "volatility", "window", "holders", "trial")
REASON = "benchmark"


def run(size: int, runs: int) -> None:
    """Print the downtime at 10 MB and at *size* bytes, measured in turns."""
    watch = Stopwatch()
    folder = Path(tempfile.mkdtemp(prefix="ops-console-benchmark-"))
    sizes = {f"{each / 1e6:.0f} MB": each for each in (SMALL, size)}
    try:
        sites = {name: _site(folder / name, each) for name, each in sizes.items()}
        for _ in range(runs):
            for name, settings in sites.items():
                _measure(settings, lambda what, seconds, name=name: watch.add(what, name, seconds))
    finally:
        shutil.rmtree(folder)
    base = next(iter(sizes))
    watch.show(dict.fromkeys(watch.times, base))


def _site(folder: Path, size: int) -> Settings:
    app = prepare_workspace(folder, size)
    release = folder / "release"
    release.mkdir()
    shutil.copyfile(PROGRAM, release / "run_desktop_ui.py")
    (release / "requirements.lock").write_text("# nothing is needed\n", encoding="utf-8")
    for migrate in (False, True):
        document = {
            "artefact": {"path": str(release)}, "python": None, "migrate": migrate,
            "checks": {"free_mb": 0},
            "verify": {"response_ms": 10_000, "observe_seconds": 0.1, "soak_seconds": 0.1},
            "window": {
                "max_open_positions": None, "max_pending_orders": None,
                "max_volatility_percent": None,
            },
        }  # fmt: skip
        path = app / "deployment" / f"{migrate}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return load_settings(app, {}, app)


def _measure(settings: Settings, add: Callable[[str, float], None]) -> None:
    """Roll back, deploy with and without a migration, and migrate, each from the same state."""
    ServiceStart(settings).run(Context())
    point = create_restore_point(Context(), settings, Reason.MANUAL).id
    rolled = run_operation(settings, Rollback(settings, point), Context(), "benchmark")
    add("rollback", rolled.downtime_seconds)
    add("rollback, of it the data", rolled.data_seconds)
    for migrate, what in ((False, "deployment"), (True, "deployment that migrates")):
        folder = settings.app / "deployment"
        shutil.copyfile(folder / f"{migrate}.yaml", folder / "production_config.yaml")
        hooks = Hooks(DeploymentMigrations()) if migrate else Hooks()
        deployed = run_operation(
            settings, DeployRun(settings, hooks, dict.fromkeys(OVERRIDES, REASON)), Context(),
            "benchmark",
        )  # fmt: skip
        add(what, deployed.downtime_seconds)
        returned = run_operation(settings, DeployRollback(settings), Context(), "benchmark")
        add(f"return from a {what}", returned.downtime_seconds)
    migrated = run_operation(settings, RunMigration(settings), Context(), "benchmark")
    add("migration", migrated.downtime_seconds or 0.0)
    run_operation(settings, Rollback(settings, point), Context(), "benchmark")
    ServiceStop(settings).run(Context())
