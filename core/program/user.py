"""As whom the trading program runs, so that it is started as that user again.

Root alone can start it as another user; any other console refuses to stop what it could not start.
On Windows a program runs as who started it, and nothing here applies.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from core.base.config.models import Settings
from core.base.files import nearest_folder
from core.base.operation import OperationError
from core.base.rights import is_root, user_name
from core.base.text import translate
from core.program.models import Program, User
from core.promote.condition import describe_live

if sys.platform != "win32":
    import pwd

_OF_A_SESSION = frozenset(
    {
        "DBUS_SESSION_BUS_ADDRESS", "ICEAUTHORITY", "LOGNAME", "MAIL", "OLDPWD", "SSH_AUTH_SOCK",
        "SUDO_COMMAND", "SUDO_GID", "SUDO_HOME", "SUDO_UID", "SUDO_USER", "USER", "USERNAME",
        "XAUTHORITY", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR",
        "XDG_SESSION_ID", "XDG_STATE_HOME",
    }
)  # fmt: skip
"""Variables that lead into somebody's own session or folders: of no use to another user."""


def user_of(process: psutil.Process) -> User | None:
    """Return as whom *process* runs; None on Windows."""
    if sys.platform == "win32":
        return None
    with process.oneshot():
        uid, gid = process.uids().effective, process.gids().effective
    return User(uid=uid, gid=gid, groups=_groups_of(process.pid, uid, gid))


def user_of_data(settings: Settings) -> User | None:
    """Return to whom the databases belong, or their folder; None on Windows."""
    if sys.platform == "win32":
        return None
    there = [file.path for file in settings.databases if file.path.is_file()]
    status = (there[0] if there else nearest_folder(settings.data_folder)).stat()
    return _user(status.st_uid, status.st_gid)


def _user(uid: int, gid: int) -> User:
    if sys.platform != "win32":
        with suppress(KeyError):
            entry = pwd.getpwuid(uid)
            return User(
                uid=uid, gid=entry.pw_gid,
                groups=tuple(os.getgrouplist(entry.pw_name, entry.pw_gid)),
            )  # fmt: skip
    return User(uid=uid, gid=gid, groups=(gid,))


def _groups_of(pid: int, uid: int, gid: int) -> tuple[int, ...]:
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("Groups:"):
                return tuple(int(group) for group in line.split()[1:])
    return _user(uid, gid).groups


def may_act_for(user: User | None) -> bool:
    """Whether this console may stop and start programs of *user*."""
    return user is None or sys.platform == "win32" or is_root() or user.uid == os.geteuid()


def require_ours(settings: Settings, programs: Sequence[Program]) -> None:
    """Raise `OperationError` where one of *programs* is another user's, whom this one is not."""
    for program in programs:
        require_may_act_for(settings, program.user)


def require_may_act_for(settings: Settings, user: User | None) -> None:
    """Raise `OperationError` unless this console may stop and start programs of *user*."""
    if user is not None and sys.platform != "win32" and not may_act_for(user):
        raise OperationError(
            translate(
                "services",
                "The trading program runs as {user}; this console runs as {me}, who can neither "
                "stop nor start it.",
                user=user_name(user.uid), me=user_name(os.geteuid()),
            ),
            data_state=describe_live(settings),
            to_do=translate(
                "services", "Run the console as {user}, or as root.", user=user_name(user.uid)
            ),
        )  # fmt: skip


def surroundings_of(user: User, environment: Mapping[str, str]) -> dict[str, str]:
    """Return *environment* for *user*: nothing in it leads to what is this process's own."""
    if sys.platform == "win32" or user.uid == os.geteuid():
        return dict(environment)
    theirs = {
        name: value
        for name, value in environment.items()
        if name not in _OF_A_SESSION or os.environ.get(name) != value
    }
    try:
        entry = pwd.getpwuid(user.uid)
    except KeyError:
        own = {"HOME": "/"}
    else:
        own = {"HOME": entry.pw_dir, "USER": entry.pw_name, "LOGNAME": entry.pw_name,
               "SHELL": entry.pw_shell}  # fmt: skip
    for name, value in own.items():
        if name not in theirs or theirs[name] == os.environ.get(name):
            theirs[name] = value
    return theirs
