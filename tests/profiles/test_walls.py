"""What is Upbit's lies in its profile and its adapter: no other code names it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.base.config.models import Settings

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = re.compile(r"upbit[ _-]?ops|upbit_console_prepared|\"upbit\"", re.IGNORECASE)
"""The console's own name, and that of the profile that is taken unless another is named."""
UPBIT = re.compile(
    r"upbit|strateg|candle|market|\bkrw\b|cfg_|api_credentials|volatility|positions\b|"
    r"\borders\b|trading_cond|seven_rules|7-rule|기본 7규칙|domain_|run_desktop_ui",
    re.IGNORECASE,
)
# The page on which the operator assigns rows is shown for an adapter's conversions alone; the
# story is that of the practice program; pictures are of the practice workspace.
OF_UPBIT = {
    "ui/cli/demo.py", "ui/migration/choice.py", "ui/migration/deciding.py",
    "ui/migration/messages.py", "ui/migration/review_model.py",
    "migration/models.py", "migration/run/models.py", "migration/__init__.py",
}  # fmt: skip


def named(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if UPBIT.search(PRODUCT.sub("", line))]


@pytest.mark.parametrize("package", ["core", "migration", "ui"])
def test_nothing_but_the_adapter_names_what_is_upbits(package: str) -> None:
    found = {
        place: lines
        for path in sorted((ROOT / package).rglob("*.py"))
        if (place := path.relative_to(ROOT).as_posix()) not in OF_UPBIT
        and not place.startswith("migration/upbit/")
        and (lines := named(path))
    }
    assert not found


def test_the_exceptions_are_needed() -> None:
    assert {place for place in OF_UPBIT if not named(ROOT / place)} == set()


def test_the_helper_that_looks_into_databases_loads_little(settings: Settings) -> None:
    """It begins anew whenever it ends, and health is blind until it answers."""
    modules = ["core.monitoring.probes.helper", *(one.read.__module__ for one in settings.measures)]
    code = f"import sys, {', '.join(modules)}; print('pydantic' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.strip() == "False"
