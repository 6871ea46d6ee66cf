"""Writes moments for people: in the time of their own clock, and how long ago. Machines get UTC."""

from __future__ import annotations

import datetime as dt


def read(text: str) -> dt.datetime | None:
    """A moment in Docker's form: with nanoseconds, which Python does not read; without a zone it is UTC."""
    head, dot, rest = text.partition(".")
    zone = rest.lstrip("0123456789") if dot else ""
    try:
        found = dt.datetime.fromisoformat(head + zone)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def nanoseconds(text: str) -> int | None:
    """Nanoseconds since 1970."""
    moment = read(text)
    digits = text.partition(".")[2]
    part = digits[: len(digits) - len(digits.lstrip("0123456789"))][:9]
    return int(moment.timestamp()) * 1_000_000_000 + int(part.ljust(9, "0")) if moment else None


def local(text: str) -> str:
    """`2026-11-20 06:52:19`; any other text is returned as it is."""
    moment = read(text)
    try:
        return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}" if moment else text
    except (OverflowError, OSError, ValueError):
        return text


def age(text: str, now: dt.datetime | None = None) -> str:
    """A span such as `40 s`, `3 min`, `2 h 5 min`, `4 d 3 h`; empty if it is unknown."""
    moment = read(text)
    if moment is None:
        return ""
    seconds = max(0, int(((now or dt.datetime.now(dt.UTC)) - moment).total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if not minutes:
        return f"{seconds} s"
    if not hours:
        return f"{minutes} min"
    parts = (f"{days} d", hours % 24, "h") if days else (f"{hours} h", minutes % 60, "min")
    return f"{parts[0]} {parts[1]} {parts[2]}" if parts[1] else parts[0]
