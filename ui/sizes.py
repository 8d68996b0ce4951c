"""Sizes in bytes as people read them; the same in every language."""

from __future__ import annotations

_UNITS = ("B", "KB", "MB", "GB", "TB")


def bytes_text(count: int) -> str:
    """Return *count* bytes in the largest unit that leaves at least one; 1 KB is 1,024 bytes."""
    size = float(count)
    for unit in _UNITS:
        if abs(size) < 1024 or unit == _UNITS[-1]:
            break
        size /= 1024
    if unit == "B":
        return f"{count:,} B"
    return f"{size:,.0f} {unit}" if abs(size) >= 100 else f"{size:,.1f} {unit}"
