"""Numbers of bytes as people read them."""

from __future__ import annotations


def readable(count: float) -> str:
    """`1.5 GB`, in powers of ten as the hub and disks count."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(count) < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.2f} TB"
