"""Messages about the state of the generated files, for `render` and for commands that start from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mmcompose.files.write.artifacts import Change, Kind
    from mmcompose.files.write.render import Outcome

_SHOWN = 3


def written_elsewhere(outcome: Outcome, then: str) -> str:
    """A message where another release of mmcompose wrote the files: then the difference is nobody's mistake."""
    if not outcome.writer:
        return ""
    return (
        f"the compose files were written by {outcome.writer}: run `mmcompose render`, review the difference and {then}"
    )


def refusal(changes: Sequence[Change]) -> str:
    """Which files a render leaves alone, and why."""
    parts = []
    kinds: dict[Kind, str] = {"edited": "edited by hand", "foreign": "not made by mmcompose"}
    for kind, reason in kinds.items():
        alike = [change for change in changes if change.kind == kind]
        if alike:
            parts.append(f"{these(alike)} {'was' if len(alike) == 1 else 'were'} {reason}")
    return ", and ".join(parts)


def these(changes: Iterable[Change]) -> str:
    """Their paths, so many of them as a reader takes in."""
    paths = [change.path for change in changes]
    shown = paths if len(paths) <= _SHOWN + 1 else [*paths[:_SHOWN], f"{len(paths) - _SHOWN} more files"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
