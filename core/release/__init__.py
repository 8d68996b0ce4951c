"""Puts a release of the trading program into production, and takes it back, with its data.

Invariants
----------
1. What is in production is said by one file, the pointer: the release, and the restore point of
   the data as it was before that release first ran.  It is replaced whole, so it names the
   former pair or the new one, never parts of both.
2. A release is made in a folder of its own, with an environment of its own, and never changes
   once it is complete.  What runs is not touched while the next one is made.
3. From the request to stop the program on, every failure ends with the former pointer, the data
   as it was when the program had stopped, and the program started and verified on them.
4. What is about to happen is written down before it happens, so that after the console's death
   `recover` brings the pair back, or finishes where the new program runs well.
5. Nothing is lost by going back: the data that a release wrote becomes a restore point.
6. The program is asked to stop and never killed: it may hold an open position.
"""
