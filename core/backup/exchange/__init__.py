"""Restore points as ordinary files: written for any SQLite tool, and taken in from others.

Invariants
----------
1. An export appears under its name complete, every byte compared with its digest, or not at
   all.  Files that hold secrets are left out unless asked for, and the manifest says so.
2. What is imported was copied first and only the copy is opened: nothing is written, made or
   locked in the source, which may be read-only.
3. Only sound SQLite databases with at least one table become a restore point, with the rows
   that lie in a ``-wal`` beside them.
4. A manifest cannot name a file outside its own folder.
"""

from core.backup.exchange.exporting import Exported, ExportRestorePoint, suggested_folder
from core.backup.exchange.importing import Imported, ImportRestorePoint

__all__ = [
    "ExportRestorePoint",
    "Exported",
    "ImportRestorePoint",
    "Imported",
    "suggested_folder",
]
