"""What is to be deployed: found, named by its hash, and copied with every byte compared.

A wheel or an sdist is read without unpacking or running anything of it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from core.base.cleanup import attempt
from core.base.config.models import Settings
from core.base.files import nearest_folder, private_folder
from core.base.folders import Use, scratch_folder
from core.base.operation import Context, OperationError, Unit
from core.base.owner import NO_WINDOW
from core.base.text import Text, translate
from core.program.release import Artefact
from core.release.config import DeploymentConfig

MOST_MEMBERS = 200_000


class Implausible(Exception):  # noqa: N818 (a package that is refused)
    """The package is not what a package can be; says why."""


def unpacked_size(context: Context, path: Path) -> int:
    """Return how many bytes the members of the wheel or sdist at *path* say they take.

    Raises `Implausible` where it cannot be read, or a member would lie outside of it.
    """
    total = 0
    try:
        for number, (name, size) in enumerate(_members(path)):
            context.check()
            if number >= MOST_MEMBERS:
                raise Implausible(f"it has more than {MOST_MEMBERS} members")
            if climbs_out(name):
                raise Implausible(f"{name[:120]!r} would lie outside of it")
            total += size
    except (
        OSError,
        zipfile.BadZipFile,
        tarfile.TarError,
        zlib.error,
        EOFError,
        ValueError,
    ) as error:
        raise Implausible(str(error)) from error
    return total


def _members(path: Path) -> Iterator[tuple[str, int]]:
    if path.name.endswith(".tar.gz"):
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                if member.issym() or member.islnk():
                    # A symbolic link is read from where it lies, a hard one from the top.
                    here = PurePosixPath(member.name).parent if member.issym() else PurePosixPath()
                    if _leaves(here, member.linkname):
                        raise Implausible(f"{member.name[:120]!r} links out of it")
                elif not (member.isreg() or member.isdir()):
                    raise Implausible(f"{member.name[:120]!r} is no plain file")
                yield member.name, max(0, member.size)
    else:
        with zipfile.ZipFile(path) as wheel:
            for entry in wheel.infolist():
                yield entry.filename, entry.file_size


def climbs_out(name: str) -> bool:
    """Whether *name*, unpacked somewhere, would lie elsewhere, on any system."""
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    return (
        posix.is_absolute()
        or bool(windows.drive or windows.root)
        or ".." in posix.parts
        or ".." in windows.parts
    )


def _leaves(base: PurePosixPath, link: str) -> bool:
    if PurePosixPath(link).is_absolute():
        return True
    depth = len(base.parts)
    for part in PurePosixPath(link).parts:
        depth += -1 if part == ".." else 1
        if depth < 0:
            return True
    return False


def top_modules(path: Path) -> tuple[str, ...]:
    """Return what can be imported of the wheel at *path*; nothing of an sdist, which has to be
    built first."""
    if not path.name.endswith(".whl"):
        return ()
    with zipfile.ZipFile(path) as wheel:
        names = [PurePosixPath(name) for name in wheel.namelist()]
    found = {
        name.parts[0] for name in names if len(name.parts) == 2 and name.parts[1] == "__init__.py"
    } | {name.stem for name in names if len(name.parts) == 1 and name.suffix == ".py"}
    return tuple(sorted(one for one in found if re.fullmatch(r"[A-Za-z_]\w*", one)))


BLOCK = 1 << 20
GIT_SECONDS = 300
PACKAGES = (".whl", ".tar.gz", ".zip")
# A folder that somebody works in holds more than a release: the data, logs and keys of whoever
# tries it out, and environments.  None of these is ever part of a release.
LEFT_OUT = frozenset(
    {".git", ".venv", "venv", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
)
LEFT_OUT_AT_TOP = (
    PurePosixPath("data"), PurePosixPath("logs"), PurePosixPath("backups"),
    PurePosixPath("deployment"), PurePosixPath("config/secure"),
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """An artefact that lies at `root`, with the SHA-256 of each of its files."""

    artefact: Artefact
    root: Path
    """The folder of the files; of a package the folder that holds it."""
    files: dict[str, str]


@contextmanager
def open_artefact(
    context: Context, settings: Settings, config: DeploymentConfig
) -> Iterator[Found]:
    """Find the artefact that *config* names and hash it; a tag is unpacked meanwhile.

    Raises `OperationError` when it is not there or not what a release can be.
    """
    named = config.artefact
    match named.kind:
        case "package":
            yield _package(context, config)
        case "folder":
            if not named.path.is_dir():
                raise refused(translate("deployment", "There is no folder {path}.",
                                        path=named.path))  # fmt: skip
            yield _tree(context, config, named.path, None)
        case "git":
            with scratch_folder(settings, Use.RELEASE) as scratch:
                folder = private_folder(scratch / "tree")
                commit = _unpack_tag(config, folder)
                yield _tree(context, config, folder, commit)


def copy_files(context: Context, found: Found, target: Path) -> None:
    """Copy the files to *target*, durably; raises `OperationError` when one is not as hashed."""
    done = 0
    for name, digest in found.files.items():
        context.check()
        destination = target / name
        destination.parent.mkdir(parents=True, exist_ok=True)
        sha = hashlib.sha256()
        with (found.root / name).open("rb") as source, destination.open("xb") as copy:
            while block := source.read(BLOCK):
                sha.update(block)
                done += copy.write(block)
                context.progress(
                    done, found.artefact.size, Unit.BYTES,
                    translate("deployment", "Copying {name}", name=name),
                )  # fmt: skip
            copy.flush()
            os.fsync(copy.fileno())
        if sha.hexdigest() != digest:
            raise refused(translate("deployment", "{path} changed while it was copied.", path=name))
        shutil.copymode(found.root / name, destination)


def digest_of_files(files: dict[str, str]) -> str:
    """Return the hash of a folder: SHA-256 of the lines that `sha256sum` prints, sorted by path."""
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def digest_of_file(context: Context, path: Path) -> str:
    """Return the SHA-256 of the file at *path*."""
    sha = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            context.check()
            sha.update(block)
    return sha.hexdigest()


def _package(context: Context, config: DeploymentConfig) -> Found:
    path = config.artefact.path
    if not path.is_file() or not path.name.endswith(PACKAGES) or is_unprintable(path.name):
        raise refused(translate("deployment", "{path} is no wheel and no sdist.", path=path))
    try:
        unpacked = unpacked_size(context, path)
    except Implausible as error:
        raise refused(
            translate("deployment", "{path} cannot be used: {why}", path=path, why=str(error))
        ) from error
    _require_room(config, unpacked)
    digest = digest_of_file(context, path)
    artefact = Artefact(
        kind="package",
        source=str(path),
        version=config.version or path.name,
        digest=digest,
        size=path.stat().st_size,
        unpacked=unpacked,
    )
    return Found(artefact, path.parent, {path.name: digest})


def _tree(context: Context, config: DeploymentConfig, root: Path, commit: str | None) -> Found:
    files: dict[str, str] = {}
    size = 0
    try:
        paths = sorted(_walk(root))
        for path in paths:
            context.check()
            if is_unprintable(path.relative_to(root).as_posix()):
                raise refused(
                    translate("deployment", "The name {path} cannot be part of a release.",
                              path=ascii(path.name))
                )  # fmt: skip
            if path.is_symlink() or not path.is_file():
                raise refused(
                    translate("deployment", "{path} is a link or no plain file.", path=path)
                )
            size += path.stat().st_size
        # Before a byte is read: a file may claim more than it holds, or than there is room for.
        _require_room(config, size)
        for path in paths:
            files[path.relative_to(root).as_posix()] = digest_of_file(context, path)
    except OSError as error:
        raise refused(
            translate("deployment", "The release cannot be read: {why}", why=str(error))
        ) from error
    if not files:
        raise refused(translate("deployment", "{path} is empty.", path=root))
    settings = config.artefact
    name = settings.tag or settings.path.resolve().name
    artefact = Artefact(
        kind=settings.kind,
        source=str(settings.path),
        version=config.version or "".join(c if c.isprintable() else "?" for c in name),
        digest=digest_of_files(files),
        commit=commit,
        size=size,
    )
    return Found(artefact, root, files)


def is_unprintable(name: str) -> bool:
    """Whether *name* holds what no line of text can: ends of lines, escapes, bytes that are none
    of UTF-8."""
    return any(
        ord(letter) < 32 or ord(letter) == 127 or 0xD800 <= ord(letter) <= 0xDFFF
        for letter in name
    )  # fmt: skip


def _require_room(config: DeploymentConfig, size: int) -> None:
    place = nearest_folder(config.releases)
    free = shutil.disk_usage(place).free
    if size > free:
        raise refused(
            translate("deployment",
                      "The release says that it takes {size_bytes}; {path} has {free_bytes} free.",
                      size_bytes=size, path=place, free_bytes=free)
        )  # fmt: skip


def _walk(root: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(root, onerror=_unreadable):
        here = Path(folder)
        place = PurePosixPath(here.relative_to(root).as_posix())
        linked = [name for name in names if (here / name).is_symlink()]
        names[:] = [
            name
            for name in names
            if name not in LEFT_OUT and place / name not in LEFT_OUT_AT_TOP and name not in linked
        ]
        # A linked folder is told of like a linked file, unless it would be left out anyway.
        for name in linked:
            if name not in LEFT_OUT and place / name not in LEFT_OUT_AT_TOP:
                yield here / name
        for name in files:
            if not name.endswith((".pyc", ".pyo")):
                yield here / name


def _unreadable(error: OSError) -> None:
    """Let a folder that may not be read be a failure: half a release is none."""
    raise error


def _unpack_tag(config: DeploymentConfig, folder: Path) -> str:
    repository, tag = config.artefact.path, config.artefact.tag
    if not repository.is_dir():
        raise refused(translate("deployment", "There is no folder {path}.", path=repository))
    commit = _git(repository, "rev-parse", "--verify", f"refs/tags/{tag}^{{commit}}").strip()
    for line in _git(repository, "ls-tree", "-r", "-z", commit).split("\0"):
        if line.startswith("160000 "):
            raise refused(
                translate("deployment",
                          "The tag {tag} holds another repository, {path}: its files would be "
                          "missing.", tag=str(tag), path=line.partition("\t")[2])
            )  # fmt: skip
    tar = folder.with_name(f"{folder.name}.tar")
    try:
        _git(repository, "archive", "--format=tar", f"--output={tar}", commit)
        with tarfile.open(tar) as archive:
            for member in archive:
                _unpack(archive, member, folder)
    except (tarfile.TarError, OSError) as error:
        raise refused(
            translate("deployment", "The tag {tag} cannot be unpacked: {why}",
                      tag=str(tag), why=str(error))
        ) from error  # fmt: skip
    finally:
        attempt(tar.unlink, missing_ok=True)
    return commit


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Write *member* below *folder*, or raise `tarfile.TarError` where it would leave it.

    What `tarfile.data_filter` allows, for Pythons before 3.11.4 that do not have it: folders,
    files and links that stay inside, with the owner of this process and no right to write for
    others.
    """
    root = folder.resolve()
    place = root / member.name
    if place.name == ".." or not place.parent.resolve().is_relative_to(root):
        raise tarfile.TarError(f"{member.name} leads out of the release")
    if member.isdir():
        place.mkdir(parents=True, exist_ok=True)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    if member.issym():
        aim = place.parent.resolve() / member.linkname
        if not Path(os.path.normpath(aim)).is_relative_to(root):
            raise tarfile.TarError(f"{member.name} leads out of the release")
        place.symlink_to(member.linkname)
        return
    content = archive.extractfile(member) if member.isreg() else None
    if content is None:
        raise tarfile.TarError(f"{member.name} is no plain file")
    with content, place.open("xb") as file:
        shutil.copyfileobj(content, file, BLOCK)
    place.chmod(0o755 if member.mode & 0o100 else 0o644)


def _git(repository: Path, *arguments: str) -> str:
    # Which repository is meant is said by the configuration, not by the console's surroundings.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", "-C", str(repository), "-c", "core.fsmonitor=false", *arguments],
            capture_output=True, encoding="utf-8", errors="replace", check=False,
            timeout=GIT_SECONDS, stdin=subprocess.DEVNULL, creationflags=NO_WINDOW,
            env=kept | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise refused(translate("deployment", "git: {why}", why=str(error))) from error
    if done.returncode:
        raise refused(translate("deployment", "git: {why}", why=done.stderr.strip()[-500:]))
    return done.stdout


def refused(happened: Text) -> OperationError:
    """Return the failure of something that is found before anything is touched."""
    return OperationError(
        happened,
        data_state=translate("deployment", "Nothing was touched: what ran, runs."),
        to_do=translate(
            "deployment", "Correct the release or {file}, then try again.",
            file="production_config.yaml",
        ),
    )  # fmt: skip
