"""On Windows: who may use a file may use what a rollback puts in its place."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.config.models import Settings
from core.base.operation import Context
from core.base.rights_windows import give_access_list, make_private
from core.switchover.rollback import Rollback
from tests.rights import access_list, descriptor

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="lists of access are Windows'")
LISTS = ["D:P(A;;FA;;;{me})", "D:P(A;;FA;;;{me})(A;;FR;;;WD)", "D:P(A;;FA;;;{me})(A;;FA;;;WD)"]
"""The owner alone; others read; others write, too."""


@pytest.mark.parametrize("wanted", LISTS)
def test_what_is_put_in_is_for_whom_it_was(settings: Settings, tmp_path: Path, wanted: str) -> None:
    make_private(tmp_path / "mine")
    (me,) = re.findall(r";;;(S-[\d-]+)\)", access_list(tmp_path / "mine"))
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    paths = [settings.file(name).path for name in ("settings", "api_credentials")]
    for path in paths:
        give_access_list(path, descriptor(wanted.format(me=me)))
    former = {path: access_list(path) for path in paths}
    Rollback(settings, point.id).run(Context())
    assert {path: access_list(path) for path in paths} == former
