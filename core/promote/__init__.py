"""Makes a complete, verified, staged set of files the live one: all of them or none.

Invariants
----------
1. At every instant the live set is entirely the former one, entirely the new one, or is
   incomplete with an intent on disk from which `recover` makes it one of the two.  Every main
   file has its name only while the set is one of the two: otherwise a folder has it, which no
   program can open as a database, and `require_whole` refuses every start by the console.
2. A database's main file, ``-wal`` and ``-journal`` move together.  No stale one ever stands
   beside a promoted file, and rows that lay only in a ``-wal`` are in the parked set.
3. Nothing is deleted.  The former set is parked beside the live one under its own names, until
   `discard_parked` is told that it is not needed any more.  That is written down before the first
   file goes, so that what is left of it is never taken for a former state.
4. Nothing is moved while another process holds a file of the set open, or when a file is not
   as it was when the caller last looked.  SQLite's own locks are held across the swap, and once
   the names are gone it is looked again who has what was moved: then everything goes back.
5. An intent says by size and digest what was staged and parked, lies on disk twice with a digest
   of its own, and names nothing but files of the configuration.  Before anything is moved every
   file of the set that is to become live is there and is what the intent says.
6. `recover` may die at any of its steps and be called again, with the same outcome.
7. What is said of the live files is looked up when it is said (`describe_live`).

Steps, each of them durable, folders included, before the next begins:

    1  the areas ``.ops_console/<id>`` beside the files, rights of the staged files
    2  intent: parking
    3  a second name in the area for every live file
    4  the live names away, a folder in the place of each main file
    5  intent: committed
    6  every staged file in
    7  intent: done
    8  (the parked set became a restore point)  intent: removing
    9  the areas away
    10 the intent away

A failure up to 7 is undone from the same intent (undoing, then 8 to 10).
"""
