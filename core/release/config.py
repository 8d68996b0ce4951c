"""The validated configuration of deployments: `deployment/production_config.yaml`.

It lies beside the trading program.  Relative paths are relative to the program's folder, a
leading ``~`` is the user's own folder; commands are argument lists, no shell is ever involved.
Times of day are Korean (KST, UTC+9), durations are in the unit that the name says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError, field_validator, model_validator

from core.base.config.load import read_yaml, wrong_value
from core.base.config.models import Section, Settings
from core.base.config.paths import WrongValueError, located, require_plain
from core.base.files import private_folder, write_durably
from core.base.operation import Context, Kind, OperationError
from core.base.text import translate

FOLDER = "deployment"
FILE = "production_config.yaml"
EXAMPLES = Path(__file__).resolve().parents[2] / "resources" / "deployment"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PLACEHOLDERS = ("python", "release", "app", "data", "logs")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")

Word = Annotated[str, StringConstraints(min_length=1, max_length=4096, pattern=r"^[^\x00]*$")]
Command = Annotated[tuple[Word, ...], Field(min_length=1, max_length=200)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")]
Value = Annotated[str, StringConstraints(max_length=32_768, pattern=r"^[^\x00\r\n]*$")]
Module = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_]\w*)*$")]


class ArtefactSettings(Section):
    """What is to be deployed."""

    kind: Literal["folder", "package", "git"] = "folder"
    path: Path
    """A folder; a wheel or an sdist; or a local git repository."""
    tag: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}$")
    """The tag of the git repository."""
    sha256: Digest | None = None
    """What `deploy plan` must find: the file's hash, or that of the folder's files."""
    requirements: str | None = "requirements.lock"
    """The hash-pinned requirements: in the release, or an absolute path; None: it needs none."""
    wheelhouse: Path | None = None
    """A folder of wheels; then no index is asked.  None: the package index that uv is set to."""

    @field_validator("requirements")
    @classmethod
    def _plain(cls, text: str | None) -> str | None:
        if text is None:
            return None
        parts = {*PurePosixPath(text).parts, *PureWindowsPath(text).parts}
        if ".." in parts or not text:
            raise ValueError("must not climb out of the release")
        return text

    @model_validator(mode="after")
    def _one_kind(self) -> ArtefactSettings:
        if (self.kind == "git") != (self.tag is not None):
            raise ValueError("a tag belongs to kind git, and kind git needs one")
        if ".." in (self.tag or "").split("/") or ".." in (self.tag or ""):
            raise ValueError("not a name that git allows")
        return self


class CheckSettings(Section):
    """The limits of the checks before a deployment."""

    junit: Path | None = None
    """The test results (JUnit XML), outside the release; None: none are asked for."""
    junit_max_age_hours: float = Field(default=24.0, gt=0)
    restore_point_max_age_hours: float = Field(default=24.0, gt=0)
    sqlite_minimum: str = Field(default="3.35.0", pattern=r"^\d+\.\d+(\.\d+)?$")
    quick_check_max_mb: int = Field(default=256, ge=0)
    """A larger live database is not read whole: its newest restore point speaks for it."""
    free_mb: int = Field(default=500, ge=0)
    """What must stay free on every disk that is used."""


def known_placeholders(command: tuple[str, ...]) -> tuple[str, ...]:
    """Return *command*; raises `ValueError` for a placeholder that stands for nothing."""
    for word in command:
        for name in _PLACEHOLDER.findall(word):
            if name not in PLACEHOLDERS:
                raise ValueError(f"{{{name}}} is not one of {', '.join(PLACEHOLDERS)}")
    return command


def filled(command: Sequence[str], places: Mapping[str, Path | str]) -> tuple[str, ...]:
    """Return *command* with every placeholder replaced by its path; what a path says stays."""
    return tuple(
        _PLACEHOLDER.sub(lambda found: str(places.get(found[1], found[0])), word)
        for word in command
    )  # fmt: skip


class VerifySettings(Section):
    """When the new program counts as well."""

    response_ms: float = Field(default=100.0, gt=0)
    """How long a database may take to answer, and a writer may hold it."""
    observe_seconds: float = Field(default=2.0, ge=0, le=600)
    """How long its answers are measured before the soak begins."""
    new_log_errors: int = Field(default=0, ge=0)
    """How many lines that tell of an error its logs may gain."""
    soak_seconds: float = Field(default=300.0, ge=0, le=86_400)
    commands: tuple[Command, ...] = ()
    """Further commands, each of which must end with 0 while the new program runs; the same
    placeholders stand for paths."""
    command_seconds: float = Field(default=60.0, gt=0, le=3_600)

    @field_validator("commands")
    @classmethod
    def _known_placeholders(cls, commands: tuple[Command, ...]) -> tuple[Command, ...]:
        for command in commands:
            known_placeholders(command)
        return commands


class WindowSettings(Section):
    """When a deployment may begin; None or empty: always."""

    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ()
    begin: time | None = None
    end: time | None = None

    @field_validator("begin", "end", mode="before")
    @classmethod
    def _quoted(cls, given: object) -> object:
        # YAML 1.1 reads 02:00 without quotes as 120.
        if isinstance(given, int | float):
            raise ValueError('write the time in quotes, such as "02:00"')  # noqa: TRY004
        return given

    @model_validator(mode="after")
    def _both(self) -> WindowSettings:
        if (self.begin is None) != (self.end is None):
            raise ValueError("give both begin and end, or neither")
        return self


class DeploymentConfig(Section):
    """Everything about deployments of one trading program."""

    releases: Path = Path(FOLDER) / "releases"
    artefact: ArtefactSettings
    version: str | None = Field(default=None, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")
    """The name of the release for people; None: its tag, its file or its folder."""
    python: str | None = Field(default=None, pattern=r"^3\.\d{1,2}$")
    """The Python that the release runs on; None: the console's own."""
    start: Command
    """What starts it; not named: Python and the program's script.

    `{python}`, `{release}`, `{app}`, `{data}` and `{logs}` stand for their paths.
    """
    imports: tuple[Module, ...] | None = None
    """What the smoke test imports; None: the script that `start` names."""
    stage: Literal["development", "testing", "staging", "production"] = "production"
    environment: dict[Variable, Value] = Field(default={}, repr=False)
    """Over the variables that the profile names, which are always set."""
    data: Path | None = None
    """The data folder; None: where the guarded databases lie."""
    logs: Path | None = None
    """The log folder; None: `logs` of the program's folder."""
    directories: tuple[Path, ...] = ()
    """Further folders to make."""
    migrate: bool = False
    """Whether pending migrations are part of a deployment."""
    checks: CheckSettings = CheckSettings()
    verify: VerifySettings = VerifySettings()
    window: WindowSettings = WindowSettings()
    keep_releases: int = Field(default=5, ge=2, le=100)

    @field_validator("start")
    @classmethod
    def _known_placeholders(cls, command: tuple[str, ...]) -> tuple[str, ...]:
        return known_placeholders(command)

    @field_validator("environment")
    @classmethod
    def _not_ours(cls, environment: dict[str, str]) -> dict[str, str]:
        for name in environment:
            if name.startswith(("OPS_CONSOLE_", "UPBIT_OPS_")):
                raise ValueError(f"{name} belongs to the console")
        return environment


def config_path(settings: Settings) -> Path:
    """Return where the configuration of deployments lies."""
    return settings.app / FOLDER / FILE


def example_path(settings: Settings) -> Path:
    """Return the profile's commented default, else core's, in the operator's language."""
    folder = settings.examples or EXAMPLES
    path = folder / f"production_config.{settings.language}.yaml"
    return path if path.is_file() else folder / FILE


@dataclass(frozen=True)
class DeployInit:
    """Write the commented default beside the trading program; nothing is deployed by that."""

    settings: Settings
    kind: Kind = Kind.DEPLOY_INIT

    def run(self, _context: Context) -> Path:
        """Return where it lies; raises `OperationError` where there is one already."""
        path = config_path(self.settings)
        if path.exists() or path.is_symlink():
            raise OperationError(
                translate("deployment", "There is {path} already.", path=path),
                data_state=translate("deployment", "Nothing was touched."),
                to_do=translate("deployment", "Edit it, or move it away first."),
            )
        private_folder(path.parent)
        write_durably(path, example_path(self.settings).read_bytes())
        return path


def load_config(settings: Settings) -> DeploymentConfig:
    """Read and validate the configuration; paths in it are absolute afterwards.

    Raises `OperationError` that names file, key, value and what is allowed.
    """
    path = config_path(settings)
    if not path.exists():
        raise OperationError(
            translate("deployment", "There is no {path}.", path=path),
            data_state=translate("deployment", "Nothing was touched."),
            to_do=translate(
                "deployment",
                "Let 'deploy init' write a commented one, and say in it what is to be deployed.",
            ),
        )
    document = read_yaml(path)
    try:
        require_plain("", document)
        model = settings.deployment
        if model is None:
            document.setdefault("start", ["{python}", settings.program.script])
        config = (model or DeploymentConfig).model_validate(document)
        if not isinstance(config, DeploymentConfig):
            raise TypeError(f"{model} is no DeploymentConfig")
        return _absolute(settings, config)
    except (WrongValueError, ValidationError) as error:
        raise wrong_value(path, error) from error


def _absolute(settings: Settings, config: DeploymentConfig) -> DeploymentConfig:
    def resolve(key: str, path: Path, *, climbs: bool = False) -> Path:
        return located(settings.app, key, path, climbs=climbs)

    # What is only read may lie beside the program, what is written lies below it or is named whole.
    artefact = config.artefact
    checks = config.checks
    house = artefact.wheelhouse
    return config.model_copy(
        update={
            "releases": resolve("releases", config.releases),
            "artefact": artefact.model_copy(
                update={
                    "path": resolve("artefact.path", artefact.path, climbs=True),
                    "wheelhouse": resolve("artefact.wheelhouse", house, climbs=True)
                    if house is not None
                    else None,
                }
            ),
            "checks": checks.model_copy(
                update={
                    "junit": resolve("checks.junit", checks.junit, climbs=True)
                    if checks.junit
                    else None
                }
            ),
            "data": resolve("data", config.data) if config.data else data_folder(settings),
            "logs": resolve("logs", config.logs) if config.logs else settings.app / "logs",
            "directories": tuple(
                resolve(f"directories.{number}", path)
                for number, path in enumerate(config.directories)
            ),
        }
    )


def data_folder(settings: Settings) -> Path:
    """Return the folder of the guarded databases."""
    return settings.data_folder
