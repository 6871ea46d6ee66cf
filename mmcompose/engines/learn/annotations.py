"""Reads a type annotation as the command-line flag that an engine makes from it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from mmcompose.engines.learn.source_tree import Definition, SourceTree, Unreadable, called

_BUILTIN = {"bool", "int", "float", "str", "dict", "list", "tuple", "set"}
_GENERIC = {"List": "list", "Dict": "dict", "Tuple": "tuple", "Set": "set", "Sequence": "list", "Mapping": "dict"}
_TRANSPARENT = ("Annotated", "A", "SkipValidation", "Final", "ClassVar", "InitVar")


@dataclass
class Types:
    """The parts of a union: plain types by name, and the contents of the special ones."""

    atoms: set[str] = field(default_factory=set)
    literals: list[Any] = field(default_factory=list)  # of a Literal
    element: Types | None = None  # of a list, tuple or set
    length: int | None = None  # of a tuple with a fixed length
    record: Definition | None = None  # a dataclass

    def add(self, other: Types) -> Types:
        self.atoms |= other.atoms
        self.literals += other.literals
        self.element = self.element or other.element
        self.length = self.length or other.length
        self.record = self.record or other.record
        return self


def read(tree: SourceTree, node: ast.AST | None, module: str, depth: int = 0) -> Types:
    if node is None or depth > 20:
        return Types({"other"})
    match node:
        case ast.Constant(value=None):
            return Types({"none"})
        case ast.Constant(value=str() as text):
            try:
                return read(tree, ast.parse(text, mode="eval").body, module, depth + 1)
            except SyntaxError:
                return Types({"other"})
        case ast.BinOp(op=ast.BitOr()):
            return read(tree, node.left, module, depth + 1).add(read(tree, node.right, module, depth + 1))
        case ast.Subscript():
            return _generic(tree, node, module, depth)
        case ast.Name():
            return _named(tree, node.id, module, depth)
    return Types({"other"})


def _generic(tree: SourceTree, node: ast.Subscript, module: str, depth: int) -> Types:
    name = called(node)
    items = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name in _TRANSPARENT:
        return read(tree, items[0], module, depth + 1)
    if name == "Optional":
        return read(tree, items[0], module, depth + 1).add(Types({"none"}))
    if name == "Union":
        made = Types()
        for item in items:
            made.add(read(tree, item, module, depth + 1))
        return made
    if name == "Literal":
        try:
            literals = tree.literal(node, module)
        except Unreadable:
            return Types({"other"})
        # None inside a Literal is not the None of a union; it is one of the literals.
        return Types({"literal"}, literals)
    kind = _GENERIC.get(name, name)
    if kind in ("list", "tuple", "set"):
        endless = any(isinstance(item, ast.Constant) and item.value is ... for item in items)
        length = len(items) if kind == "tuple" and not endless else None
        return Types({kind}, element=read(tree, items[0], module, depth + 1), length=length)
    return Types({"dict"}) if kind == "dict" else Types({"other"})


def _named(tree: SourceTree, name: str, module: str, depth: int) -> Types:
    if name in _BUILTIN:
        return Types({name})
    found = tree.find(module, name)
    if found is None:
        return Types({_GENERIC[name]}) if name in _GENERIC else Types({"other"})
    node = found.node
    if isinstance(node, ast.ClassDef):
        bases = {called(base) for base in node.bases}
        if "TypedDict" in bases:
            return Types({"other"})
        if bases & {"dict", "UserDict"}:
            return Types({"dict"})
        decorators = {called(item) for item in node.decorator_list}
        if decorators & {"dataclass", "config"}:
            return Types({"record"}, record=found)
        return Types({"other"})
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
        return read(tree, node.value, found.module, depth + 1)
    return Types({"other"})
