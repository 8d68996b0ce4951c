"""Whether the trading program, its databases and its machine are well, and what changed when.

Invariants
----------
1. No probe makes the trading program wait: databases are opened read-only for moments, in a
   process of their own, and locks are looked at (F_GETLK), never taken.
2. A probe that takes long is reported as such; it delays neither the tick nor another probe.
3. What is not known is a gap: no value is carried over, guessed or drawn across.
4. The history never grows without bound and never makes the sampler wait.
5. One incident is told once when it begins and once when it is over, however it flaps.
6. Durations come from the monotonic clock; the wall clock only stamps.  A clock that jumps
   neither fires an alert nor deletes history.

The window and the headless command both run a `core.monitoring.monitor.Monitor`; of several at
work on one workspace one records and alerts, the others only look.
"""
