"""The import smoke test: what a release is made of is imported, where it can do no harm."""

from __future__ import annotations

import re
from itertools import pairwise

from core.base.config.models import Settings
from core.base.entry import environment_python
from core.base.operation import Context
from core.base.scratch import Use, scratch_folder
from core.base.text import translate
from core.program.release import Release
from core.release.config import DeploymentConfig
from core.release.environment import clean_environment, run_command
from core.release.packages import top_modules

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
