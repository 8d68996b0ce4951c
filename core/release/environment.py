"""Python environments of releases: which Python, made by what, holding exactly what is pinned.

uv makes them where it is there, else Python's own `venv` and `pip` do.  No environment that
exists is ever changed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.base.bootstrap import find_uv
from core.base.entry import environment_python, is_built
from core.base.operation import Context
from core.base.owner import NO_WINDOW
from core.base.text import Text, decode, translate
from core.program.release import OURS
from core.release.artefact import digest_of_file, refused
from core.release.config import ArtefactSettings, DeploymentConfig

INSTALL_SECONDS = 1_800
LOOK_SECONDS = 60
SLICE_SECONDS = 0.05
TAIL = 600
"""How many characters of a failed command's words are shown."""

_FACTS = (
    "import json, sqlite3, sys; print(json.dumps(["
    "'.'.join(map(str, sys.version_info[:3])), sqlite3.sqlite_version]))"
)
_PINNED = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)(\[[^\]]*\])?\s*==\s*([^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Interpreter:
    """A Python, its version and that of its SQLite."""

    path: Path
    version: str
    sqlite: str


@dataclass(frozen=True)
class Requirement:
    """One pinned package and the hashes that it may have."""

    name: str
    version: str
    hashes: frozenset[str]


class Broken(Exception):  # noqa: N818 (the words of a command that failed)
    """A command failed; says what it said."""


def run_command(
    context: Context,
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    seconds: float = INSTALL_SECONDS,
) -> str:
    """Run *command* without a shell and return its output; raises `Broken`, `Cancelled`."""
    surroundings = clean_environment() if environment is None else dict(environment)
    try:
        process = subprocess.Popen(
            [str(word) for word in command], cwd=cwd, env=surroundings,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            encoding="utf-8", errors="replace", creationflags=NO_WINDOW,
        )  # fmt: skip
    except OSError as error:
        raise Broken(str(error)) from error
    waited = 0.0
    try:
        while True:
            try:
                output, _ = process.communicate(timeout=SLICE_SECONDS)
                break
            except subprocess.TimeoutExpired:
                waited += SLICE_SECONDS
                if waited >= seconds:
                    raise Broken(f"{command[0]}: no end within {seconds:g} s") from None
                context.check()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode:
        raise Broken(_tail(output) or f"{command[0]}: exit code {process.returncode}")
    return output


def _tail(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= TAIL else f"…{words[-TAIL:]}"


def clean_environment() -> dict[str, str]:
    """Return the console's environment without what would make another Python behave otherwise."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    # Where uv keeps its cache and which index it is set to is the operator's own decision.
    kept |= {name: value for name, value in os.environ.items() if name.startswith("UV_")}
    return kept | {"UV_PYTHON_DOWNLOADS": "never", "PYTHONDONTWRITEBYTECODE": "1"}


def find_interpreter(context: Context, config: DeploymentConfig) -> Interpreter:
    """Return the Python that releases are to run on; raises `OperationError` where it is not here.

    Never one that would have to be downloaded.
    """
    wanted = config.python or ".".join(map(str, sys.version_info[:2]))
    tried: list[str] = []
    for candidate in _candidates(context, wanted):
        try:
            answer = run_command(context, [candidate, "-I", "-c", _FACTS], seconds=LOOK_SECONDS)
            version, sqlite = json.loads(answer.strip().splitlines()[-1])
        except (Broken, ValueError, IndexError) as error:
            tried.append(f"{candidate}: {error}")
            continue
        if version.rsplit(".", 1)[0] == wanted:
            return Interpreter(Path(candidate), version, sqlite)
        tried.append(f"{candidate}: {version}")
    raise refused(
        translate("deployment", "There is no Python {wanted} here ({tried}).",
                  wanted=wanted, tried="; ".join(tried)[:TAIL] or "–")
    )  # fmt: skip


def _candidates(context: Context, wanted: str) -> list[str]:
    found: list[str | None] = []
    if not is_built() and ".".join(map(str, sys.version_info[:2])) == wanted:
        # The base, not the environment: one made on another would depend on it.
        found.append(getattr(sys, "_base_executable", None) or sys.executable)
    uv = find_uv()
    if uv:
        # Where it knows none the search goes on, and its end says so.
        with suppress(Broken):
            found.append(run_command(context, [uv, "python", "find", wanted], seconds=LOOK_SECONDS))
    found += [shutil.which(f"python{wanted}"), shutil.which("python3"), shutil.which("python")]
    lines = [path.strip() for path in found if path and path.strip()]
    return list(dict.fromkeys(lines))


def make_environment(context: Context, interpreter: Interpreter, folder: Path) -> str:
    """Make an empty environment in *folder* and return what made it; raises `Broken`."""
    uv = find_uv()
    if uv:
        run_command(context, [uv, "venv", "--quiet", "--python", interpreter.path, folder])
        return run_command(context, [uv, "--version"], seconds=LOOK_SECONDS).strip()
    run_command(context, [interpreter.path, "-m", "venv", folder])
    return f"venv {interpreter.version}"


def read_requirements(path: Path) -> tuple[Requirement, ...]:
    """Return what the requirements file pins.

    Raises `OperationError` for one that cannot be read or is not pinned to a version and a hash.
    """
    try:
        text = decode(path.read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        raise refused(
            translate("deployment", "{path} cannot be read: {why}", path=path, why=str(error))
        ) from error
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        plain = line.split(" #", 1)[0].strip()
        if not plain or plain.startswith("#"):
            continue
        match = _PINNED.match(plain)
        hashes = frozenset(_HASH.findall(plain))
        if match is None or not hashes:
            raise refused(
                translate("deployment", "{path}: '{line}' is not pinned to a version and a hash.",
                          path=path, line=plain[:120])
            )  # fmt: skip
        found.append(Requirement(match[1], match[3], hashes))
    return tuple(found)


def wheelhouse_problem(
    context: Context, requirements: Sequence[Requirement], house: Path
) -> Text | None:
    """Return what is missing in the wheelhouse or is not what was pinned, None where nothing is."""
    if not house.is_dir():
        return translate("deployment", "There is no folder {path}.", path=house)
    files = [path for path in sorted(house.iterdir()) if path.is_file()]
    hashes = {digest_of_file(context, path): path for path in files}
    for requirement in requirements:
        if requirement.hashes & hashes.keys():
            continue
        plain = re.sub(r"[-_.]+", "_", requirement.name).lower()
        beside = [
            path.name
            for path in files
            if re.sub(r"[-_.]+", "_", path.name.lower()).startswith(f"{plain}_")
        ]
        pinned = f"{requirement.name}=={requirement.version}"
        if beside:
            return translate(
                "deployment",
                "{file} does not have the hash that is pinned for {name}.",
                file=beside[0],
                name=pinned,
            )
        return translate("deployment", "{name} is not in {path}.", name=pinned, path=house)
    return None


def install(
    context: Context,
    python: Path,
    artefact: ArtefactSettings,
    *,
    requirements: Path | None,
    package: Path | None = None,
) -> None:
    """Install the pinned *requirements*, then *package*, into the environment of *python*.

    Everything that a package needs must be pinned too.  Raises `Broken`.
    """
    if requirements is not None and read_requirements(requirements):
        _install_pinned(context, python, artefact, requirements)
    if package is not None:
        run_command(context, [*_installer(python, artefact), "--no-deps", package])


def _install_pinned(
    context: Context, python: Path, artefact: ArtefactSettings, requirements: Path, *how: str
) -> None:
    words = [*_installer(python, artefact), *how, "--require-hashes", "-r", requirements]
    run_command(context, words)


def _installer(python: Path, artefact: ArtefactSettings) -> list[str | Path]:
    uv = find_uv()
    program: list[str | Path] = (
        [uv, "pip", "install", "--quiet", "--python", python]
        if uv
        else [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    )
    if artefact.wheelhouse is not None:
        program += ["--no-index", "--find-links", artefact.wheelhouse]
        program += ["--offline"] if uv else []
    return program


def resolve(
    context: Context,
    interpreter: Interpreter,
    artefact: ArtefactSettings,
    scratch: Path,
    requirements: Path | None,
    package: Path | None,
) -> str:
    """Resolve the pinned *requirements* and what *package* asks for, and return by what.

    Nothing is installed.  What the package asks for must be pinned with its hash, as everything
    else must.  Raises `Broken`, `OperationError`.
    """
    place = scratch / "env"
    tool = make_environment(context, interpreter, place)
    whole = requirements
    if package is not None:
        whole = scratch / "requirements.txt"
        text = decode(requirements.read_bytes()) if requirements is not None else ""
        pinned = f"{package.absolute().as_uri()} --hash=sha256:{digest_of_file(context, package)}"
        whole.write_text(f"{text}\n{pinned}\n", encoding="utf-8")
    if whole is not None:
        _install_pinned(context, environment_python(place), artefact, whole, "--dry-run")
    return tool


def consistent(context: Context, python: Path) -> None:
    """Raise `Broken` unless everything that is installed finds what it needs."""
    uv = find_uv()
    if uv:
        run_command(context, [uv, "pip", "check", "--quiet", "--python", python])
    else:
        run_command(context, [python, "-m", "pip", "check"])


def installed(context: Context, python: Path) -> tuple[str, ...]:
    """Return ``name==version`` of what the environment of *python* holds; raises `Broken`."""
    words = (
        "import importlib.metadata as m, json; print(json.dumps(sorted("
        "f\"{d.metadata['Name']}=={d.version}\" for d in m.distributions())))"
    )
    answer = run_command(context, [python, "-I", "-c", words], seconds=LOOK_SECONDS)
    return tuple(str(one) for one in json.loads(answer.strip().splitlines()[-1]))
