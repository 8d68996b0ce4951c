"""Which lines of a log tell of errors: those that say so, and whole tracebacks."""

from __future__ import annotations

import re

ERROR_LINE = re.compile(rb"\b(ERROR|CRITICAL|FATAL)\b|^Traceback \(most recent call last\)")
TRACEBACK = "Traceback (most recent call last)"


class ErrorLines:
    """Goes through a log line by line; it remembers whether a traceback is going on."""

    def __init__(self) -> None:
        self._within = False

    def tells(self, line: str) -> bool:
        """Whether *line*, the next one, tells of an error or belongs to one that does."""
        if line.startswith(TRACEBACK):
            self._within = True
            return True
        if self._within:
            # A traceback ends with the first line that is not indented: the exception.
            self._within = line.startswith((" ", "\t")) or not line
            return True
        return ERROR_LINE.search(line.encode()) is not None
