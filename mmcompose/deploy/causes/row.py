"""One row of the tables: the texts that reveal a cause, their writers, and the message for the user."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from mmcompose.engines.known import folder

Speaker = Literal["engine", "docker", "registry"]
Reach = Literal["final", "chain", "any", "pointer"]

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Row:
    """One row. Captured values fill `cause` and `next`; a part in brackets needs all of its values."""

    id: str
    speaker: Speaker
    patterns: tuple[re.Pattern[str], ...]
    cause: str
    next: str
    source: str
    engines: tuple[str, ...] = ()
    """The engines that write these texts; empty for any engine."""
    reach: Reach = "chain"
    """How far from the end it may look: the last error only, also what led to it, or any complaint; `pointer`: last
    words that only point to another error, where there is nothing else."""
    given: re.Pattern[str] | None = None
    """A pattern of the last error; the other patterns are then searched in all lines, also in warnings."""
    more: tuple[re.Pattern[str], ...] = ()
    """Patterns of further values, in the same complaint or its earlier causes."""
    reckon: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Values that follow from captured ones: name, then the function and its arguments."""
    needs: tuple[str, ...] = ()
    """Values without which the row does not hold: most follow from captured numbers."""
    releases: str = ""
    final: bool = True
    """Starting again will not help, so one death is enough."""
    weak: bool = False
    """Used only if no other row explains the log."""
    lasting: bool = False
    """The server keeps running after this message, and will never be ready."""


@dataclass(frozen=True, slots=True)
class Tables:
    rows: tuple[Row, ...]
    pointers: tuple[re.Pattern[str], ...]
    """Last lines that only report an earlier failure."""
    follows: tuple[re.Pattern[str], ...]
    """Lines of a rank whose partner is gone; a cause if no other rank failed by its own fault."""


@cache
def tables() -> Tables:
    rows: list[Row] = []
    signs: dict[str, list[re.Pattern[str]]] = {"pointers": [], "follows": []}
    # What concerns any message is asked last: first by the settings that it names, then by its words.
    for engines, document in sorted(documents(), key=lambda each: int(each[1].get("last", 0))):
        for key, found in signs.items():
            found += [re.compile(pattern) for entry in document.get(key, ()) for pattern in entry["patterns"]]
        rows += [row(entry, engines, document.get("from", "engine")) for entry in document.get("rows", ())]
    return Tables(tuple(rows), tuple(signs["pointers"]), tuple(signs["follows"]))


def documents() -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Each table with the engines that it concerns: an engine's own table comes before the shared ones."""
    for engine, document in folder.causes():
        yield tuple(document.get("engines", (engine,))), document
    for path in sorted(DATA.glob("*.yaml")):
        document = folder.parsed(path.read_text(encoding="utf-8"))
        yield tuple(document.get("engines", ())), document


def row(entry: dict[str, Any], engines: tuple[str, ...], speaker: Speaker) -> Row:
    plain = ("id", "source", "releases", "final", "weak", "lasting")
    return Row(
        **{key: entry[key] for key in plain if key in entry},
        speaker=entry.get("from", speaker),
        engines=tuple(entry.get("engines", engines)),
        reach=entry.get("lines", "chain"),
        patterns=_patterns(entry["patterns"]),
        given=re.compile(entry["given"], re.MULTILINE) if "given" in entry else None,
        more=_patterns(entry.get("more", ())),
        reckon=tuple((name, tuple(step.split())) for name, step in entry.get("reckon", {}).items()),
        needs=tuple(entry.get("needs", ())),
        cause=" ".join(entry["cause"].split()),
        next=" ".join(entry["next"].split()),
    )


def _patterns(texts: list[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(text, re.MULTILINE) for text in texts)
