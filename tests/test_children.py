"""No console window flashes up on Windows, whatever the console starts."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
IN_ITS_TERMINAL = {"core/base/bootstrap.py"}
"""It runs before there is a window, and what it starts talks to who typed the command."""


def _starts(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"run", "Popen", "call", "check_call", "check_output"}
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "subprocess"
    )


def test_every_child_is_started_without_a_window() -> None:
    started, shown = 0, []
    for folder in ("core", "migration", "ui"):
        for path in (ROOT / folder).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if name in IN_ITS_TERMINAL:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not _starts(node):
                    continue
                started += 1
                given = {keyword.arg for keyword in node.keywords}  # type: ignore[attr-defined]
                if not given & {"creationflags", None}:  # None: `**detached`, which has it
                    shown.append(f"{name}:{node.lineno}")  # type: ignore[attr-defined]
    assert started > 5 and shown == []


def test_a_worker_steps_back() -> None:
    code = (
        "import psutil; from core.base.owner import lower_priority; "
        "before = psutil.Process().nice(); lower_priority(); "
        "print(int(before), int(psutil.Process().nice()))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    before, after = map(int, ran.stdout.split())
    if sys.platform == "win32":
        assert after == psutil.BELOW_NORMAL_PRIORITY_CLASS
    else:
        assert after > before or before >= 15
