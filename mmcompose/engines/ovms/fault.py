"""Sorts the faults of an artifact for its reader."""

from __future__ import annotations

from mmcompose.model import Fault

MOST_SHOWN = 200


def ordered(faults: list[Fault]) -> list[Fault]:
    """The faults in reading order, each once, and no more than a person would read."""
    found = sorted(set(faults), key=lambda fault: (fault.line, fault.column, fault.rule, fault.message))
    if len(found) <= MOST_SHOWN:
        return found
    last = found[MOST_SHOWN]
    more = Fault.at(last.line, last.column, f"and {len(found) - MOST_SHOWN} more faults from here on", "", "ovms-more")
    return [*found[:MOST_SHOWN], more]
