"""Releases: each complete in a folder of its own, with its own environment, and never changed.

A release is complete once its ``release.json`` is there, which is written last; a folder without
it is what an interrupted deployment left, and is swept away.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from core.base.cleanup import remove_tree
from core.base.config.models import Settings
from core.base.entry import environment_python
from core.base.files import fsync_directory, private_folder, write_durably
from core.base.folders import Use, scratch_folder
from core.base.operation import Context, OperationError
from core.base.sealed import seal
from core.base.text import translate
from core.program.find import find_program
from core.program.release import MANIFEST, Artefact, Pointer, Release, read_pointer, read_release
from core.release.artefact import Found, copy_files, open_artefact, refused, top_modules
from core.release.config import DeploymentConfig, config_path, filled, load_config
from core.release.environment import (
    Broken,
    clean_environment,
    consistent,
    find_interpreter,
    install,
    installed,
    make_environment,
    run_command,
)
from core.release.log import read_log_as_it_is
from core.release.models import Changes, DeployStatus
from core.switchover.intent import read_intent

log = logging.getLogger(__name__)
VARIABLES = "environment"
"""The file of the variables, ``NAME=value`` a line, for whoever starts the release by hand."""
EXAMPLES = 40


def stage_release(
    context: Context, settings: Settings, config: DeploymentConfig, expected: Artefact | None
) -> Release:
    """Make the release that *config* names, beside what runs, and return it.

    *expected* is what the checks found: another one now is refused.  Raises `OperationError` or
    `Cancelled` with the folder of the release removed.
    """
    with open_artefact(context, settings, config) as found:
        if expected is not None and found.artefact.digest != expected.digest:
            raise refused(translate("deployment", "The release changed since it was checked."))
        folder = _new_folder(config, found.artefact)
        try:
            private_folder(folder)
            with context.step("stage", translate("deployment", "Copy the release")):
                _copy(context, found, folder)
            with context.step("environment", translate("deployment", "Make its environment")):
                tool, packages, version = _environment(context, config, found, folder)
            release = _describe(settings, config, found, folder, tool, packages, version)
            smoke(context, settings, release, config)
            lines = [f"{name}={value}\n" for name, value in release.environment.items()]
            write_durably(folder / VARIABLES, "".join(lines).encode())
            write_durably(folder / MANIFEST, seal(release.model_dump_json().encode()))
            fsync_directory(folder.parent)
        except BaseException as error:
            remove_tree(folder)
            if isinstance(error, OSError):
                raise _not_staged(str(error)) from error
            if isinstance(error, Broken):
                raise _not_staged(str(error)) from error
            raise
    return release


def _not_staged(why: str) -> OperationError:
    return OperationError(
        translate("deployment", "The release could not be made: {why}", why=why),
        data_state=translate("deployment", "Nothing was touched: what ran, runs."),
        to_do=translate("deployment", "Remove the cause, then try again."),
    )


def _new_folder(config: DeploymentConfig, artefact: Artefact) -> Path:
    moment = datetime.now(UTC)
    name = f"{moment:%Y%m%dT%H%M%S}{moment.microsecond // 1000:03d}Z-{artefact.digest[:8]}"
    return config.releases / name


def _copy(context: Context, found: Found, folder: Path) -> None:
    app = private_folder(folder / APP)
    if found.artefact.kind == "package":
        copy_files(context, found, private_folder(folder / PACKAGE))
    else:
        copy_files(context, found, app)


def _environment(
    context: Context, config: DeploymentConfig, found: Found, folder: Path
) -> tuple[str, tuple[str, ...], str]:
    interpreter = find_interpreter(context, config)
    place = folder / ENVIRONMENT
    tool = make_environment(context, interpreter, place)
    python = environment_python(place)
    package = None
    if found.artefact.kind == "package":
        package = folder / PACKAGE / next(iter(found.files))
    requirements = requirements_of(config, folder / APP)
    install(context, python, config.artefact, requirements=requirements, package=package)
    consistent(context, python)
    return tool, installed(context, python), interpreter.version


def requirements_of(config: DeploymentConfig, app: Path) -> Path | None:
    """Return the requirements file of a release whose files lie in *app*; None: it needs none."""
    named = config.artefact.requirements
    if named is None:
        return None
    path = Path(named)
    if path.is_absolute() or config.artefact.kind == "package":
        return config.artefact.path.parent / path
    return app / path


def _describe(
    settings: Settings,
    config: DeploymentConfig,
    found: Found,
    folder: Path,
    tool: str,
    packages: tuple[str, ...],
    version: str,
) -> Release:
    return Release(
        id=folder.name,
        made=datetime.now(UTC),
        folder=folder,
        version=found.artefact.version,
        artefact=found.artefact,
        python_version=version,
        tool=tool,
        packages=packages,
        command=filled(config.start, places_of(settings, config, folder)),
        cwd=folder / APP,
        environment=variables(settings, config),
        files=found.files,
    )


def places_of(settings: Settings, config: DeploymentConfig, folder: Path) -> dict[str, str]:
    """Return what the placeholders of a command stand for in the release in *folder*."""
    return {
        "python": str(environment_python(folder / ENVIRONMENT)),
        "release": str(folder / APP),
        "app": str(settings.app),
        "data": str(config.data),
        "logs": str(config.logs),
    }


def variables(settings: Settings, config: DeploymentConfig) -> dict[str, str]:
    """Return all variables that the program may read, and what is configured over them."""
    told = settings.program.variables
    return {
        **dict.fromkeys(told.stage, config.stage),
        **dict.fromkeys(told.log_level, "INFO"),
        **dict.fromkeys(told.data, str(config.data)),
        **dict.fromkeys(told.logs, str(config.logs)),
        **dict.fromkeys(told.config, str(settings.app / "config")),
        **dict.fromkeys(told.backups, str(settings.app / "backups")),
        **config.environment,
    }


def list_releases(config: DeploymentConfig) -> tuple[Release, ...]:
    """Return the complete releases, newest first; one that is damaged is none."""
    found = []
    if config.releases.is_dir():
        for folder in sorted(config.releases.iterdir(), reverse=True):
            if not (folder / MANIFEST).is_file():
                continue
            try:
                found.append(read_release(folder))
            except OperationError as error:
                log.warning("%s", error.happened)
    return tuple(found)


def half_made(config: DeploymentConfig) -> tuple[Path, ...]:
    """Return the folders of releases that are not complete: being made, or left by a crash."""
    if not config.releases.is_dir():
        return ()
    return tuple(
        folder
        for folder in sorted(config.releases.iterdir())
        # Only what has the shape of our own names: the folder may be anybody's.
        if folder.is_dir() and _ours(folder.name) and not (folder / MANIFEST).exists()
    )


def sweep_releases(config: DeploymentConfig) -> tuple[str, ...]:
    """Remove folders of releases that never were complete; call it under the console's lock."""
    gone = half_made(config)
    for folder in gone:
        shutil.rmtree(folder)
    return tuple(folder.name for folder in gone)


def _ours(name: str) -> bool:
    moment, _, digest = name.partition("Z-")
    return (
        len(moment) == 18
        and len(digest) == 8
        and moment.replace("T", "").isdigit()
        and all(letter in "0123456789abcdef" for letter in digest)
    )


def prune_releases(
    settings: Settings, config: DeploymentConfig, needed: Iterable[str]
) -> tuple[str, ...]:
    """Remove all but the newest `keep_releases`, and never what is *needed* or in production."""
    kept = set(needed)
    pointer, intent = read_pointer(settings), read_intent(settings)
    kept |= {one.release for one in _pointers(pointer, intent.before.pointer if intent else None)}
    gone = []
    for release in list_releases(config)[config.keep_releases :]:
        if release.id not in kept:
            # The manifest first: a folder without it is swept if this is cut off.
            (release.folder / MANIFEST).unlink()
            shutil.rmtree(release.folder)
            gone.append(release.id)
    return tuple(gone)


def _pointers(*pointers: Pointer | None) -> list[Pointer]:
    return [pointer for pointer in pointers if pointer is not None]


def changes_between(
    before: Release | None, after: Release | None, migrations: tuple[str, ...]
) -> Changes:
    """Return what going from *before* to *after* changes."""
    old = before.files if before else {}
    new = after.files if after else {}
    added = sorted(new.keys() - old.keys())
    removed = sorted(old.keys() - new.keys())
    changed = sorted(name for name in new.keys() & old.keys() if new[name] != old[name])
    examples = [
        *(f"~ {name}" for name in changed),
        *(f"+ {name}" for name in added),
        *(f"- {name}" for name in removed),
    ]
    had = set(before.packages if before else ())
    has = set(after.packages if after else ())
    return Changes(
        added=len(added),
        changed=len(changed),
        removed=len(removed),
        examples=tuple(examples[:EXAMPLES]),
        packages=tuple([f"- {one}" for one in sorted(had - has)]
                       + [f"+ {one}" for one in sorted(has - had)]),
        migrations=migrations,
    )  # fmt: skip


def make_directories(config: DeploymentConfig) -> None:
    """Make the folders that the program writes to; raises `OperationError` where refused."""
    for folder in (config.data, config.logs, *config.directories):
        if folder is None:
            continue
        try:
            folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        except OSError as error:
            raise _not_staged(str(error)) from error
        if not os.access(folder, os.W_OK | os.X_OK):
            raise _not_staged(f"{folder}: permission denied")


APP = "app"
ENVIRONMENT = "env"
PACKAGE = "package"
"""The folders of a release: its files, its Python environment, the package that it came as."""
SMOKE_SECONDS = 120
_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_CODE = (
    "import importlib, importlib.util, sys; sys.path.insert(0, sys.argv[1]); "
    "found = [importlib.import_module(name) for name in sys.argv[2:]]; "
    "[importlib.util.find_spec(one.__name__ + '.__main__') or sys.exit(one.__name__ + "
    "' cannot be run with -m') for one in found if one.__name__ == MODULE "
    "and hasattr(one, '__path__')]"
)


def smoke(context: Context, settings: Settings, release: Release, config: DeploymentConfig) -> None:
    """Import what the release is made of, on an empty data folder; raises `Broken`.

    Not one line of a new release sees the live data before it has a restore point.
    """
    what = translate("deployment", "Import it")
    run = _run_as_module(release)
    modules = config.imports if config.imports is not None else _modules(release, run)
    if not modules:
        context.skipped(
            "smoke", what,
            translate("deployment", "Nothing is named that could be imported: set 'imports'."),
        )  # fmt: skip
        return
    python = environment_python(release.folder / ENVIRONMENT)
    with (
        context.step("smoke", what),
        scratch_folder(settings, Use.RELEASE) as scratch,
    ):
        folders = {
            name: str(scratch) for name in release.environment if name.endswith(("_DIR", "_PATH"))
        }
        surroundings = clean_environment() | release.environment | folders
        run_command(
            context,
            [python, "-c", f"MODULE = {run!r}; {_CODE}", str(release.cwd), *modules],
            environment=surroundings | {"QT_QPA_PLATFORM": "offscreen"},
            cwd=scratch, seconds=SMOKE_SECONDS,
        )  # fmt: skip
        context.note(translate("deployment", "Imported: {names}.", names=", ".join(modules)))


def _run_as_module(release: Release) -> str | None:
    """Return what ``-m`` of the command names."""
    for flag, name in pairwise(release.command):
        if flag == "-m" and _MODULE.fullmatch(name):
            return name
    return None


def _modules(release: Release, run: str | None) -> tuple[str, ...]:
    """Return what there is to import: what is run, or all that a wheel brings."""
    if run is not None:
        return (run,)
    for word in release.command[1:]:
        script = release.cwd / word
        if word.endswith(".py") and script.is_file() and script.parent == release.cwd:
            return (script.stem,)
    packages = release.folder / PACKAGE
    found = [top_modules(path) for path in packages.iterdir()] if packages.is_dir() else []
    return tuple(name for names in found for name in names)


def deploy_status(settings: Settings) -> DeployStatus:
    """Return what is in production.

    Raises `OperationError` when pointer, intent or configuration are damaged.
    """
    program = find_program(settings)
    intent = read_intent(settings)
    configured = config_path(settings).exists()
    releases = list_releases(load_config(settings)) if configured else ()
    return DeployStatus(
        pointer=read_pointer(settings),
        running_pid=program.pid if program else None,
        interrupted=intent.id if intent and intent.switches_release else None,
        releases=tuple(release.id for release in releases),
        log_problem=read_log_as_it_is(settings)[1],
        configured=configured,
    )
