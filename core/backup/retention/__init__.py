"""Which restore points stay, which go, and how the bytes of those that go come back.

Invariants
----------
1. What stays is decided before anything is removed; a pinned restore point and the newest good
   one always stay.  The latter has been read before anything goes.
2. A manifest is gone durably before the first of its chunks goes.
3. A pack is removed only when every chunk in it that a remaining restore point needs, be it as
   the base of a difference, has been proven, copied and made durable in another one.
4. At every instant, every restore point that is listed can be restored whole.  An interruption
   leaves chunks that nobody needs or that lie there twice; the next prune removes them.
5. A restore point stays while nothing would return for it because there is no room to rewrite the
   packs that it shares; what is promised is what returns.
6. While something that is needed cannot be found or read, no byte is reclaimed: the damage
   may be the disk's, and pass.  A pack of which a needed chunk is damaged stays as it is.
"""

from core.backup.retention.operations import (
    DeletePoints,
    Prune,
    Pruned,
    held_text,
    preview_prune,
)
from core.backup.retention.plan import Decision, KeepReason, Plan, plan

__all__ = [
    "Decision",
    "DeletePoints",
    "KeepReason",
    "Plan",
    "Prune",
    "Pruned",
    "held_text",
    "plan",
    "preview_prune",
]
