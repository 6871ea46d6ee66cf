"""What is wrong with what a profile says to its engine. Core puts the line of the file to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mmcompose.model import Path, Severity


class FlagFault(NamedTuple):
    """One thing that is wrong with an argument. `path` is relative to what was judged: one value, or all arguments,
    where () is the version itself."""

    path: Path
    message: str
    hint: str
    rule: str
    severity: Severity = "error"


class SettingFault(NamedTuple):
    """One thing that is wrong in the typed settings of an engine's files. `path` is written as people write it, and
    relative to the settings that were judged."""

    path: str
    message: str
    hint: str = ""
    rule: str = ""
    severity: Severity = "error"
