"""Which restore points stay, which go, and how the bytes of those that go come back.

Invariants
----------
1. What stays is decided before anything is removed; a pinned restore point and the newest good
   one always stay.
2. A manifest is gone durably before the first of its chunks goes.
3. A pack is removed only when every chunk in it that a remaining restore point needs, be it as
   the base of a difference, has been proven, copied and made durable in another one.
4. At every instant, every restore point that is listed can be restored whole.  An interruption
   leaves chunks that nobody needs or that lie there twice; the next prune removes them.
5. While something that is needed cannot be found or read, no byte is reclaimed: the damage
   may be the disk's, and pass.
"""

from core.snapshot.retention.operations import DeletePoints, Prune, Pruned, preview_prune
from core.snapshot.retention.plan import Decision, KeepReason, Plan, plan

__all__ = [
    "Decision",
    "DeletePoints",
    "KeepReason",
    "Plan",
    "Prune",
    "Pruned",
    "plan",
    "preview_prune",
]
