"""The rule that only its own files know a kind of benchmark by its name."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mmcompose.engines.known.benchmarks import kinds
from tests.architecture.syntax import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES = ("kinds", "contained")
"""Functions that return kinds by their names."""


def on_a_kind(source: str) -> Iterator[str]:
    """Comparisons with the name of a kind, and tables of kinds from which one is taken by its name."""
    names = set(kinds())
    for node in nodes(source):
        for name in _compared(node):
            if isinstance(name, ast.Constant) and name.value in names:
                yield f"line {name.lineno}: {name.value!r} is one kind of benchmark; ask its table or its object"


def _compared(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Compare(left=left, comparators=others):
            for side in (left, *others):
                yield from side.elts if isinstance(side, ast.Tuple | ast.List | ast.Set) else (side,)
        case ast.MatchValue(value=value):
            yield value
        case ast.Subscript(value=ast.Call(func=ast.Name(id=name)), slice=key) if name in TABLES:
            yield key
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id=name)), attr="get"), args=[key, *_]):
            if name in TABLES:
                yield key
        case _:
            pass
