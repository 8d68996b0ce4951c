"""Lays out the stand-in trading program's folder."""

from __future__ import annotations

import base64
import json
import random
import shutil
from pathlib import Path

from resources.demo.market_data import make_market_data
from resources.demo.settings import make_settings
from resources.demo.strategies import make_strategies

MARKER = ".upbit_ops_console_demo"
PROGRAM = Path(__file__).with_name("program.py")

_PATHS = """\
database:
  settings: data/settings.sqlite3
  strategies: data/strategies.sqlite3
  market_data: data/market_data.sqlite3
backup:
  directory: backups
  auto_cleanup_days: 30
  keep_last_count: 10
"""

_DATABASES = """\
databases:
  settings: {path: settings.sqlite3}
  strategies: {path: strategies.sqlite3}
  market_data: {path: market_data.sqlite3}
legacy_paths:
  settings: 'D:\\trading\\upbit\\data\\settings.sqlite3'
  strategies: 'D:\\trading\\upbit\\data\\strategies.sqlite3'
  market_data: 'D:\\trading\\upbit\\data\\market_data.sqlite3'
"""


_DEPLOYMENT = """\
# The practice release lies beside; its migrations go with it.
releases: deployment/releases
artefact: {kind: folder, path: deployment/candidate}
version: 1.5.0
migrate: true
verify: {soak_seconds: 5}
# The practice data holds an open position.
window: {max_open_positions: 1, max_volatility_percent: null}
"""


def is_workspace(folder: Path) -> bool:
    """Whether *folder* was made by `prepare_workspace`."""
    return (folder / MARKER).is_file()


def prepare_workspace(folder: Path, size_bytes: int, seed: int = 7) -> Path:
    """Make a workspace of about *size_bytes* in *folder*, the same for the same *seed*.

    Returns *folder*.  Raises `FileExistsError` when it holds anything already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(folder)
    (folder / MARKER).write_text(f"seed {seed}\n", encoding="utf-8")
    for name in ("data", "logs", "config/secure"):
        (folder / name).mkdir(parents=True)
    shutil.copyfile(PROGRAM, folder / "run_desktop_ui.py")
    (folder / "config" / "paths_config.yaml").write_text(_PATHS, encoding="utf-8")
    (folder / "config" / "database_config.yaml").write_text(_DATABASES, encoding="utf-8")
    (folder / "config" / "config.yaml").write_text(
        "app: {name: 업비트 자동매매, version: 1.4.2}\n", encoding="utf-8"
    )
    (folder / "config" / "config.production.yaml").write_text(
        "logging: {level: INFO}\n", encoding="utf-8"
    )
    secret = random.Random(seed)
    credentials = {
        name: base64.b64encode(secret.randbytes(96)).decode()
        for name in ("access_key", "secret_key")
    }
    path = folder / "config" / "secure" / "api_credentials.json"
    path.write_text(json.dumps(credentials), encoding="utf-8")
    path.chmod(0o600)
    candidate = folder / "deployment" / "candidate"
    candidate.mkdir(parents=True)
    shutil.copyfile(PROGRAM, candidate / "run_desktop_ui.py")
    (candidate / "VERSION").write_text("1.5.0\n", encoding="utf-8")
    (candidate / "requirements.lock").write_text(
        "# The stand-in needs nothing but Python.\n", encoding="utf-8"
    )
    (folder / "deployment" / "production_config.yaml").write_text(_DEPLOYMENT, encoding="utf-8")
    make_settings(folder / "data" / "settings.sqlite3", seed)
    make_strategies(folder / "data" / "strategies.sqlite3", seed)
    make_market_data(folder / "data" / "market_data.sqlite3", size_bytes, seed)
    return folder
