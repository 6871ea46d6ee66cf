"""Tables for people: fitted to a terminal, whole in a pipe or a file."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence

from mmcompose.cli.printing.output import on_terminal
from mmcompose.core import wrapping
from mmcompose.core.columns import Fit, page
from mmcompose.core.plain import one_line


def table(rows: Iterable[Sequence[object]], headers: Sequence[str], fit: Fit | None = None) -> str:
    """The lines of a table. Without a `fit` nothing is cut."""
    texts = [[one_line(str(cell)) for cell in row] for row in rows]
    shown = [[header, *(row[index] for row in texts)] for index, header in enumerate(headers)]
    return "\n".join(page(shown, fit or Fit(), width() if fit else None))


def width() -> int | None:
    """The columns of the terminal; None for any other output."""
    return shutil.get_terminal_size().columns if on_terminal() else None


def wrapped(text: str, indent: str, begins: int = 0) -> str:
    """A line, continued on indented lines where the terminal ends; `begins` columns of its first line are taken."""
    return wrapping.wrapped(text, width(), indent, begins)
