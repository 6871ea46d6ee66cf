"""Names the profile in Problems about values from the command line, since no file shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mmcompose.model import Path, Problem, Setting
from mmcompose.model.paths import PRIVATE

LINE = "command line"
"""The layer of values from the command line."""


def is_typed(tree: Setting, path: Path) -> bool:
    """Whether a person wrote this value on a command line: then no commit brought it."""
    origin = tree.nearest(path).origin
    return origin.layer == LINE or origin.file.startswith(f"{PRIVATE}/")


def for_profile(name: str, problems: Iterable[Problem]) -> Iterator[Problem]:
    """Adds the profile's name to a place on the command line, as in `--set for ocr`."""
    for problem in problems:
        where = problem.origin
        if where is not None and where.layer == LINE:
            yield problem._replace(origin=where._replace(layer=f"{LINE} for {name}", file=f"{where.file} for {name}"))
        else:
            yield problem
