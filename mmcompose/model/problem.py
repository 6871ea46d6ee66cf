"""A Fault is wrong in what was judged; a Problem is a Fault with its place in a file."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from mmcompose.model.origin import Origin, Path, dotted, parse_path

Severity = Literal["error", "warning"]


class Problem(NamedTuple):
    """One thing that is wrong: where it is, what is wrong, and what to write instead."""

    origin: Origin | None
    path: str
    message: str
    hint: str = ""
    rule: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        """One line, even where keys and file names hold line breaks."""
        where = f"{self.origin}: " if self.origin else ""
        what = f"{self.path}: " if self.path else ""
        hint = f" ({self.hint})" if self.hint else ""
        kind = "warning: " if self.severity == "warning" else ""
        return f"{where}{kind}{what}{self.message}{hint}".replace("\n", "\\n")

    def data(self) -> dict[str, Any]:
        """The same for a machine."""
        origin = self.origin
        place = (origin.file, origin.line, origin.column) if origin else (None, None, None)
        return dict(zip(("file", "line", "column"), place, strict=True)) | {
            name: value for name, value in self._asdict().items() if name != "origin"
        }


class Fault(NamedTuple):
    """One thing that is wrong: at a path below what was judged, or at a line and column of its text.

    Lines and columns count from 1. An empty path, or line 0, means the whole.
    """

    path: Path
    message: str
    hint: str = ""
    rule: str = ""
    severity: Severity = "error"
    line: int = 0
    column: int = 0

    @classmethod
    def of(cls, path: str, message: str, hint: str = "", rule: str = "", severity: Severity = "error") -> Fault:
        """A fault at a path in its written form: `args.max_num_seqs`."""
        return cls(parse_path(path), message, hint, rule, severity)

    @classmethod
    def at(
        cls, line: int, column: int, message: str, hint: str = "", rule: str = "", severity: Severity = "error"
    ) -> Fault:
        """A fault at a line and column of a text."""
        return cls((), message, hint, rule, severity, line, column)

    def in_file(self, file: str) -> Problem:
        where = Origin("file", file, self.line, self.column)
        return Problem(where, dotted(self.path), self.message, self.hint, self.rule, self.severity)

    def __str__(self) -> str:
        return str(self.in_file("")).removeprefix(":")
