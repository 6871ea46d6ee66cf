"""Spans of time as Compose reads them: `30s`, `1h30m`; 2^63 nanoseconds are more than it can hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mmcompose.core.place.subject import Around, Subject
from mmcompose.model import Path, Problem

_PART = re.compile(r"([0-9]+)(ms|h|m|s)")
_NANOSECONDS = {"ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
LONGEST = 2**63 - 1


def _in_nanoseconds(text: str) -> int:
    """The length of a span. Of a very long number only the first digits are read: they are too large already."""
    return sum(int(number.lstrip("0")[:20] or 0) * _NANOSECONDS[unit] for number, unit in _PART.findall(text))


def in_seconds(text: str) -> float:
    return _in_nanoseconds(text) / 10**9


def check(subject: Subject, _: Around) -> Iterator[Problem]:
    service = subject.service
    places: list[tuple[Path, str | None]] = [(("stop_grace_period",), service.stop_grace_period)]
    places += [(("health", name), getattr(service.health, name)) for name in ("interval", "timeout", "start_period")]
    for path, span in places:
        if span is not None and _in_nanoseconds(span) > LONGEST:
            yield subject.problem(
                path, f"{span} is longer than Compose can hold", "write a span such as 30s", "duration"
            )
