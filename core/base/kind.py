"""What kinds of operation there are; whatever is decided about one is asked of its kind."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TypeAlias

from core.base.text import Text, translate


class Effect(Enum):
    """What an operation is to the workspace: who may run beside what was cut off follows from it.

    Nothing that only looks, frees space or stops the program is ever kept waiting by a recovery
    that cannot be completed: it may be the remedy.
    """

    LOOK = "look"
    """Leaves store, live data and program as they are."""
    STORE = "store"
    """Reads or writes restore points, never the live data."""
    ROOM = "room"
    """Frees space."""
    CAPTURE = "capture"
    """Makes something of the live data, and leaves it as it is."""
    STOP = "stop"
    """Stops the program."""
    START = "start"
    """Starts the program on the live data."""
    CHANGE = "change"
    """Changes the live data, or what is in production."""
    RECOVER = "recover"
    """Finishes or undoes what was cut off."""

    @property
    def needs_whole_set(self) -> bool:
        """Whether it is refused while the live files are not all of one set."""
        return self in {Effect.CAPTURE, Effect.START, Effect.CHANGE}

    @property
    def needs_recovery(self) -> bool:
        """Whether it is refused until everything that was cut off is finished or undone."""
        return self is Effect.CHANGE

    @property
    def needs_journal(self) -> bool:
        """Whether it is refused where it cannot be written down, as on a full disk."""
        return self is Effect.CHANGE

    @property
    def is_remedy(self) -> bool:
        """Whether it gets the room that is kept for the day when there is none."""
        return self in {Effect.ROOM, Effect.STOP, Effect.RECOVER}


class Tab(StrEnum):
    """Where in the window an operation belongs."""

    BACKUP = "backup"
    ROLLBACK = "rollback"
    MIGRATION = "migration"
    HEALTH = "health"
    DEPLOYMENT = "deployment"
    PROGRAM = "program"
    """The panel of the program, beside the deployments."""


_Facts: TypeAlias = "tuple[str, Effect, Tab, Text | None, bool, bool]"


def _of(
    words: str,
    effect: Effect,
    tab: Tab,
    label: Text | None = None,
    *,
    replaces_data: bool = False,
    goes_back: bool = False,
) -> _Facts:
    return words, effect, tab, label, replaces_data, goes_back


class Kind(StrEnum):
    """A kind of operation; its value is the command, as the journal has it."""

    effect: Effect
    """What it is to the workspace."""
    tab: Tab
    label: Text | None
    """The operator's word for it; None: it is not journalled."""
    replaces_data: bool
    """Whether other data is live afterwards."""
    goes_back: bool
    """Whether what is live afterwards was live before."""

    def __new__(
        cls,
        words: str,
        effect: Effect,
        tab: Tab,
        label: Text | None,
        replaces_data: bool,
        goes_back: bool,
    ) -> Kind:
        """Let the member be the text of its command, and have the facts as attributes."""
        kind = str.__new__(cls, words)
        kind._value_ = words
        kind.effect, kind.tab, kind.label = effect, tab, label
        kind.replaces_data, kind.goes_back = replaces_data, goes_back
        return kind

    BACKUP_CREATE = _of(
        "backup create", Effect.CAPTURE, Tab.BACKUP, translate("operations", "Backup")
    )
    BACKUP_VERIFY = _of(
        "backup verify", Effect.STORE, Tab.BACKUP, translate("operations", "Verification")
    )
    BACKUP_EXPORT = _of(
        "backup export", Effect.STORE, Tab.BACKUP, translate("operations", "Export")
    )
    BACKUP_IMPORT = _of(
        "backup import", Effect.STORE, Tab.BACKUP, translate("operations", "Import")
    )
    BACKUP_PIN = _of("backup pin", Effect.STORE, Tab.BACKUP, translate("operations", "Pin or note"))
    BACKUP_COPY = _of(
        "backup copy",
        Effect.STORE,
        Tab.BACKUP,
        translate("operations", "Copy to or from another disk"),
    )
    BACKUP_PRUNE = _of("backup prune", Effect.ROOM, Tab.BACKUP, translate("operations", "Pruning"))
    BACKUP_DELETE = _of(
        "backup delete", Effect.ROOM, Tab.BACKUP, translate("operations", "Deletion")
    )
    BACKUP_DIFF = _of("backup diff", Effect.LOOK, Tab.BACKUP, translate("operations", "Comparison"))
    ROLLBACK = _of(
        "rollback",
        Effect.CHANGE,
        Tab.ROLLBACK,
        translate("operations", "Rollback"),
        replaces_data=True,
        goes_back=True,
    )
    ROLLBACK_PLAN = _of("rollback plan", Effect.LOOK, Tab.ROLLBACK)
    RECOVER = _of("recover", Effect.RECOVER, Tab.ROLLBACK, translate("operations", "Recovery"))
    VERIFY_DATA = _of("verify data", Effect.LOOK, Tab.HEALTH)
    VERIFY_ROLLBACK = _of("verify rollback", Effect.LOOK, Tab.HEALTH)
    VERIFY_SYSTEM = _of("verify system", Effect.LOOK, Tab.HEALTH)
    MIGRATE_REHEARSE = _of(
        "migrate rehearse",
        Effect.CAPTURE,
        Tab.MIGRATION,
        translate("operations", "Rehearsal of the migration"),
    )
    MIGRATE_RUN = _of(
        "migrate run",
        Effect.CHANGE,
        Tab.MIGRATION,
        translate("operations", "Migration"),
        replaces_data=True,
    )
    MIGRATE_UNDO = _of(
        "migrate undo",
        Effect.CHANGE,
        Tab.MIGRATION,
        translate("operations", "Undoing the migration"),
        replaces_data=True,
        goes_back=True,
    )
    MIGRATE_REPAIR = _of(
        "migrate repair",
        Effect.CHANGE,
        Tab.MIGRATION,
        translate("operations", "Repair of the history"),
    )
    MIGRATE_BASELINE = _of(
        "migrate baseline",
        Effect.CHANGE,
        Tab.MIGRATION,
        translate("operations", "Baseline of the history"),
    )
    MIGRATE_EXPORT = _of("migrate export", Effect.LOOK, Tab.MIGRATION)
    MIGRATE_PLAN = _of("migrate plan", Effect.LOOK, Tab.MIGRATION)
    MIGRATE_PREFLIGHT = _of("migrate preflight", Effect.LOOK, Tab.MIGRATION)
    MIGRATE_REPORT = _of("migrate report", Effect.LOOK, Tab.MIGRATION)
    MIGRATE_STANDING = _of("migrate standing", Effect.LOOK, Tab.MIGRATION)
    MIGRATE_STATUS = _of("migrate status", Effect.LOOK, Tab.MIGRATION)
    MIGRATE_UNDO_PLAN = _of("migrate undo plan", Effect.LOOK, Tab.MIGRATION)
    MIGRATE_VERIFY = _of("migrate verify", Effect.LOOK, Tab.MIGRATION)
    DEPLOY_INIT = _of(
        "deploy init",
        Effect.LOOK,
        Tab.DEPLOYMENT,
        translate("operations", "Deployment configuration"),
    )
    DEPLOY_REHEARSE = _of(
        "deploy rehearse",
        Effect.CAPTURE,
        Tab.DEPLOYMENT,
        translate("operations", "Rehearsal of the deployment"),
    )
    DEPLOY_RUN = _of(
        "deploy run",
        Effect.CHANGE,
        Tab.DEPLOYMENT,
        translate("operations", "Deployment"),
        replaces_data=True,
    )
    DEPLOY_ROLLBACK = _of(
        "deploy rollback",
        Effect.CHANGE,
        Tab.DEPLOYMENT,
        translate("operations", "Return to the former release"),
        replaces_data=True,
        goes_back=True,
    )
    DEPLOY_PLAN = _of("deploy plan", Effect.LOOK, Tab.DEPLOYMENT)
    DEPLOY_RECOVER = _of("deploy recover", Effect.CHANGE, Tab.DEPLOYMENT)
    SERVICE_START = _of(
        "service start", Effect.START, Tab.PROGRAM, translate("operations", "Program start")
    )
    SERVICE_STOP = _of(
        "service stop", Effect.STOP, Tab.PROGRAM, translate("operations", "Program stop")
    )
    SERVICE_RESTART = _of(
        "service restart", Effect.START, Tab.PROGRAM, translate("operations", "Program restart")
    )
    SERVICE_SUPERVISE = _of(
        "service supervise",
        Effect.START,
        Tab.PROGRAM,
        translate("operations", "Supervision of the program"),
    )
    SERVICE_INSTALL = _of(
        "service install",
        Effect.START,
        Tab.PROGRAM,
        translate("operations", "Installation of the supervisor"),
    )
    SERVICE_REMOVE = _of(
        "service remove",
        Effect.STOP,
        Tab.PROGRAM,
        translate("operations", "Removal of the supervisor"),
    )
    HEALTH_HISTORY = _of("health history", Effect.LOOK, Tab.HEALTH)
    MONITOR = _of("monitor", Effect.LOOK, Tab.HEALTH)

    @property
    def changes_release(self) -> bool:
        """Whether it changes what is in production together with the data."""
        return self.tab is Tab.DEPLOYMENT and self.effect is Effect.CHANGE

    @property
    def may_stop_program(self) -> bool:
        """Whether the program may be down, or its files on the move, while it runs."""
        return self.effect in {Effect.CHANGE, Effect.RECOVER, Effect.START, Effect.STOP}


def kind_of(words: str) -> Kind | None:
    """Return the kind of what the journal or the lock calls *words*; None: of another version."""
    return _BY_WORDS.get(words)


_BY_WORDS = {str(kind): kind for kind in Kind}
