"""Reads from the trading program's own files where its databases lie, as its profile says.

A program may repeat its paths in several files, some as absolute paths of another machine
(`C:\\…`); a path counts only where its folder exists here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PureWindowsPath

import yaml

from core.base.config.models import ProgramSettings
from core.base.text import decode

Document = Mapping[str, object]


def read_program_configuration(
    folder: Path, environ: Mapping[str, str], program: ProgramSettings, profile: Document
) -> dict[str, object]:
    """Return what the program's configuration says, in the shape of the console's own.

    *profile* says where its files lie unless that says otherwise.  A file of the program that
    cannot be read is passed over: it is the program's to mend, and its databases are guarded all
    the same.
    """
    usual = str(profile.get("data_folder", "data"))
    moved = _told(environ, program.variables.data)
    data = folder / (moved or usual)
    listed = profile.get("files")
    given = [file for file in listed if isinstance(file, dict)] if isinstance(listed, list) else []
    paths: dict[str, Path] = {}
    for file in given:
        path = Path(str(file.get("path", "")))
        if file.get("kind", "database") == "database":
            within = path.is_relative_to(usual)
            paths[str(file.get("name"))] = (
                data / path.relative_to(usual) if within else folder / path
            )
    if moved is None:
        known = {path.name: name for name, path in paths.items()}
        for source in program.own.paths:
            for file_name, text in _paths_in(_read(folder / source), known):
                found = _existing(folder, usual, text)
                if found is not None:
                    paths[known[file_name]] = found
    found_document: dict[str, object] = {
        "data_folder": str(data),
        "files": [
            file | {"path": str(paths[str(file["name"])])} if file.get("name") in paths else file
            for file in given
        ],
    }
    backups = _told(environ, program.variables.backups) or _backup_folder(folder, program)
    if backups:
        place = Path(backups)
        found_document["store"] = str(place if place.is_absolute() else data / place)
    return found_document


def _told(environ: Mapping[str, str], names: Iterable[str]) -> str | None:
    """Return what the variable that the program goes by says; None where it says nothing."""
    return environ.get(next(iter(names), "")) or None


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


def _paths_in(document: object, known: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return file name and path for every text in *document* that names a *known* file."""
    if isinstance(document, dict):
        return [pair for value in document.values() for pair in _paths_in(value, known)]
    if isinstance(document, list):
        return [pair for value in document for pair in _paths_in(value, known)]
    if not isinstance(document, str):
        return []
    name = PureWindowsPath(document).name
    return [(name, document)] if name in known else []


def _existing(folder: Path, usual: str, text: str) -> Path | None:
    if PureWindowsPath(text).drive and not Path(text).is_absolute():
        return None  # a Windows path, and this is not Windows
    path = folder / text
    if path.is_file():
        return path
    beside = folder / usual / text
    return beside if beside.is_file() else None


def _backup_folder(folder: Path, program: ProgramSettings) -> str | None:
    document = _read(folder / program.own.backups) if program.own.backups else None
    backup = document.get("backup") if isinstance(document, dict) else None
    found = backup.get("directory") if isinstance(backup, dict) else None
    return found if isinstance(found, str) and found and not PureWindowsPath(found).drive else None
