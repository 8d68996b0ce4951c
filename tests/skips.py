"""Marks of tests for what one system alone does, each with its reason."""

from __future__ import annotations

import sys

import pytest

no_open_file_is_replaced = pytest.mark.skipif(
    sys.platform == "win32", reason="a file that is open there is not replaced or removed"
)
no_ctrl_c = pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is not delivered on the rig")
no_restart_manager = pytest.mark.skipif(
    sys.platform == "win32", reason="the rig has no Restart Manager, which tells"
)
