"""Explains errors of the YAML parser: the mistake, its place, and what to write.

The parser often stops behind the mistake, so the lines around that point are searched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mmcompose.core.read.ways_out import ALIKE, alike

if TYPE_CHECKING:
    import yaml


class YamlFault(NamedTuple):
    """Line and column, from 1, what is wrong, and what to write."""

    line: int
    column: int
    message: str
    hint: str = ""


class _Stop(NamedTuple):
    """Where the parser stopped, and what it reported. Lines and columns from 0."""

    lines: Sequence[str]
    line: int
    column: int
    reported: str
    begun: tuple[int, int] | None

    @property
    def around(self) -> list[int]:
        """The lines that may hold the mistake: where the construct began, this line, and the last one before it."""
        before = next((n for n in range(self.line - 1, -1, -1) if self.text(n).strip()), self.line)
        places = (self.line, before, self.begun[0] if self.begun else self.line)
        return list(dict.fromkeys(places))

    def text(self, line: int) -> str:
        return self.lines[line] if 0 <= line < len(self.lines) else ""

    def fault(self, message: str, hint: str = "", at: tuple[int, int] | None = None) -> YamlFault:
        """The mistake where the parser stopped, or `at` another place."""
        line, column = at or (self.line, self.column)
        return YamlFault(line + 1, column + 1, message, hint)


_MERGED = re.compile(r"(<{7}|={7}|>{7}|\|{7})(\s|$)")
_TIGHT = re.compile(r"(\s*(?:- +)*[A-Za-z_][\w.-]*):(?![\s:/])(\S.*)")
ALIAS = re.compile(r"\*([^\s,\[\]{}]*)")


def fault_of(text: str, error: yaml.MarkedYAMLError) -> YamlFault:
    mark, began = error.problem_mark or error.context_mark, error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    reported = (error.problem or error.context or "not YAML").replace("did not find expected", "expected")
    reported = "a second document" if "expected a single document" in (error.context or "") else reported
    reported = f"{reported} in a quoted scalar" if "quoted scalar" in (error.context or "") else reported
    stop = _Stop(text.splitlines(), line, column, reported, (began.line, began.column) if began else None)
    found = next((fault for way in WAYS if (fault := way(stop)) is not None), None)
    return found or stop.fault(reported)


def _merge(stop: _Stop) -> YamlFault | None:
    for number, line in enumerate(stop.lines):
        if _MERGED.match(line):
            hint = "keep one side, and remove the lines of <<<<<<<, ======= and >>>>>>>"
            return stop.fault("a merge that is not resolved", hint, (number, 0))
    return None


def _tab(stop: _Stop) -> YamlFault | None:
    written = stop.text(stop.line)
    if written[stop.column : stop.column + 1] == "\t" or "\t" in written[: len(written) - len(written.lstrip())]:
        return stop.fault("a tab where spaces belong", "YAML is indented with spaces")
    return None


def _look_alike(stop: _Stop) -> YamlFault | None:
    for number in stop.around:
        at = next((n for n, sign in enumerate(stop.text(number)) if sign in ALIKE), None)
        if at is not None:
            hint = alike(stop.text(number)).removeprefix("it holds ")
            return stop.fault("a character that is not what it looks like", hint, (number, at))
    return None


def template(line: int, column: int) -> YamlFault:
    hint = "nothing is filled in here: write the value itself, or quote text that holds {{"
    return YamlFault(line, column, "{{ }} of a template", hint)


def _template(stop: _Stop) -> YamlFault | None:
    for number in stop.around:
        if "{{" in stop.text(number) or "{%" in stop.text(number):
            return template(number + 1, stop.text(number).index("{") + 1)
    return None


def _alias(stop: _Stop) -> YamlFault | None:
    named = ALIAS.match(stop.text(stop.line), stop.column)
    if "undefined alias" not in stop.reported or named is None:
        return None
    hint = f"write the value itself, or quote text that begins with *: '{named[0]}'"
    return stop.fault(f"the alias {named[0]} has no anchor &{named[1]} above it", hint)


def _quote(stop: _Stop) -> YamlFault | None:
    if not stop.reported.endswith("in a quoted scalar"):
        return None
    if "end of stream" not in stop.reported and "document" not in stop.reported:
        return stop.fault(stop.reported.removesuffix(" in a quoted scalar"))
    return stop.fault("a quote that is never closed", "close it, or quote the whole text", stop.begun)


def tight(line: str) -> tuple[int, str] | None:
    """Finds a line without a blank behind its colon, and what to write."""
    met = _TIGHT.match(line)
    return (met.end(1), f"a space is missing after the colon: {met[1].strip()}: {met[2].strip()}") if met else None


def _blank(stop: _Stop) -> YamlFault | None:
    if not re.search("expected|mapping values", stop.reported):
        return None
    for number in stop.around:
        if found := tight(stop.text(number)):
            return stop.fault("no space after the colon", found[1], (number, found[0]))
    return None


def _second_colon(stop: _Stop) -> YamlFault | None:
    if "mapping values are not allowed" not in stop.reported:
        return None
    if len(re.findall(r":(?:\s|$)", stop.text(stop.line))) > 1:
        return stop.fault("a second `:` on one line", "quote text that contains `: `")
    hint = "give it the indentation of the line above, or leave the value above it empty"
    return stop.fault("a key below a value", hint)


def _bracket(stop: _Stop) -> YamlFault | None:
    met = re.fullmatch(r"expected ',' or '([\]}])'", stop.reported)
    if met is None or stop.begun is None:
        return None
    place = f"{stop.begun[0] + 1}:{stop.begun[1] + 1}"
    hint = f"close what opens at {place} with {met[1]}, and separate its items with commas"
    return stop.fault(stop.reported, hint)


_SENTENCES = (
    ("a second document", "a second document in one file", "one file, one document: remove `---`"),
    ("expected key", "a line that does not fit those above it", "indent the keys of one mapping alike"),
    ("expected '-' indicator", "a key among the items of a list", "begin each item with -"),
    ("cannot start any token", "", "quote text that begins with a special character"),
    ("expected node content", "", "a value is missing here: write one, or quote the text"),
    ("expected ':'", "a line without a colon among keys", "write key: value"),
    (
        "block sequence entries are not allowed",
        "a list on the line of its key",
        "write the items on lines of their own",
    ),
)
"""A part of the parser's report; our message where it is better; and what to write."""


def _sentence(stop: _Stop) -> YamlFault | None:
    row = next((row for row in _SENTENCES if row[0] in stop.reported), None)
    return stop.fault(row[1] or stop.reported, row[2]) if row else None


WAYS: Sequence[Callable[[_Stop], YamlFault | None]] = (
    _merge, _tab, _look_alike, _template, _alias, _quote, _blank, _second_colon, _bracket, _sentence,
)  # fmt: skip
