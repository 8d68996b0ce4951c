"""Marks of tests for what one system alone does, each with its reason."""

from __future__ import annotations

import os
import sys

import pytest

from tests.links import makes_links

needs_mount = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounting a disk needs root on Linux"
)
needs_links = pytest.mark.skipif(not makes_links(), reason="this system makes no links for us")
no_open_file_is_replaced = pytest.mark.skipif(
    sys.platform == "win32", reason="a file that is open there is not replaced or removed"
)
no_ctrl_c = pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is not delivered on the rig")
no_restart_manager = pytest.mark.skipif(
    sys.platform == "win32", reason="the rig has no Restart Manager, which tells"
)
