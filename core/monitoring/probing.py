"""All probes of a workspace together."""

from __future__ import annotations

from core.base.config.models import Settings
from core.monitoring.probes.client import Helper
from core.monitoring.probes.databases import DatabaseProbe, Shared
from core.monitoring.probes.guard import GuardProbe
from core.monitoring.probes.logs import LogProbe
from core.monitoring.probes.machine import DiskProbe, DisksProbe, MachineProbe
from core.monitoring.probes.place import PlaceProbe
from core.monitoring.probes.program import HoldersProbe, ProgramProbe
from core.monitoring.probes.shape import Probe


def make_probes(settings: Settings, helper: Helper) -> list[Probe]:
    """Return the probes of *settings*; the databases' share *helper*, which the caller closes."""
    program = ProgramProbe(settings)
    shared: Shared = {}
    return [
        MachineProbe(),
        DiskProbe.of_data(settings),
        DiskProbe.of_store(settings),
        DisksProbe.of_files(settings),
        DisksProbe.of_copies(settings),
        PlaceProbe(settings),
        program,
        *(DatabaseProbe(settings, file, helper, shared) for file in settings.databases),
        HoldersProbe(settings, program),
        LogProbe(settings, program),
        GuardProbe(settings),
    ]
