"""One list of checks of the way back: what would fail is known before anything is stopped.

Used alike by `verify system`, `rollback --dry-run`, the checks before a migration and those
before a deployment.

1. What can be tried is tried: beside the live files, with their names and their rights, a set is
   swapped in by the very engine that a rollback uses, and back out again (`trial`).  Where a
   restore point is meant, it is that restore point which is staged and opened there.
2. The live files themselves are looked at by name alone: none is opened, locked or linked.
3. Room is added up for all steps to the end, disk by disk (`room`).
4. The program's interpreter is started as the program's user and asked for the script and the
   data; the program itself is never started a second time (`start`, `stop`).
5. Nothing stays: what is tried lies in folders with the mark of this process, which recovery
   removes once that is gone.
"""
