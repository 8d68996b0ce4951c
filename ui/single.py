"""One window a workspace: a second start raises the first."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PyQt6.QtCore import QLockFile, QObject, pyqtSignal
from PyQt6.QtNetwork import QLocalServer, QLocalSocket

from core.base.folders import make_home

ANSWER_MS = 2_000


class SingleInstance(QObject):
    """Holds the place of the first window for the workspace whose console lives in *home*."""

    raised = pyqtSignal()
    """Somebody started the console again."""

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        digest = hashlib.sha256(str(home).encode()).hexdigest()[:16]
        self._name = f"upbit-ops-console-{digest}"
        self._lock = QLockFile(str(make_home(home) / "window.lock"))
        # A lock of a process that is gone is broken by itself; one of a living one never is.
        self._lock.setStaleLockTime(0)
        self.first = self._lock.tryLock(0)
        self._server = QLocalServer(self)
        if self.first:
            self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
            QLocalServer.removeServer(self._name)
            self._server.listen(self._name)
            self._server.newConnection.connect(self._knocked)

    def raise_first(self) -> None:
        """Ask the first window to come forward."""
        socket = QLocalSocket(self)
        socket.connectToServer(self._name)
        socket.waitForConnected(ANSWER_MS)
        socket.disconnectFromServer()

    def _knocked(self) -> None:
        connection = self._server.nextPendingConnection()
        if connection is not None:
            connection.close()
        self.raised.emit()

    def release(self) -> None:
        """Give the place up."""
        self._server.close()
        self._lock.unlock()
