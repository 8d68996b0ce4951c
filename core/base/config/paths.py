"""What a configuration may call a path, and where the program's own files say its databases lie.

A program may repeat its paths in several files, some as absolute paths of another machine
(`C:\\…`); a path counts only where its folder exists here.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PureWindowsPath

import yaml

from core.base.config.models import ProgramSettings
from core.base.files import nearest_folder
from core.base.placement import is_kernels
from core.base.text import Text, decode, translate

LONGEST = 255
"""Of the name of a file: bytes, on Windows characters."""
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)
_NO_NAME = frozenset('<>:"|?*')
"""https://learn.microsoft.com/windows/win32/fileio/naming-a-file#naming-conventions"""


class WrongValueError(ValueError):
    """A value of a configuration that cannot be meant; `allowed` says what could be."""

    def __init__(self, key: str, value: object, allowed: Text) -> None:
        super().__init__(str(allowed))
        self.key, self.value, self.allowed = key, value, allowed


def located(base: Path, key: str, value: object, *, climbs: bool = False) -> Path:
    """Return the path *value*, which is relative to *base* unless it is a whole one.

    A leading ``~`` is the user's own folder.  Raises `WrongValueError` for what is no text or has
    characters that no name has, for a relative path that leaves *base* (unless it *climbs*), for
    one below a file, and for one where the kernel shows itself.
    """
    text = str(value) if isinstance(value, Path) else value
    if not isinstance(text, str) or not text.strip():
        raise WrongValueError(key, value, translate("config", "the path of a file or a folder"))
    require_plain(key, text)
    try:
        given = Path(text).expanduser()
    except RuntimeError as error:
        raise WrongValueError(
            key, value, translate("config", "a path without '~': nobody's folder is known")
        ) from error
    place = base / given
    if not given.is_absolute() and not climbs and _leaves(base, place):
        allowed = translate("config", "a path below {folder}, or a whole one", folder=base)
        raise WrongValueError(key, value, allowed)
    _require_possible(key, value, place)
    return place


def require_plain(key: str, value: object, *, lines: bool = False) -> None:
    """Refuse text below *value* with characters that no name, command or address has.

    Raises `WrongValueError`; with *lines* the ends of lines and tabs are allowed.
    """
    if isinstance(value, str):
        if any(_is_control(sign, lines=lines) for sign in value):
            raise WrongValueError(
                key, value, translate("config", "text without control characters")
            )
    elif isinstance(value, dict):
        for name, below in value.items():
            require_plain(key or "keys", name)
            inside = lines or name == "environment"
            require_plain(f"{key}.{name}".strip("."), below, lines=inside)
    elif isinstance(value, list):
        for number, below in enumerate(value):
            require_plain(f"{key}.{number}", below, lines=lines)


def _is_control(sign: str, *, lines: bool) -> bool:
    return (sign < " " and not (lines and sign in "\n\r\t")) or "\x7f" <= sign <= "\x9f"


def _leaves(base: Path, place: Path) -> bool:
    real = Path(os.path.normpath(place))
    return real != base and base not in real.parents


def is_no_place_on_windows(place: PureWindowsPath) -> bool:
    """Whether Windows takes *place* for a device, or its names for others than they are.

    `NUL` is a device in every folder, a dot or a space at the end of a name is dropped, and `C:x`
    is relative to wherever somebody stands on that drive.
    """
    if str(place).upper().startswith(("\\\\.\\", "\\\\?\\GLOBALROOT")):
        return True
    if place.drive and not place.root:
        return True
    return any(
        (part not in {".", ".."} and part[-1] in ". ")
        or not _NO_NAME.isdisjoint(part)
        or _DEVICE.fullmatch(part.rstrip(" ."))
        for part in place.parts[1 if place.anchor else 0 :]
    )


def _require_possible(key: str, value: object, place: Path) -> None:
    if isinstance(place, PureWindowsPath) and is_no_place_on_windows(place):
        raise WrongValueError(
            key, value, translate("config", "a path of names that Windows leaves as they are")
        )
    if is_kernels(place):
        raise WrongValueError(
            key, value, translate("config", "a place on a disk; there the system shows itself")
        )
    if any(len(part if os.name == "nt" else os.fsencode(part)) > LONGEST for part in place.parts):
        raise WrongValueError(
            key, value, translate("config", "a path of names that a disk can hold")
        )
    try:
        place.lstat()
    except OSError as error:
        if error.errno in {errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL}:
            allowed = translate("config", "a path that the system can open ({why})",
                                why=error.strerror or "")  # fmt: skip
        elif error.errno == errno.ENOTDIR or _is_below_file(place):
            allowed = translate("config", "a path below folders; one of these is a file")
        else:
            return  # it is not there, or may not be looked at: whoever needs it says so
        raise WrongValueError(key, value, allowed) from error


def _is_below_file(place: Path) -> bool:
    """Whether a file stands where *place* needs a folder; Windows calls that not found."""
    try:
        near = nearest_folder(place)
        return near != place and not near.is_dir()
    except OSError:
        return False


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
