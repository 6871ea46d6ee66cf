"""A command line as an engine has read it, and how an engine says that it cannot read one."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import NoReturn

from mmcompose.engines.flags.history import Flag
from mmcompose.engines.flags.values import misfits


@dataclass
class Line:
    """Values by flag name; a switch is True or False."""

    values: dict[str, list[str]] = field(default_factory=dict)
    switches: dict[str, bool] = field(default_factory=dict)
    positional: list[str] = field(default_factory=list)

    def first(self, *names: str) -> str:
        return next((self.values[name][0] for name in names if self.values.get(name)), "")

    def all(self, *names: str) -> list[str]:
        return next((self.values[name] for name in names if self.values.get(name)), [])

    def on(self, name: str) -> bool:
        return self.switches.get(name, False)


class UsageError(Exception):
    """The engine ends here, with these words and this status."""

    def __init__(self, words: str, status: int) -> None:
        super().__init__(words)
        self.words, self.status = words, status

    def end(self) -> NoReturn:
        print(self.words, file=sys.stderr, flush=True)
        sys.exit(self.status)


def fits(flag: Flag, word: str) -> bool:
    """Whether the engine takes this one word. What only may be wrong (open choices) is taken."""
    several = flag.many in ("+", "*", "repeat") or flag.many.isdigit()
    listed = several and not flag.kind.startswith("json")
    alone = flag._replace(many="+" if listed else "")
    return not any(misfit.severity == "error" for misfit in misfits(alone, [word] if listed else word))
