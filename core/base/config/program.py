"""Reads from the trading program's own files where its databases lie.

The program repeats its paths in several files, some as absolute paths of another machine
(`C:\\…`); a path counts only where its folder exists here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PureWindowsPath

import yaml

from core.base.decode import decode

SUFFIX = ".sqlite3"
NAMES = ("settings", "strategies", "market_data")
CREDENTIALS = "config/secure/api_credentials.json"


def read_program_configuration(folder: Path, environ: Mapping[str, str]) -> dict[str, object]:
    """Return what the program's configuration says, in the shape of the console's own.

    A file of the program that cannot be read is passed over: it is the program's to mend, and
    its databases are guarded all the same.
    """
    data = _folder(folder, environ.get("UPBIT_DATA_DIR")) or folder / "data"
    paths: dict[str, Path] = {name: data / f"{name}{SUFFIX}" for name in NAMES}
    if "UPBIT_DATA_DIR" not in environ:
        for file in ("config/database_config.yaml", "config/paths_config.yaml"):
            for name, text in _paths_in(_read(folder / file)):
                found = _existing(folder, text)
                if found is not None:
                    paths[name] = found
    found_document: dict[str, object] = {
        "data_folder": str(data),
        "files": [
            *({"name": name, "path": str(path)} for name, path in paths.items()),
            {"name": "api_credentials", "path": CREDENTIALS, "kind": "paired"},
        ],
    }
    backups = environ.get("UPBIT_BACKUPS_DIR") or _backup_folder(folder)
    if backups:
        place = Path(backups)
        found_document["store"] = str(place if place.is_absolute() else data / place)
    return found_document


def _read(path: Path) -> object:
    try:
        if path.stat().st_size > 1024 * 1024:
            return None
        text = decode(path.read_bytes())
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
            return None
        return yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError, ValueError):
        return None


def _paths_in(document: object) -> list[tuple[str, str]]:
    """Return (name, path) for every text in *document* that ends like a guarded database."""
    if isinstance(document, dict):
        return [pair for value in document.values() for pair in _paths_in(value)]
    if isinstance(document, list):
        return [pair for value in document for pair in _paths_in(value)]
    if not isinstance(document, str) or not document.endswith(SUFFIX):
        return []
    name = PureWindowsPath(document).stem
    return [(name, document)] if name in NAMES else []


def _existing(folder: Path, text: str) -> Path | None:
    if PureWindowsPath(text).drive and not Path(text).is_absolute():
        return None  # a Windows path, and this is not Windows
    path = folder / text
    if path.is_file():
        return path
    beside = folder / "data" / text
    return beside if beside.is_file() else None


def _folder(folder: Path, text: str | None) -> Path | None:
    return folder / text if text else None


def _backup_folder(folder: Path) -> str | None:
    document = _read(folder / "config" / "paths_config.yaml")
    backup = document.get("backup") if isinstance(document, dict) else None
    found = backup.get("directory") if isinstance(backup, dict) else None
    return found if isinstance(found, str) and found and not PureWindowsPath(found).drive else None
