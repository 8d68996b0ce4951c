"""Finds the trading program and reads the console's settings for it.

Later sources win: the profile, the program's own configuration, `ops_console.yaml` in the
program's folder, and environment variables `OPS_CONSOLE_…` (two underscores go one level down:
`OPS_CONSOLE_PROGRAM__STOP_SECONDS`).

`profile` names one of `resources/profiles`, or a YAML file of one's own.  What a program needs
beyond keys is code of its adapter: a profile names it as ``module:class``, a subclass of
`Settings`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from pathlib import Path

import yaml
from pydantic import ValidationError

from core.base.config.models import ProgramSettings, Settings
from core.base.config.paths import (
    WrongValueError,
    located,
    read_program_configuration,
    require_plain,
)
from core.base.files import real_path
from core.base.folders import AREA, is_free_or_home, is_system_folder
from core.base.operation import OperationError
from core.base.text import Text, decode, translate

PROFILES = Path(__file__).resolve().parents[3] / "resources" / "profiles"
DEFAULT = "upbit"
BESIDE = ("migrations", "examples")
"""Folders that a profile names beside itself."""
OVERRIDES = "ops_console.yaml"
PREFIX = "OPS_CONSOLE_"
MAX_BYTES = 1024 * 1024

Document = dict[str, object]


class NoProgram(OperationError):  # noqa: N818 (a state of affairs, and no mistake)
    """Nobody named a folder, and none was found: nothing is wrong yet."""


def load_settings(app: Path | None, environ: Mapping[str, str], cwd: Path) -> Settings:
    """Return the settings for the trading program in *app*, or found from *cwd* upwards.

    Raises `OperationError` that names file, key, value and what is allowed, or says that the
    folder is no trading program's; nothing was written by then.
    """
    told = environ.get(f"{PREFIX}PROFILE")
    try:
        folder = _find(app, cwd, read_yaml(_profile_path(app or cwd, told or DEFAULT)))
    except WrongValueError as error:
        raise _refused(
            translate("config", "The path {path} is not allowed: {allowed}",
                      path=ascii(error.value), allowed=error.allowed),
            translate("config", "Name the trading program's folder with --app."),
        ) from error  # fmt: skip
    overrides = folder / OVERRIDES
    own = read_yaml(overrides) if overrides.exists() else {}
    source = _profile_path(folder, told or str(own.get("profile", DEFAULT)))
    profile = read_yaml(source)
    for key in set(BESIDE) & profile.keys():
        profile[key] = str(source.parent / str(profile[key]))
    model = _model(source, profile.pop("adapter", None))
    try:
        program = ProgramSettings.model_validate(_section(profile, "program"))
    except ValidationError as error:
        raise wrong_value(source, error) from error
    document = merge(profile, read_program_configuration(folder, environ, program, profile))
    document = merge(merge(document, own), _from_environment(environ))
    document.pop("profile", None)
    settings = _validate(folder, document, model, overrides if overrides.exists() else source)
    if not own.get("files") and not _is_program(settings):
        raise _refused(
            translate("config", "{path} is not a trading program's folder: it has neither its "
                      "script {script} nor one of its databases.",
                      path=folder, script=settings.program.script),
            translate("config", "Name the folder that {script} lies in, or one with an "
                      "{overrides} that names the files to guard.",
                      script=settings.program.script, overrides=OVERRIDES),
        )  # fmt: skip
    return settings


def _profile_path(folder: Path, name: str) -> Path:
    """Return where profile *name* lies: a file of one's own, or one of those that are shipped."""
    return folder / name if name.endswith(".yaml") else PROFILES / f"{Path(name).name}.yaml"


def _model(source: Path, adapter: object) -> type[Settings]:
    """Return the model of the settings that the profile *source* names; raises `OperationError`."""
    if adapter is None:
        return Settings
    try:
        model = pkgutil.resolve_name(str(adapter))
    except (ImportError, AttributeError, ValueError) as error:
        raise _unreadable(source, f"adapter: {error}") from error
    if not isinstance(model, type) or not issubclass(model, Settings):
        raise _unreadable(source, f"adapter: {adapter} is no subclass of Settings")
    return model


def _is_program(settings: Settings) -> bool:
    """Whether anything of a program is here: its script, a database, or what was backed up of it.

    A machine that lost all but its restore points is one to restore, not to refuse.
    """
    script = settings.app / settings.program.script
    return (
        script.is_file()
        or any(file.path.is_file() for file in settings.databases)
        or any((settings.store / "points").glob("*"))
    )


def _find(app: Path | None, cwd: Path, profile: Document) -> Path:
    if app is not None:
        require_plain("--app", str(app))
        if not app.is_dir():
            raise _refused(
                translate("config", "There is no folder {path}.", path=app),
                translate("config", "Name the trading program's folder with --app."),
            )
        return app.resolve()
    signs = [OVERRIDES, str(_section(profile, "program").get("script", ""))]
    files = profile.get("files")
    for file in files if isinstance(files, list) else []:
        if isinstance(file, dict) and file.get("kind", "database") == "database":
            signs.append(str(file["path"]))
    for folder in (cwd, *cwd.parents):
        if any((folder / sign).is_file() for sign in signs):
            return folder.resolve()
    raise NoProgram(
        translate("config", "No trading program was found in {path} or above it.", path=cwd),
        data_state=translate("config", "Nothing was touched."),
        to_do=translate("config", "Name its folder with --app, or try 'demo' for a practice one."),
    )


def read_yaml(path: Path) -> Document:
    """Return the mapping in the YAML file at *path*; raises `OperationError`."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _unreadable(path, "it is larger than 1 MB")
        text = decode(path.read_bytes())
        if any(event.__class__ is yaml.AliasEvent for event in yaml.parse(text)):
            raise _unreadable(path, "aliases (*name) are not allowed")
        found = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError, ValueError) as error:
        raise _unreadable(path, " ".join(str(error).split())) from error
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise _unreadable(path, "it is not a mapping of keys to values")
    return found


def merge(under: Document, over: Document) -> Document:
    """Return *under* with the values of *over*, level by level; lists are replaced whole."""
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            merged[key] = merge(below, value)
        else:
            merged[key] = value
    return merged


def _section(document: Document, name: str) -> Document:
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def _from_environment(environ: Mapping[str, str]) -> Document:
    document: Document = {}
    for name, value in sorted(environ.items()):
        if not name.startswith(PREFIX) or name.startswith(f"{PREFIX}TEST"):
            continue
        keys = name.removeprefix(PREFIX).lower().split("__")
        nested: object = value
        for key in reversed(keys):
            nested = {key: nested}
        if isinstance(nested, dict):
            document = merge(document, nested)
    return document


def _validate(folder: Path, document: Document, model: type[Settings], source: Path) -> Settings:
    try:
        _locate(folder, document)
        settings = model.model_validate(document)
    except (WrongValueError, ValidationError) as error:
        raise wrong_value(source, error) from error
    _require_own_folders(settings, source)
    return _distinct(settings, source)


def wrong_value(source: Path, error: WrongValueError | ValidationError) -> OperationError:
    """Return the failure of a configuration that says something impossible."""
    allowed: Text | str
    if isinstance(error, WrongValueError):
        key, allowed = error.key, error.allowed
        value = ascii(error.value)[:80] if isinstance(error.value, str) else str(error.value)
    else:
        first = error.errors()[0]
        key, allowed = ".".join(str(part) for part in first["loc"]), first["msg"]
        value = repr(first.get("input"))[:80]
    return _refused(
        translate(
            "config",
            "{file}: '{key}' is {value}, which is not allowed: {allowed}",
            file=source,
            key=key,
            value=value,
            allowed=allowed,
        ),
        translate("config", "Correct the value and start again."),
    )


def _locate(folder: Path, document: Document) -> None:
    """Make every path in *document* a whole one; raises `WrongValueError`."""
    require_plain("", document)
    data = located(folder, "data_folder", document.pop("data_folder", "data"))
    document.setdefault("home", data / "ops_console")
    document.setdefault("store", data / "backups")
    document["app"] = folder
    for key in ("home", "store", *(set(BESIDE) & document.keys())):
        document[key] = located(folder, key, document[key])
    for section, key in (("program", "script"), ("health", "logs")):
        below = _section(document, section)
        if key in below:
            located(folder, f"{section}.{key}", below[key])
    files = document.get("files")
    if isinstance(files, list):
        document["files"] = [
            _real(folder, f"files.{number}.path", file)
            if isinstance(file, dict) and "path" in file
            else file
            for number, file in enumerate(files)
        ]


def _require_own_folders(settings: Settings, source: Path) -> None:
    """Refuse a home or a store that can only be a mistake, before anything is written there."""
    to_do = translate("config", "Name a folder of its own, empty or new, and start again.")
    for key, place in (("home", settings.home), ("store", settings.store)):
        if is_system_folder(place) or place == settings.app:
            raise _refused(
                translate("config", "{file}: '{key}' is {path}, which is not the console's own.",
                          file=source, key=key, path=place),
                to_do,
            )  # fmt: skip
    try:
        own = is_free_or_home(settings.home)
    except OSError as error:
        raise _unreadable(settings.home, str(error)) from error
    if not own:
        raise _refused(
            translate("config", "{file}: 'home' is {path}, which holds other files.",
                      file=source, path=settings.home),
            to_do,
        )  # fmt: skip


def _real(folder: Path, key: str, file: Document) -> Document:
    """Return *file* with its real path: links are resolved here, once, for all that follows."""
    given = located(folder, key, file["path"])
    real = real_path(given)
    if real.is_dir() and not _kept_free(real):
        raise WrongValueError(key, file["path"], translate("config", "a file; it is a folder"))
    return {**file, "path": real, "configured": given if given != real else None}


def _kept_free(path: Path) -> bool:
    """Whether a swap that was cut off keeps the name free by an empty folder (`core.promote`).

    Recovery needs the configuration: it must load then, too.
    """
    return (path.parent / AREA).is_dir() and not any(path.iterdir())


def _distinct(settings: Settings, source: Path) -> Settings:
    """Refuse one file under two names, as hard links and names in another case would be."""
    found: dict[tuple[int, int], str] = {}
    for file in settings.files:
        if not file.path.exists():
            continue
        status = file.path.stat()
        other = found.setdefault((status.st_dev, status.st_ino), file.name)
        if other != file.name:
            raise _refused(
                translate(
                    "config", "{file}: {one} and {other} are the same file: {path}",
                    file=source, one=other, other=file.name, path=file.path,
                ),
                translate("config", "Correct the value and start again."),
            )  # fmt: skip
    return settings


def _unreadable(path: Path, why: str) -> OperationError:
    return _refused(
        translate("config", "{file} cannot be read: {why}", file=path, why=why),
        translate("config", "Correct the file or move it away, then start again."),
    )


def _refused(happened: Text, to_do: Text) -> OperationError:
    return OperationError(
        happened, data_state=translate("config", "Nothing was touched."), to_do=to_do
    )
