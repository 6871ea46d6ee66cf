"""Finds the row that explains a log: by the fatal line, then by its earlier causes, then by earlier complaints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mmcompose.deploy.causes import engine, faults, lines
from mmcompose.deploy.causes.faults import Complaint
from mmcompose.deploy.causes.lines import Line
from mmcompose.deploy.causes.reckon import reckoned
from mmcompose.deploy.causes.row import Row, tables

_EARLIER = 12
"""The number of complaints before the fatal one that are searched."""


class Verdict(NamedTuple):
    row: Row
    captured: dict[str, str]
    """The values that the patterns captured."""


class Hearing:
    """The log of one engine, taken apart once."""

    def __init__(self, log: Sequence[str], backend: str = "", release: str = "") -> None:
        self.lines = lines.read(log)
        self.faults = faults.faults(self.lines)
        self.release = release
        self.engine = backend or engine.by_mentions(self.lines)
        parted = [_without_pointers(one) for one in self.faults]
        self._real = [real for real, _ in parted if real]
        self._pointing = [text for _, texts in parted for text in texts]
        sure = [text for one, (_, texts) in zip(self.faults, parted, strict=True) if one.sure for text in texts]
        self._last_pointer = (sure or self._pointing or [""])[-1]

    def verdict(self) -> Verdict | None:
        engines = [one for one in tables().rows if one.speaker == "engine"]
        rows = [one for one in engines if engine.concerns(one, self.engine, self.release)]
        strong = [one for one in rows if not one.weak]
        own = _of_the_first_to_fail(self._real)
        found = self._among(strong, own) if own else None
        return found or self._among(strong, self._real) or self._among([one for one in rows if one.weak], self._real)

    @property
    def last_error(self) -> str:
        """The last error that the engine printed; one with a cause of its own is preferred."""
        certain = [one for one in self._real if one.sure] or self._real
        if certain:
            return certain[-1].headline
        return Complaint([self._last_pointer]).headline

    @property
    def last_line(self) -> str:
        """The last line, whatever its content."""
        return next((line.text.strip() for line in reversed(self.lines) if line.text.strip()), "")

    def _among(self, rows: Sequence[Row], real: Sequence[Complaint]) -> Verdict | None:
        silent = [one for one in rows if one.reach == "pointer"] if not real else []
        rows = [one for one in rows if one.reach != "pointer"]
        if real:
            fatal = real[-1]
            whole = "\n".join(fatal.texts)
            if found := self._fatal(rows, fatal, whole):
                return found
            near = [one for one in rows if one.reach != "final" and one.given is None]
            if found := _first(near, reversed(fatal.texts[:-1]), whole):
                return found
        far = [one for one in rows if one.reach == "any" and one.given is None]
        for earlier in real[-2 : -2 - _EARLIER : -1]:
            if found := _first(far, reversed(earlier.texts), "\n".join(earlier.texts)):
                return found
        plain = [*silent, *(one for one in rows if one.given is None)]
        # An error that no row knows tells more than a weak row about the lines that point to it.
        pointing = reversed([] if real and all(one.weak for one in rows) else self._pointing)
        whole = "\n".join(self._pointing)
        found = _first(plain, pointing, whole) or _first(far, _rest(self.lines), "")
        return found or (None if self.faults else _first(plain, [self.last_line], ""))

    def _fatal(self, rows: Sequence[Row], fatal: Complaint, whole: str) -> Verdict | None:
        # Some rows know an error by the part of the engine that raised it.
        final = f"{fatal.final}\nin {fatal.place}" if fatal.place else fatal.final
        for one in rows:
            if one.given is None:
                found = _first([one], [final], whole)
            elif one.given.search(whole):
                found = _first([one], [line.text for line in reversed(self.lines)], whole)
            else:
                found = None
            if found:
                return found
        return None


def _without_pointers(fault: Complaint) -> tuple[Complaint | None, list[str]]:
    """Separates errors with a cause of their own from those that only point to another."""
    pointing = [text for text in fault.texts if any(pattern.search(text) for pattern in tables().pointers)]
    real = [text for text in fault.texts if text not in pointing]
    return (Complaint(real, fault.end, fault.sure, fault.process, fault.place) if real else None), pointing


def _of_the_first_to_fail(real: Sequence[Complaint]) -> list[Complaint]:
    """Errors of other ranks, if the last lines come from a rank that lost its partner; else empty."""
    if not real or not _follows(real[-1]):
        return []
    last = real[-1].process
    return [one for one in real if one.sure and not _follows(one) and (one.process != last or not last)]


def _follows(fault: Complaint) -> bool:
    return any(pattern.search(fault.final) for pattern in tables().follows)


def refused(text: str) -> Verdict | None:
    """The row that explains a refusal by Docker: searches its last line first, each among the rows of its speaker."""
    printed = [line for line in lines.read([text]) if line.text.strip() and line.level != "warning"]
    for weak in (False, True):
        for line in reversed(printed):
            speaker = engine.speaker(line.text)
            rows = [one for one in tables().rows if one.speaker == speaker and one.weak == weak]
            if found := _first(rows, [line.text], text):
                return found
    return None


_OF_DOCKER = re.compile(
    r"Error response from daemon|OCI runtime|nvidia-container-cli|^docker: |^Error: .*(?:pull|manifest)"
)


def of_docker(log: Iterable[str]) -> Iterator[str]:
    """The lines of a log from Docker itself: `docker run` prints them before an engine's first."""
    return (line for line in log if _OF_DOCKER.search(line))


def _rest(lines_of_log: Sequence[Line]) -> Iterator[str]:
    """Lines that do not look like complaints, the last first; some rows explain such lines too."""
    calm = [line for line in lines_of_log if line.level not in ("warning", "info") and line.text.strip()]
    return (line.text for line in reversed(calm) if not faults.harmless(line.text))


def _first(rows: Iterable[Row], texts: Iterable[str], whole: str) -> Verdict | None:
    known = list(rows)
    for text in texts:
        for one in known:
            for pattern in one.patterns:
                if (match := pattern.search(text)) and _holds(one, captured := _captured(match, one, whole)):
                    return Verdict(one, captured)
    return None


def _holds(one: Row, captured: dict[str, str]) -> bool:
    if not one.needs:
        return True
    known = {*captured, *reckoned(one.reckon, captured)}
    return known.issuperset(one.needs)


def _captured(match: re.Match[str], one: Row, whole: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pattern in one.more:
        for further in pattern.finditer(whole):
            found |= {name: value for name, value in further.groupdict().items() if value}
    return found | {name: value for name, value in match.groupdict().items() if value}
