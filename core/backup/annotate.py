"""Changes what an operator may change about a restore point: its note and its pin."""

from __future__ import annotations

from dataclasses import dataclass

from core.backup.models import Annotations
from core.backup.store import Store
from core.base.config.models import Settings
from core.base.operation import Context, Kind


@dataclass(frozen=True)
class AnnotateRestorePoint:
    """Change note or pin; what is None stays as it is."""

    settings: Settings
    point_id: str
    note: str | None = None
    pinned: bool | None = None
    kind: Kind = Kind.BACKUP_PIN

    def run(self, context: Context) -> Annotations:
        """Return the annotations as they are afterwards."""
        context.check()
        return Store(self.settings.store).annotate(
            self.point_id, note=self.note, pinned=self.pinned
        )
