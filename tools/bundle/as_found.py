"""Runs in a built program before the hooks of its libraries: keeps the environment as found.

PyInstaller and the hook of PyQt6 point variables at the program's own libraries, which no other
program may load; `core.base.entry.restore_environment` takes that back.
https://pyinstaller.org/en/stable/runtime-information.html#ld-library-path-libpath-considerations
"""

import os
import sys

sys.environment_as_found = dict(os.environ)  # type: ignore[attr-defined]
