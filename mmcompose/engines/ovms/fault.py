"""What is wrong with an artifact: the values that every check in this package returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mmcompose.model import Severity

MOST_SHOWN = 200


class Fault(NamedTuple):
    """One thing that is wrong in a text, at a line and column counted from 1 (0 where the whole text is meant)."""

    line: int
    column: int
    message: str
    hint: str = ""
    rule: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        kind = "warning: " if self.severity == "warning" else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.line}:{self.column}: {kind}{self.message}{hint}"


def ordered(faults: list[Fault]) -> list[Fault]:
    """In reading order, each once, and not more than a person would read."""
    found = sorted(set(faults), key=lambda fault: (fault.line, fault.column, fault.rule, fault.message))
    if len(found) <= MOST_SHOWN:
        return found
    last = found[MOST_SHOWN]
    more = Fault(last.line, last.column, f"and {len(found) - MOST_SHOWN} more faults from here on", "", "ovms-more")
    return [*found[:MOST_SHOWN], more]
