"""Splits a command line as a shell does, each part with its place; runs nothing and looks nothing up."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mmcompose.model import Origin, Problem, Setting

MOST_PARTS = 20_000
_NEAR = 256
_TOKEN = re.compile(
    r"""(?P<space>[^\S\n]+)
      | (?P<comment>\#[^\n]*)
      | (?P<placeholder><[A-Za-z][\w.-]*>)
      | (?P<operator>[\n;|&<>()])
      | '(?P<single>[^']*)'
      | "(?P<double>(?:[^"\\]|\\.)*)"
      | (?P<unclosed>['"])
      | \\(?P<escaped>.?)
      | (?P<text>\$\{[^}]{0,4096}\}|\$\([^)]{0,4096}\)|[^\s#<>\n;|&()'"\\$]+|.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"""\\(["\\$`\n])""")
_WINDOWS = re.compile(r"[A-Za-z]:\\")


def commands(text: str, start: Origin) -> tuple[list[list[Setting]], list[Problem]]:
    """The parts of each command of a text that begins at a line and column of its file."""
    cutter = _Cutter(text, start)
    problem = cutter.run()
    return [command for command in cutter.commands if command], [problem] if problem else []


class _Cutter:
    """One pass over the text."""

    def __init__(self, text: str, start: Origin) -> None:
        self.text, self.start = text, start
        self.commands: list[list[Setting]] = [[]]
        self.part: list[str] | None = None
        self.began = 0
        self.at = 0

    def run(self) -> Problem | None:
        count = 0
        while token := _TOKEN.match(self.text, self.at):
            kind = token.lastgroup
            if kind == "unclosed":
                sign = token[0]
                return self._problem(f"the quote {sign} is never closed", f"close it with another {sign}")
            if kind in ("space", "operator") or (kind == "comment" and self.part is None):
                self._end_of_part()
                self.commands += [[]] if kind == "operator" else []
                self.at = token.end()
            elif self.part is None and token["escaped"] == "\n":
                self.at = token.end()
            else:
                count += self.part is None
                if count > MOST_PARTS:
                    return self._problem(f"has more than {MOST_PARTS} parts", "import a shorter command")
                self._take(token)
        self._end_of_part()
        return None

    def _take(self, token: re.Match[str]) -> None:
        """Adds a token to the part, which may begin with it."""
        if self.part is None:
            self.part, self.began = [], self.at
        kind, end = token.lastgroup or "", token.end()
        text = token[kind]
        if kind == "comment" or (kind == "escaped" and self._is_windows_path()):
            # Within a part `#` is a sign as any other; and in C:\\models a backslash escapes nothing.
            text, end = self.text[self.at], self.at + 1
        elif kind == "double":
            text = _ESCAPED.sub(lambda found: found[1].strip("\n"), text)
        elif kind == "escaped":
            text = text.strip("\n")
        self.part.append(text)
        self.at = end

    def _is_windows_path(self) -> bool:
        return _WINDOWS.search(self.text, self.began, min(self.at + 1, self.began + _NEAR)) is not None

    def _end_of_part(self) -> None:
        if self.part is not None:
            self.commands[-1].append(Setting("".join(self.part), self._origin(self.began)))
            self.part = None

    def _origin(self, at: int) -> Origin:
        line = self.text.count("\n", 0, at)
        column = at - (self.text.rfind("\n", 0, at) + 1)
        first = self.start.column if line == 0 else 1
        return self.start._replace(line=self.start.line + line, column=first + column)

    def _problem(self, message: str, hint: str) -> Problem:
        return Problem(self._origin(self.at), "", message, hint, "import.command")


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
