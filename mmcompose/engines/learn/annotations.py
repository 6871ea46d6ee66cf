"""Reads a type annotation as the command-line flag that an engine makes from it."""

from __future__ import annotations

import ast
from contextlib import suppress
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from mmcompose.engines.learn.add_argument import Shape
from mmcompose.engines.learn.source_tree import Definition, SourceTree, Unreadable, called

_BUILTIN = {"bool", "int", "float", "str", "dict", "list", "tuple", "set"}
_GENERIC = {"List": "list", "Dict": "dict", "Tuple": "tuple", "Set": "set", "Sequence": "list", "Mapping": "dict"}
_TRANSPARENT = ("Annotated", "A", "SkipValidation", "Final", "ClassVar", "InitVar")


@dataclass
class Types:
    """The parts of a union: plain types by name, and the contents of the special ones."""

    atoms: set[str] = field(default_factory=lambda: {"other"})
    literals: list[Any] = field(default_factory=list)  # of a Literal
    element: Types | None = None  # of a list, tuple or set
    length: int | None = None  # of a tuple with a fixed length
    record: Definition | None = None  # a dataclass

    def __or__(self, other: Types) -> Types:
        return Types(
            self.atoms | other.atoms,
            self.literals + other.literals,
            self.element or other.element,
            self.length or other.length,
            self.record or other.record,
        )

    @property
    def number(self) -> str:
        """The kind of a value that is a number, if only one sort of number is taken; else text."""
        numbers = self.atoms & {"int", "float"}
        return next(iter(numbers)) if len(numbers) == 1 and "str" not in self.atoms else "str"

    @property
    def chosen(self) -> Shape:
        """The kind and the choices of a Literal."""
        literals = [literal for literal in self.literals if literal is not None]
        kind = "int" if literals and all(isinstance(literal, int) for literal in literals) else "str"
        return {"kind": kind, "choices": [str(literal) for literal in literals]}


def read(tree: SourceTree, node: ast.AST | None, module: str, depth: int = 0) -> Types:
    again = depth + 1
    match node:
        case _ if depth > 20:
            pass
        case ast.Constant(value=None):
            return Types({"none"})
        case ast.Constant(value=str() as text):
            with suppress(SyntaxError):
                return read(tree, ast.parse(text, mode="eval").body, module, again)
        case ast.BinOp(op=ast.BitOr()):
            return read(tree, node.left, module, again) | read(tree, node.right, module, again)
        case ast.Subscript():
            return _generic(tree, node, module, again)
        case ast.Name():
            return _named(tree, node.id, module, again)
    return Types()


def _generic(tree: SourceTree, node: ast.Subscript, module: str, depth: int) -> Types:
    name = called(node)
    if name == "Literal":
        with suppress(Unreadable):  # None inside a Literal is not the None of a union; it is one of the literals
            return Types({"literal"}, tree.literal(node, module))
        return Types()
    items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    first, *others = [read(tree, item, module, depth) for item in items] or [Types()]
    match _GENERIC.get(name, name):
        case "Optional":
            return first | Types({"none"})
        case "Union":
            return reduce(or_, others, first)
        case "list" | "tuple" | "set" as kind:
            endless = any(isinstance(item, ast.Constant) and item.value is ... for item in items)
            return Types({kind}, element=first, length=len(items) if kind == "tuple" and not endless else None)
        case "dict":
            return Types({"dict"})
    return first if name in _TRANSPARENT else Types()


def _named(tree: SourceTree, name: str, module: str, depth: int) -> Types:
    if name in _BUILTIN:
        return Types({name})
    found = tree.find(module, name)
    match found and found.node:
        case None if name in _GENERIC:
            return Types({_GENERIC[name]})
        case ast.ClassDef(bases=bases, decorator_list=decorators):
            above = {called(base) for base in bases}
            if above & {"dict", "UserDict"} and "TypedDict" not in above:
                return Types({"dict"})
            if {called(item) for item in decorators} & {"dataclass", "config"} and "TypedDict" not in above:
                return Types({"record"}, record=found)
        case ast.Assign(value=value) | ast.AnnAssign(value=value) if found:
            return read(tree, value, found.module, depth)
    return Types()
