"""Reads a Python package without importing it: the definitions of names, and the values of constant expressions."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Unreadable(Exception):  # noqa: N818 - not an error: the value is only known while the engine runs
    """Reports an expression whose value the source does not show."""


class Definition(NamedTuple):
    module: str
    node: ast.AST


class SourceTree:
    """Modules of one package by their dotted names; each is parsed at its first use."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.modules: dict[str, dict[str, ast.AST] | None] = {}

    def names(self, module: str) -> dict[str, ast.AST] | None:
        """The names that a module defines or imports at its top, or None if the package has no such module."""
        if module not in self.modules:
            base = module.replace(".", "/")
            text = self.texts.get(f"{base}.py") or self.texts.get(f"{base}/__init__.py")
            try:
                self.modules[module] = None if text is None else dict(_definitions(ast.parse(text).body))
            except (SyntaxError, ValueError, RecursionError):
                self.modules[module] = None
        return self.modules[module]

    def find(self, module: str, name: str, depth: int = 0) -> Definition | None:
        """The definition behind a name, through imports and re-exports."""
        names = self.names(module)
        if names is None or depth > 20:
            return None
        node = names.get(name)
        if isinstance(node, ast.ImportFrom):
            source = self._absolute(module, node)
            original = next((alias.name for alias in node.names if (alias.asname or alias.name) == name), name)
            return self.find(source, original, depth + 1)
        if node is None:
            stars = [
                other for other in names.values() if isinstance(other, ast.ImportFrom) and other.names[0].name == "*"
            ]
            sources = (self._absolute(module, star) for star in stars)
            return next((found for source in sources if (found := self.find(source, name, depth + 1))), None)
        return None if isinstance(node, ast.Import) else Definition(module, node)

    def find_class(self, module: str, name: str) -> Definition | None:
        """The class statement of that name, even if the name is bound again further down."""
        node = (self.names(module) or {}).get(f"class {name}")
        return self.find(module, name) if node is None else Definition(module, node)

    def _absolute(self, module: str, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = module.split(".")
        is_package = f"{module.replace('.', '/')}/__init__.py" in self.texts
        base = parts[: len(parts) - node.level + (1 if is_package else 0)]
        return ".".join([*base, node.module] if node.module else base)

    def value(self, node: ast.AST, module: str, depth: int = 0) -> Any:
        """The value of a constant expression; raises Unreadable if only the running program knows it."""
        if depth > 20:
            raise Unreadable
        again = depth + 1
        match node:
            case ast.Constant():
                return node.value
            case ast.List() | ast.Tuple() | ast.Set():
                return [self.value(item, module, again) for item in node.elts]
            case ast.Dict():
                if any(key is None for key in node.keys):
                    raise Unreadable
                pairs = zip((key for key in node.keys if key), node.values, strict=True)
                return {self.value(key, module, again): self.value(item, module, again) for key, item in pairs}
            case ast.UnaryOp(op=ast.USub()):
                return -self.value(node.operand, module, again)
            case ast.BinOp():
                return self._operation(node, module, again)
            case ast.Name():
                return self._named(node.id, module, again)
            case ast.Attribute(value=ast.Name(id=owner), attr=attribute):
                return self._class_value(owner, attribute, module, again)
            case ast.Call():
                return self._call(node, module, again)
            case ast.ListComp():
                return self._enum_values(node, module, again)
        raise Unreadable

    def known(self, node: ast.AST | None, module: str) -> Any:
        """The value of an expression; None also for one that the source does not show."""
        try:
            return None if node is None else self.value(node, module)
        except Unreadable:
            return None

    def default(self, node: ast.AST | None, module: str) -> dict[str, Any]:
        """The part of a shape that tells a default: its value, or the expression that computes it."""
        try:
            default = None if node is None else self.value(node, module)
        except Unreadable:
            return {"expr": ast.unparse(node)[:100]} if node else {}
        return {} if default is None else {"default": default}

    def _operation(self, node: ast.BinOp, module: str, depth: int) -> Any:
        left, right = self.value(node.left, module, depth), self.value(node.right, module, depth)
        try:
            if isinstance(node.op, ast.Add):
                return left + right
            if isinstance(node.op, ast.Mult):
                return left * right
            if isinstance(node.op, ast.Pow) and abs(right) < 64:
                return left**right
        except TypeError as error:
            raise Unreadable from error
        raise Unreadable

    def _named(self, name: str, module: str, depth: int) -> Any:
        found = self.find(module, name)
        definition = found.node if found else None
        if found and isinstance(definition, (ast.Assign, ast.AnnAssign)) and definition.value is not None:
            return self.value(definition.value, found.module, depth)
        raise Unreadable

    def _class_value(self, owner: str, attribute: str, module: str, depth: int) -> Any:
        """The default of a class's field: `EngineArgs.max_num_seqs`."""
        found = self.find(module, owner)
        if found is None:
            raise Unreadable
        values = {called(field.target): (field.value, place) for place, field in self.fields(found)}
        values |= {name: (member, found.module) for name, member in _members(found).items()}
        node, place = values.get(attribute, (None, module))
        if node is None:
            raise Unreadable
        return self.value(node, place, depth)

    def _call(self, node: ast.Call, module: str, depth: int) -> Any:
        name = called(node)
        if name in ("list", "sorted", "set", "tuple") and len(node.args) == 1:
            items = self.value(node.args[0], module, depth)
            return sorted(items, key=str) if name == "sorted" else list(items)
        if name == "get_args" and node.args:
            return self.literal(node.args[0], module, depth)
        if name in ("field", "Field"):
            return self._field_default(node, module, depth)
        if name in ("int", "float") and len(node.args) == 1 and isinstance(node.args[0], ast.Constant):
            number = node.args[0].value
            return int(str(number)) if name == "int" else float(str(number)) if str(number) != "inf" else "inf"
        raise Unreadable

    def _field_default(self, node: ast.Call, module: str, depth: int) -> Any:
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        match given.get("default"), given.get("default_factory"):
            case (ast.expr() as plain, _) | (None, ast.Lambda(body=plain)):
                return self.value(plain, module, depth)
            case None, ast.Name(id="list" | "dict" as kind):
                return [] if kind == "list" else {}
        if node.args and not (isinstance(node.args[0], ast.Constant) and node.args[0].value is ...):
            return self.value(node.args[0], module, depth)
        raise Unreadable

    def _enum_values(self, node: ast.ListComp, module: str, depth: int) -> Any:
        """The values of an enum: `[f.value for f in LoadFormat]`."""
        part, source = node.elt, node.generators[0].iter
        if not (isinstance(part, ast.Attribute) and part.attr == "value" and isinstance(source, ast.Name)):
            raise Unreadable
        found = self.find(module, source.id)
        if found is None or not isinstance(found.node, ast.ClassDef):
            raise Unreadable
        return [self.value(member, found.module, depth) for member in _members(found).values()]

    def literal(self, node: ast.AST, module: str, depth: int = 0) -> list[Any]:
        """The values of a `Literal[...]`, directly or by name."""
        if depth > 20:
            raise Unreadable
        if isinstance(node, ast.Subscript) and called(node) == "Literal":
            items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            literals: list[Any] = []
            for item in items:
                literals += [item.value] if isinstance(item, ast.Constant) else self.literal(item, module, depth + 1)
            return literals
        if isinstance(node, ast.Name) and (found := self.find(module, node.id)):
            value = getattr(found.node, "value", None)
            if isinstance(value, ast.AST):
                return self.literal(value, found.module, depth + 1)
        raise Unreadable

    def fields(self, found: Definition, depth: int = 0) -> Iterator[tuple[str, ast.AnnAssign]]:
        """The annotated fields of a class, its bases' first; a repeated field keeps its base's place."""
        seen: dict[str, tuple[str, ast.AnnAssign]] = {}
        if isinstance(found.node, ast.ClassDef) and depth < 10:
            for base in found.node.bases:
                above = self.find(found.module, base.id) if isinstance(base, ast.Name) else None
                if above:
                    seen.update((called(item.target), (place, item)) for place, item in self.fields(above, depth + 1))
            for item in found.node.body:
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                    seen[item.target.id] = (found.module, item)
        yield from seen.values()


def _members(found: Definition) -> dict[str, ast.expr]:
    """The members of an enumeration."""
    body = found.node.body if isinstance(found.node, ast.ClassDef) else []
    return {called(item.targets[0]): item.value for item in body if isinstance(item, ast.Assign)}


def called(node: ast.AST) -> str:
    """The last part of the name that an expression calls or subscripts: `json.loads` and `json.loads(text)` give
    `loads`."""
    if isinstance(node, ast.Call):
        node = node.func
    elif isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _bound(alias: ast.alias, node: ast.Import | ast.ImportFrom) -> str:
    """The name that an import binds; each `import *` keeps an entry of its own."""
    return f"* {node.lineno}" if alias.name == "*" else alias.asname or alias.name


def _definitions(body: list[ast.stmt]) -> Iterator[tuple[str, ast.AST]]:
    """Names and their definitions, including those inside `if` and `try`; the branch that runs comes last and wins."""
    for node in body:
        match node:
            case ast.ClassDef(name=name):
                yield from ((name, node), (f"class {name}", node))
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name, node
            case ast.Assign():
                yield from ((target.id, node) for target in node.targets if isinstance(target, ast.Name))
            case ast.ImportFrom() | ast.Import():
                yield from ((_bound(alias, node), node) for alias in node.names)
            case ast.If() if "TYPE_CHECKING" in ast.unparse(node.test):  # what stands under it is not what runs
                yield from _definitions([*node.body, *node.orelse])
            case ast.If():
                yield from _definitions([*node.orelse, *node.body])
            case ast.Try():
                handled = [statement for handler in node.handlers for statement in handler.body]
                yield from _definitions([*handled, *node.body])
