"""Holds the guarded files still, as of one moment, while the trading program goes on writing.

Invariants
----------
1. What is read is a state that the program committed, for every database, with what only
   lies in a ``-wal``.  Never a torn page, never half a transaction.
2. The states of all files belong to one moment: there was an instant at which each of them
   was the newest.  For WAL databases this is so because all read transactions were begun
   between two equal readings of all wal-index headers, or, on Windows, of the data versions that
   other connections see; a database with a rollback journal cannot commit while its read
   transaction is open; a file at rest did not change at all.
3. The program is never made to wait by a WAL database, and by one with a rollback journal only
   while the file is copied once.  It never sees ``database is locked``.
4. Nothing is written beside the live files: no ``-wal``, ``-shm`` or journal comes to be that
   was not there.  A database in WAL mode without these files is at rest and is read without
   SQLite, since even a read-only connection would make them.
5. Nothing here may run in a process that has another SQLite connection to the same files
   (https://www.sqlite.org/howtocorrupt.html, 2.2): callers use `core.base.process`.

Ways
----
======================================  ====================================================
WAL, ``-wal`` and ``-shm`` there        main file and frames read raw under a read transaction
WAL, at rest                            main file read raw; proven unchanged afterwards
WAL, ``-wal`` without ``-shm``          both copied; SQLite recovers the private copy
journal of a writer that died           both copied; SQLite rolls the private copy back
rollback journal; WAL on Windows        copied under a read transaction
no byte                                 as it is: a database without a table
not readable for SQLite; plain files    bytes as they are, of a database its ``-wal`` as well
======================================  ====================================================
"""

from core.backup.capture.engine import CapturedSet, capture
from core.backup.capture.sources import CapturedFile, Moved

__all__ = ["CapturedFile", "CapturedSet", "Moved", "capture"]
