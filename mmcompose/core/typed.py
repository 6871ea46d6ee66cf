"""Values that were typed: they stand in no file that would say for whom they are wrong, so the profile is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mmcompose.model import Problem

LINE = "command line"
"""The layer of what was typed."""


def told_of(name: str, problems: Iterable[Problem]) -> Iterator[Problem]:
    """`--set for ocr`. Once is enough: what has a name already is of another layer."""
    for problem in problems:
        where = problem.origin
        if where is not None and where.layer == LINE:
            yield problem._replace(origin=where._replace(layer=f"{LINE} for {name}", file=f"{where.file} for {name}"))
        else:
            yield problem
