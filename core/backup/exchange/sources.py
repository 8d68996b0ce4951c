"""Finds in a folder, or in one file, the states that can be imported."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import NamedTuple

from core.backup.exchange.manifest import FILE, moment_of, read_manifest
from core.base.config.models import Settings
from core.base.operation import OperationError
from core.base.text import Text, translate

STAMPED = re.compile(r"(?P<name>.+)_backup_(?P<stamp>\d{8}_\d{6})\.sqlite3", re.IGNORECASE)
SUFFIX = ".sqlite3"
# What SQLite recovers from by itself; a -shm is made anew.
BESIDE = ("-wal", "-journal")


class SourceFile(NamedTuple):
    """A file that is to become the file *name* of a restore point."""

    name: str
    path: Path
    sha256: str | None = None


class Source(NamedTuple):
    """The files of one state, and when it was saved as far as that is known."""

    files: tuple[SourceFile, ...]
    moment: datetime | None
    note: str = ""


class Found(NamedTuple):
    """What can be imported, oldest first, and the names of databases that nobody guards."""

    sources: tuple[Source, ...]
    left_out: tuple[str, ...]


def find_sources(settings: Settings, source: Path) -> Found:
    """Return the states in *source*; raises `OperationError` when there is none.

    A folder with a manifest is one state.  In other folders, files with the same stamp in their
    names are one state each, and plainly named ones together are another.
    """
    source = source.absolute()
    if source.is_dir():
        if (source / FILE).is_file():
            found = _by_manifest(settings, source)
        else:
            found = _by_names(settings, [path for path in source.iterdir() if path.is_file()])
    elif source.is_file():
        found = _by_names(settings, [source])
    else:
        raise refused(translate("snapshot", "There is nothing at {path}.", path=source))
    if not found.sources:
        raise _nothing(settings, source)
    _require_no_live_file(settings, found)
    return found


def _by_manifest(settings: Settings, folder: Path) -> Found:
    try:
        manifest = read_manifest(folder / FILE)
    except ValueError as error:
        raise refused(
            translate(
                "snapshot",
                "The manifest {path} cannot be used: {why}",
                path=folder / FILE,
                why=" ".join(str(error).split()),
            )
        ) from error
    known = {file.name for file in settings.files}
    files = [
        SourceFile(name, _inside(folder, name, text), manifest.sha256.get(name))
        for name, text in manifest.files.items()
        if name in known
    ]
    left_out = tuple(sorted(set(manifest.files) - known))
    if not files:
        return Found((), left_out)
    return Found((Source(tuple(files), manifest.moment, manifest.note),), left_out)


def _inside(folder: Path, name: str, text: str) -> Path:
    """Return the file in *folder* that a manifest's path means; refuse all other files."""
    windows = PureWindowsPath(text)
    plain = PurePosixPath(text.replace("\\", "/"))
    climbs = ".." in plain.parts
    elsewhere = (plain.is_absolute() or windows.drive) and Path(text).parent != folder
    path = folder / plain.name
    if climbs or elsewhere or not plain.name or "\0" in text or ":" in plain.name:
        raise refused(
            translate(
                "snapshot",
                "The manifest names a file outside its folder for {name}: {path}",
                name=name[:80],
                path=text[:200],
            )
        )
    if not path.is_file():
        raise refused(translate("snapshot", "The file {path} is missing.", path=path))
    _require_no_link(path)
    return path


def _require_no_link(path: Path) -> None:
    """Refuse a link, which would bring in any file of this machine, be it beside the database."""
    for part in (path, *(Path(f"{path}{suffix}") for suffix in BESIDE)):
        if part.is_symlink():
            raise refused(
                translate("snapshot", "The file {path} is a link to elsewhere.", path=part)
            )


def _by_names(settings: Settings, paths: list[Path]) -> Found:
    names = {file.name.casefold(): file.name for file in settings.databases}
    plain_names = {
        path.name.casefold(): file.name
        for file in settings.files
        for path in (file.path, file.known_as)
    }
    plain_names.update({f"{folded}{SUFFIX}": name for folded, name in names.items()})
    stamped: dict[str, dict[str, SourceFile]] = {}
    plain: dict[str, SourceFile] = {}
    left_out = []
    for path in sorted(paths):
        match = STAMPED.fullmatch(path.name)
        name = names.get(match["name"].casefold()) if match else None
        if match and name is not None:
            _add(stamped.setdefault(match["stamp"], {}), SourceFile(name, path))
        elif path.name.casefold() in plain_names:
            _add(plain, SourceFile(plain_names[path.name.casefold()], path))
        elif path.name.casefold().endswith(SUFFIX):
            left_out.append(path.name)
    sources = [
        Source(tuple(files.values()), _moment(stamp, files))
        for stamp, files in sorted(stamped.items())
    ]
    # Paired files alone are no state of the databases.
    if any(name in names.values() for name in plain):
        sources.append(Source(tuple(plain.values()), None))
    return Found(tuple(sources), tuple(left_out))


def _add(files: dict[str, SourceFile], file: SourceFile) -> None:
    _require_no_link(file.path)
    if file.name in files:
        raise refused(
            translate(
                "snapshot",
                "{first} and {second} are both called {name}: choose one of the files.",
                first=files[file.name].path.name,
                second=file.path.name,
                name=file.name,
            )
        )
    files[file.name] = file


def _moment(stamp: str, files: dict[str, SourceFile]) -> datetime:
    try:
        return moment_of(stamp)
    except (ValueError, OverflowError) as error:
        path = next(iter(files.values())).path
        raise refused(
            translate("snapshot", "The name of {path} holds no time that exists.", path=path)
        ) from error


def _require_no_live_file(settings: Settings, found: Found) -> None:
    live = {file.path.resolve() for file in settings.files}
    for source in found.sources:
        for file in source.files:
            if file.path.resolve() in live:
                raise refused(
                    translate("snapshot", "{path} is a live file, not a backup.", path=file.path)
                )


def _nothing(settings: Settings, source: Path) -> OperationError:
    names = ", ".join(f"{file.name}{SUFFIX}" for file in settings.databases)
    happened = translate(
        "snapshot",
        "Nothing in {path} is a backup of a guarded database ({names}).",
        path=source,
        names=names,
    )
    below = sorted(path.parent.name for path in source.glob(f"*/{FILE}")) if source.is_dir() else []
    if not below:
        return refused(happened)
    return OperationError(
        happened,
        data_state=translate("snapshot", "Nothing was imported."),
        to_do=translate(
            "snapshot", "Choose one of the backups in it: {folders}", folders=", ".join(below[:20])
        ),
    )


def refused(happened: Text) -> OperationError:
    """Return the failure of an import before anything was done."""
    return OperationError(
        happened,
        data_state=translate("snapshot", "Nothing was imported."),
        to_do=translate("snapshot", "Choose another folder or file."),
    )
