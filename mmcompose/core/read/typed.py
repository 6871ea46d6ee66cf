"""Names the profile in Problems of values from the command line, since no file shows for which one they are wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mmcompose.model import Path, Problem, Setting

LINE = "command line"
"""The layer of values from the command line."""
ASIDE = ".mmcompose/"
"""The file of the profile that is made for a model on the command line."""


def is_typed(tree: Setting, path: Path) -> bool:
    """Whether a person wrote this value on a command line, and no file that came with a commit."""
    origin = tree.nearest(path).origin
    return origin.layer == LINE or origin.file.startswith(ASIDE)


def for_profile(name: str, problems: Iterable[Problem]) -> Iterator[Problem]:
    """Adds the profile's name to the place, as in `--set for ocr`; a place that has one is of another layer."""
    for problem in problems:
        where = problem.origin
        if where is not None and where.layer == LINE:
            yield problem._replace(origin=where._replace(layer=f"{LINE} for {name}", file=f"{where.file} for {name}"))
        else:
            yield problem
