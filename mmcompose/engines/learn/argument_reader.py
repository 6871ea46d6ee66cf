"""Follows the functions that fill an argparse parser, statement by statement, without running them."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from mmcompose.engines.learn.add_argument import Shape, put, shape_of, snake
from mmcompose.engines.learn.source_tree import Definition, SourceTree, called

Keywords = dict[str, Any]
Fields = dict[str, Keywords]
Namespace = dict[str, Fields | Keywords]


@dataclass(frozen=True, slots=True)
class Scope:
    """The surroundings of a statement.

    `names`: the keyword arguments that local names hold, filled while statements are followed; `cls`: the class whose
    method was called; `within`: the class that holds the method, above which `super()` begins.
    """

    module: str
    names: Namespace = field(default_factory=dict)
    cls: Definition | None = None
    within: Definition | None = None


class ArgumentReader:
    """Collects flags by their snake_case name. `kwargs_of` computes the arguments that an engine derives from a
    configuration class."""

    def __init__(self, tree: SourceTree, kwargs_of: Callable[[Definition], Fields]) -> None:
        self.tree = tree
        self.kwargs_of = kwargs_of
        self.flags: dict[str, Shape] = {}

    def function(self, found: Definition) -> None:
        if isinstance(found.node, ast.FunctionDef):
            self._block(found.node.body, Scope(found.module))

    def method(self, owner: Definition, name: str) -> None:
        """Follows a method of a class, or of the nearest base that has it."""
        self._method(self._lineage(owner), name, owner, {})

    def _method(self, lineage: Iterable[Definition], name: str, cls: Definition | None, names: Namespace) -> None:
        for found in lineage:
            for item in ast.iter_child_nodes(found.node):
                if isinstance(item, ast.FunctionDef) and item.name == name:
                    self._block(item.body, Scope(found.module, names, cls, found))
                    return

    def _lineage(self, found: Definition | None) -> Iterator[Definition]:
        """A class and its bases, always the first base in the source; a circle of bases ends the list."""
        seen: set[ast.AST] = set()
        while found and isinstance(found.node, ast.ClassDef) and found.node not in seen:
            yield found
            seen.add(found.node)
            above = (self.tree.find(found.module, called(base)) for base in found.node.bases)
            found = next(filter(None, above), None)

    def _block(self, body: list[ast.stmt], scope: Scope) -> None:
        for statement in body:
            match statement:
                case ast.Assign(targets=[target]):
                    self._assign(target, statement.value, scope)
                case ast.Delete(targets=[ast.Subscript(value=holder, slice=ast.Constant(value=key))]):
                    _drop(self._keywords(holder, scope), str(key))
                case ast.Expr(value=ast.Call() as call) | ast.Return(value=ast.Call() as call):
                    self._call(call, scope)
                case ast.If():
                    self._block([*statement.body, *statement.orelse], scope)
                case ast.Try() | ast.With():
                    self._block(statement.body, scope)
                case ast.For(iter=ast.Call(func=ast.Attribute(attr="items", value=ast.Name(id=name)))):
                    self._every(scope.names.get(name, {}), scope.module)
                case ast.For(iter=ast.List() | ast.Tuple() as items, target=target):
                    for item in items.elts:
                        self._block([_with(item, target, inner) for inner in statement.body], scope)

    def _assign(self, target: ast.expr, value: ast.expr, scope: Scope) -> None:
        match target:
            case ast.Subscript(value=holder, slice=ast.Constant(value=str() as key)):
                keywords = self._keywords(holder, scope)
                if keywords is not None:
                    keywords[key] = value
            case ast.Name(id=name):
                known = self._keywords(value, scope)
                if known is not None:
                    scope.names[name] = known
                elif isinstance(value, ast.Call):
                    self._call(value, scope)

    def _call(self, call: ast.Call, scope: Scope) -> None:
        """Follows the calls that concern flags, and passes over all others."""
        holder = call.func.value if isinstance(call.func, ast.Attribute) else None
        match called(call), holder, call.args[:1]:
            case "add_argument", _, _:
                self._add(call, scope)
            case "pop", ast.expr() as owner, [ast.Constant(value=key)]:
                _drop(self._keywords(owner, scope), str(key))
            case "remove", ast.Subscript(value=owner), [choice]:
                self._remove(self._keywords(owner, scope), choice, scope.module)
            case "_customize_cli_kwargs" as name, _, [given]:
                above = isinstance(holder, ast.Call)  # super()
                lineage = islice(self._lineage(scope.within if above else scope.cls), int(above), None)
                self._method(lineage, name, scope.cls, {"frontend_kwargs": self._keywords(given, scope) or {}})
            case "add_cli_args" as name, ast.Name(id=owner_name), _:
                if found := self.tree.find(scope.module, owner_name):
                    self.method(found, name)

    def _keywords(self, node: ast.AST, scope: Scope) -> Any:
        """The keyword arguments that an expression stands for: `get_kwargs(X)["name"]`, `load_kwargs["name"]`, ..."""
        match node:
            case ast.Name(id=name):
                return scope.names.get(name)
            case ast.Call(args=[config, *_]) if called(node) == "get_kwargs":
                found = scope.cls if called(config) == "cls" else self.tree.find(scope.module, called(config))
                return self.kwargs_of(found) if found else None
            case ast.Subscript(value=holder, slice=ast.Constant(value=str() as key)):
                fields = self._keywords(holder, scope)
                return fields.get(key) if isinstance(fields, dict) else None
            case ast.Dict():
                pairs = zip(node.keys, node.values, strict=True)
                plain = ((key, value) for key, value in pairs if key is None or isinstance(key, ast.Constant))
                return self._merged(((str(key.value) if key else None, value) for key, value in plain), scope)
        return None

    def _merged(self, given: Iterable[tuple[str | None, ast.expr]], scope: Scope) -> Keywords:
        """Reads `{**load_kwargs["name"], "default": None}`, or the same in a call; what is spread has no name."""
        made: Keywords = {}
        for name, value in given:
            made |= {name: value} if name else self._keywords(value, scope) or {}
        return made

    def _remove(self, keywords: Any, choice: ast.expr, module: str) -> None:
        """Follows `kwargs["all2all_backend"]["choices"].remove(PASSTHROUGH)`."""
        choices = keywords.get("shape", {}).get("choices") if isinstance(keywords, dict) else None
        gone = self.tree.known(choice, module)
        if choices and gone is not None:
            keywords["shape"] = {**keywords["shape"], "choices": [other for other in choices if other != str(gone)]}

    def _every(self, fields: Mapping[str, Any], module: str) -> None:
        """Follows `for key, value in kwargs.items(): group.add_argument(f"--{key...}", **value)`."""
        for name, keywords in fields.items():
            if isinstance(keywords, dict):
                self.put(["--" + name.replace("_", "-")], keywords, module)

    def _add(self, call: ast.Call, scope: Scope) -> None:
        options = [item.value for item in call.args if isinstance(item, ast.Constant) and isinstance(item.value, str)]
        keywords = ((keyword.arg, keyword.value) for keyword in call.keywords)
        self.put(options, self._merged(keywords, scope), scope.module)

    def put(self, options: list[str], keywords: Mapping[str, Any], module: str) -> None:
        target = keywords.get("dest")
        wanted = str(target.value) if isinstance(target, ast.Constant) else str(target or "")
        main = next((option for option in options if option.startswith("--") and snake(option) == wanted), "")
        put(self.flags, options, shape_of(self.tree, module, keywords), main)


class _Put(ast.NodeTransformer):
    def __init__(self, values: dict[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.values.get(node.id, node)


def _with(item: ast.expr, target: ast.expr, body: ast.stmt) -> ast.stmt:
    """One turn of a loop over literal values, with the loop's names replaced by them."""
    names = target.elts if isinstance(target, ast.Tuple) else [target]
    values = item.elts if isinstance(target, ast.Tuple) and isinstance(item, ast.Tuple) else [item]
    put = {name.id: value for name, value in zip(names, values, strict=False) if isinstance(name, ast.Name)}
    made: ast.stmt = _Put(put).visit(copy.deepcopy(body))
    return made


def _drop(keywords: Any, key: str) -> None:
    if not isinstance(keywords, dict):
        return
    keywords.pop(key, None)
    part = {"nargs": "many", "choices": "choices", "default": "default"}.get(key)
    if part and "shape" in keywords:
        keywords["shape"] = {name: value for name, value in keywords["shape"].items() if name != part}
