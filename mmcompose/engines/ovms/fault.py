"""Judges whether a text can be read at all, and sorts its faults for its reader."""

from __future__ import annotations

from collections.abc import Iterable

from mmcompose.engines.ovms.catalogue import find_release
from mmcompose.engines.ovms.releases import Release
from mmcompose.model import Fault

MOST_SHOWN = 200


def settled(release: str, text: str, what: str, rule: str) -> Release | Fault:
    """The release whose rules judge a text, or what keeps it from being judged."""
    found = find_release(release)
    if isinstance(found, str):
        return Fault.at(0, 0, found, "name it as 2025.4.1", "ovms-release")
    if not text.strip():
        return Fault.at(1, 1, f"the {what} is empty", "", rule)
    if text.startswith("\ufeff"):
        return Fault.at(1, 1, "the file begins with a byte order mark", "save it as UTF-8 without one", rule)
    return found


def ordered(faults: Iterable[Fault]) -> list[Fault]:
    """The faults in reading order, each once, and no more than a person would read."""
    found = sorted(set(faults), key=lambda fault: (fault.line, fault.column, fault.rule, fault.message))
    if len(found) <= MOST_SHOWN:
        return found
    last = found[MOST_SHOWN]
    more = Fault.at(last.line, last.column, f"and {len(found) - MOST_SHOWN} more faults from here on", "", "ovms-more")
    return [*found[:MOST_SHOWN], more]
