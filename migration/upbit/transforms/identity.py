"""New ids for legacy ones: the same every time, and by the application's rule for ids."""

from __future__ import annotations

import hashlib
import re

from migration.sql import Value
from migration.upbit.sources.shapes import Shape

RULE = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{2,49}")
_PREFIX = {
    Shape.TASK: "task",
    Shape.ORM_V1: "orm",
    Shape.UNIFIED: "unified",
    Shape.COMPONENT: "component",
    Shape.USER: "user",
    Shape.NEWEST: "strategy",
    Shape.COMPONENT_PARTS: "part",
}
# Ids that this console makes itself never come from a legacy id, so that the two cannot meet.
_RESERVED = re.compile(rf"({'|'.join(_PREFIX.values())})_.*|(cond|trg|rule|mgt)\d.*")


def new_id(shape: Shape, legacy: Value) -> str:
    """Return the new id of a legacy row of *shape* whose id is *legacy*.

    An id that obeys the rule already stays; a short one of plain characters gets the shape in
    front; any other becomes a digest of itself, its storage class included.
    """
    prefix = _PREFIX[shape]
    if isinstance(legacy, str) and RULE.fullmatch(legacy) and not _RESERVED.fullmatch(legacy):
        return legacy
    if isinstance(legacy, int):
        return f"{prefix}_{legacy}"
    if isinstance(legacy, str):
        readable = f"{prefix}_{legacy}"
        # Digits as text would meet the same number as an integer.
        if RULE.fullmatch(readable) and not re.fullmatch(r"-?\d+|h-.*", legacy):
            return readable
    kind = type(legacy).__name__
    content = legacy if isinstance(legacy, bytes) else repr(legacy).encode()
    return f"{prefix}_h-{hashlib.sha256(kind.encode() + b':' + content).hexdigest()[:24]}"
