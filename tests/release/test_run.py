"""Real releases, deployed: after each the program runs, old or new, with its own data."""

from __future__ import annotations

from core.backup.models import Reason
from core.backup.store import Store
from core.base.journal import Outcome, entries
from core.program.find import find_program
from core.release.log import history_as_it_is
from core.release.models import Ending, RecordKind
from core.release.releases import deploy_status
from tests.release.conftest import Site


def test_a_good_release_goes_into_production(running: Site) -> None:
    rows = running.count()
    result = running.deploy(running.release("one"))
    assert running.version == "one"
    program = find_program(running.settings)
    assert program is not None and program.pid == result.program_pid
    assert program.environment["UPBIT_ENV"] == "production"
    assert program.environment["UPBIT_DB_PATH"] == program.environment["UPBIT_DATA_DIR"]
    assert running.count() == rows
    point = Store(running.settings.store).get(result.restore_point).point
    assert point.reason is Reason.BEFORE_DEPLOYMENT and point.sound
    status = deploy_status(running.settings)
    assert status.pointer is not None and status.pointer.release == result.release
    assert status.pointer.restore_point == result.restore_point
    assert status.running_pid == program.pid and status.interrupted is None
    (record,) = history_as_it_is(running.settings)[0]
    assert (record.kind, record.ending) == (RecordKind.DEPLOY, Ending.DONE)
    assert record.before is None and record.after == status.pointer
    assert result.report is not None and "<h2>Checks" in result.report.read_text(encoding="utf-8")
    names = [step.name for step in result.steps]
    order = ["check", "stage", "environment", "smoke", "prepare", "safety", "recheck",
             "stop", "save", "switch", "start", "verify", "soak"]  # fmt: skip
    assert [name for name in names if name in order] == order
    assert entries(running.settings)[0].outcome is Outcome.OK
