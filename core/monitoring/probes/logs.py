"""The error rate in the trading program's logs."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from pathlib import Path

from core.base.config.models import Settings
from core.monitoring.models import Moment, Reading
from core.monitoring.probes.program import ProgramProbe
from core.program.tail import ERROR_LINE

READ_LIMIT = 256 * 1024
MAX_LOGS = 8
LIST_SECONDS = 10.0
WINDOW_SECONDS = 60.0


class LogWatch:
    """Counts the lines that tell of errors as they are appended to the program's logs."""

    def __init__(self, folder: Path) -> None:
        """Watch *folder*; what its logs held before is not counted."""
        self.folder = folder
        self._places: dict[Path, tuple[int, int]] = {}
        self._begun: float | None = None
        self._listed: float | None = None
        self._logs: list[Path] = []
        self._errors: deque[tuple[float, int]] = deque()

    def look(self, now: float) -> float | None:
        """Return the errors of the last minute; *now* is monotonic.  None: there is no folder."""
        if self._listed is None or now - self._listed >= LIST_SECONDS:
            self._listed = now
            self._logs = _newest_logs(self.folder)
            self._places = {log: place for log, place in self._places.items() if log in self._logs}
        if not self._logs and not self.folder.is_dir():
            return None
        found = sum(self._appended(log) for log in self._logs)
        self._begun = now if self._begun is None else self._begun
        if found:
            self._errors.append((now, found))
        while self._errors and self._errors[0][0] <= now - WINDOW_SECONDS:
            self._errors.popleft()
        return float(sum(count for _, count in self._errors))

    def _appended(self, log: Path) -> int:
        try:
            status = log.stat()
        except OSError:
            return 0
        inode, size = status.st_ino, status.st_size
        known = self._places.get(log)
        if known is None or known[0] != inode or size < known[1]:
            # A log that came to be while we watch is read from its beginning.
            begin = size if self._begun is None else 0
        else:
            begin = known[1]
        begin = max(begin, size - READ_LIMIT)
        if begin >= size:
            self._places[log] = (inode, size)
            return 0
        try:
            with log.open("rb") as file:
                file.seek(begin)
                text = file.read(size - begin)
        except OSError:
            return 0
        whole = text.rfind(b"\n") + 1
        self._places[log] = (inode, begin + whole)
        return sum(1 for line in text[:whole].splitlines() if ERROR_LINE.search(line))


def _newest_logs(folder: Path) -> list[Path]:
    found = []
    for path in folder.glob("*.log"):
        with suppress(OSError):  # removed meanwhile
            found.append((path.stat().st_mtime_ns, path))
    return [path for _, path in sorted(found, reverse=True)[:MAX_LOGS]]


class LogProbe:
    """The error rate in the program's logs."""

    name = "logs"

    def __init__(self, settings: Settings, program: ProgramProbe) -> None:
        self._default = settings.app / settings.health.logs
        self._program = program
        self._watch = LogWatch(self._default)

    def due(self, monotonic: float) -> bool:
        """At every tick."""
        return True

    def measure(self, moment: Moment) -> Reading:
        """Count the errors of the last minute."""
        folder = self._program.logs or self._default
        if folder != self._watch.folder:
            self._watch = LogWatch(folder)
        errors = self._watch.look(moment.monotonic)
        return Reading({} if errors is None else {"log_errors_per_minute": errors})
