"""Splits a command line as a shell does, each part with its place; runs nothing and looks nothing up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from mmcompose.model import Origin, Problem, Setting

MOST_PARTS = 20_000
_OPERATORS = ";|&<>()"
_WINDOWS = re.compile(r"[A-Za-z]:\\")
_PLACEHOLDER = re.compile(r"<[A-Za-z][\w.-]*>")
_CLOSES = {"${": "}", "$(": ")"}
_NEAR = 256


class ShellCommand(NamedTuple):
    """The parts of one command. `ended`: the operator behind it."""

    parts: list[Setting]
    ended: str = ""


def commands(text: str, start: Origin) -> tuple[list[ShellCommand], list[Problem]]:
    """The commands of a text that begins at a line and column of its file."""
    cutter = _Cutter(text, start)
    problem = cutter.run()
    return [command for command in cutter.commands if command.parts], [problem] if problem else []


class _Cutter:
    """One pass over the text."""

    def __init__(self, text: str, start: Origin) -> None:
        self.text, self.start = text, start
        self.commands: list[ShellCommand] = []
        self.parts: list[Setting] = []
        self.part: list[str] | None = None
        self.began = 0
        self.at = 0

    def run(self) -> Problem | None:
        text, count = self.text, 0
        while self.at < len(text):
            sign = text[self.at]
            if self.part is None and sign == "#":
                self.at = self._line_end()
            elif sign == "\n":
                self._end_of_command(sign)
            elif sign.isspace():
                self._end_of_part()
                self.at += 1
            elif sign in _OPERATORS and not self._in_placeholder():
                self._end_of_command(sign)
            else:
                if self.part is None:
                    count += 1
                    if count > MOST_PARTS:
                        return self._problem(self.at, f"has more than {MOST_PARTS} parts", "import a shorter command")
                    self.part, self.began = [], self.at
                problem = self._one(sign)
                if problem:
                    return problem
        self._end_of_command("")
        return None

    def _one(self, sign: str) -> Problem | None:
        """Takes the next sign of a part, or the whole of a quoted text."""
        assert self.part is not None
        text = self.text
        if sign == "\\":
            if self._is_windows_path():
                self.part.append(sign)
                self.at += 1
            else:
                following = text[self.at + 1 : self.at + 2]
                self.part.append("" if following == "\n" else following)
                self.at += 2
                if following == "\n" and not self.part[0] and len(self.part) == 1:
                    self.part = None
        elif sign in "'\"":
            return self._quoted(sign)
        elif (close := _CLOSES.get(text[self.at : self.at + 2])) and (end := text.find(close, self.at)) > 0:
            self.part.append(text[self.at : end + 1])
            self.at = end + 1
        else:
            self.part.append(sign)
            self.at += 1
        return None

    def _quoted(self, sign: str) -> Problem | None:
        assert self.part is not None
        begin, inside = self.at, []
        self.at += 1
        while self.at < len(self.text) and self.text[self.at] != sign:
            following = self.text[self.at + 1 : self.at + 2]
            if sign == '"' and self.text[self.at] == "\\" and following in ('"', "\\", "$", "`", "\n"):
                inside.append("" if following == "\n" else following)
                self.at += 2
            else:
                inside.append(self.text[self.at])
                self.at += 1
        if self.at >= len(self.text):
            return self._problem(begin, f"the quote {sign} is never closed", f"close it with another {sign}")
        self.at += 1
        self.part.append("".join(inside))
        return None

    def _is_windows_path(self) -> bool:
        """Whether this backslash parts the folders of a path such as C:\\models: there it escapes nothing."""
        return _WINDOWS.search(self.text, self.began, min(self.at + 1, self.began + _NEAR)) is not None

    def _in_placeholder(self) -> bool:
        """Whether `<` or `>` belongs to a placeholder such as <your-token>."""
        if self.text[self.at] == "<":
            return _PLACEHOLDER.match(self.text, self.at) is not None
        before = self.text[max(0, self.at - _NEAR) : self.at + 1]
        return self.text[self.at] == ">" and _PLACEHOLDER.search(before) is not None

    def _line_end(self) -> int:
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end

    def _end_of_part(self) -> None:
        if self.part is not None:
            self.parts.append(Setting("".join(self.part), self._origin(self.began)))
            self.part = None

    def _end_of_command(self, sign: str) -> None:
        self._end_of_part()
        if self.parts:
            self.commands.append(ShellCommand(self.parts, sign))
        self.parts = []
        self.at += 1

    def _origin(self, at: int) -> Origin:
        line = self.text.count("\n", 0, at)
        column = at - (self.text.rfind("\n", 0, at) + 1)
        first = self.start.column if line == 0 else 1
        return self.start._replace(line=self.start.line + line, column=first + column)

    def _problem(self, at: int, message: str, hint: str) -> Problem:
        return Problem(self._origin(at), "", message, hint, "import.command")


def in_lines(parts: Sequence[Setting], text: str, within: Setting) -> list[Setting]:
    """The parts of a value, each at its own line of the file: YAML knows only where the value begins."""
    lines, made = text.splitlines(), list[Setting]()
    end = _end(lines, within.place)
    for part in parts:
        origin = part.origin if not made else made[-1].origin
        found = _near(lines[:end], str(part.value), origin.line - 1, origin.column - 1)
        made.append(part._replace(origin=origin._replace(line=found[0], column=found[1]) if found else origin))
    return made


def _end(lines: Sequence[str], start: Origin) -> int:
    """The number of lines down to the end of a value: the lines of a block are indented further than its key."""
    for index in range(start.line, len(lines)):
        line = lines[index]
        if line.strip() and len(line) - len(line.lstrip()) < start.column:
            return index
    return len(lines)


def _near(lines: Sequence[str], text: str, line: int, column: int) -> tuple[int, int] | None:
    """The next place of a text as a whole."""
    if not text.strip():
        return None
    whole = re.compile(rf"(?<![\w./-]){re.escape(text)}(?![\w./-])")
    for index in range(line, min(line + _NEAR, len(lines))):
        found = whole.search(lines[index], column if index == line else 0)
        if found:
            return index + 1, found.start() + 1
    return None
