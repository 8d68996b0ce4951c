"""The store of restore points: deduplicated, compressed, proven, and readable without us.

Invariants
----------
1. A restore point exists from the instant its manifest has its name, and then every chunk it
   needs is durable: the pack is synced and named before the manifest is.
2. A manifest and a pack never change.  What the operator may edit lies in the annotations.
3. No chunk that a restore point needs, be it as the base of a difference, is ever removed:
   what may go is computed from all manifests, and a manifest goes before its chunks.
4. Every byte of a chunk that leaves the store has matched its digest, every manifest its own.
5. Whoever publishes or removes anything holds the store's lock, in the process that does it.
6. The catalogue is made from the packs and manifests whenever the store is opened; there is
   no other file whose loss would matter.
7. A folder is a store by its marker alone, and only what a store itself makes is ever swept.
8. What is read is a regular file: no link is followed, and nothing waits for a pipe.

The format is described in `docs/store_format.md`; `restore.py`, which lies in every store,
reads it without the console.
"""

from core.backup.store.chunks import Chunks
from core.backup.store.format import Damage
from core.backup.store.pack import PackWriter
from core.backup.store.store import Contents, Store

__all__ = ["Chunks", "Contents", "Damage", "PackWriter", "Store"]
