"""Follows the functions that fill an argparse parser, statement by statement, without running them."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Any

from mmcompose.engines.add_argument import Shape, shape_of, snake, trim
from mmcompose.engines.source_tree import Found, SourceTree, Unreadable, called

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Keywords = dict[str, Any]
Fields = dict[str, Keywords]
Namespace = dict[str, Fields | Keywords]


class ArgumentReader:
    """Collects flags by their snake_case name. `kwargs_of` knows what an engine derives from a configuration class."""

    def __init__(self, tree: SourceTree, kwargs_of: Callable[[Found], Fields]) -> None:
        self.tree = tree
        self.kwargs_of = kwargs_of
        self.flags: dict[str, Shape] = {}

    def method(self, owner: Found, name: str, names: Namespace | None = None) -> None:
        """Follow a method of a class, or of the first base that has it."""
        node = owner.node
        if not isinstance(node, ast.ClassDef):
            return
        for item in node.body:
            if isinstance(item, ast.FunctionDef) and item.name == name:
                self._block(item.body, owner.module, dict(names or {}), owner, node)
                return
        for base in node.bases:
            above = self.tree.find(owner.module, base.id) if isinstance(base, ast.Name) else None
            if above:
                self._inherited(owner, above, name, names)
                return

    def _inherited(self, owner: Found, above: Found, name: str, names: Namespace | None) -> None:
        """A method of a base, run for `owner`: `cls` is still the class that was asked."""
        if not isinstance(above.node, ast.ClassDef):
            return
        for item in above.node.body:
            if isinstance(item, ast.FunctionDef) and item.name == name:
                self._block(item.body, above.module, dict(names or {}), owner, above.node)

    def function(self, found: Found) -> None:
        if isinstance(found.node, ast.FunctionDef):
            self._block(found.node.body, found.module, {}, None, None)

    def _block(
        self, body: list[ast.stmt], module: str, names: Namespace, owner: Found | None, within: ast.ClassDef | None
    ) -> None:
        for statement in body:
            match statement:
                case ast.Assign(targets=[target]):
                    self._assign(target, statement.value, module, names, owner, within)
                case ast.Delete(targets=[ast.Subscript() as target]):
                    self._forget(target, names)
                case ast.Expr(value=ast.Call() as call):
                    self._call(call, module, names, owner, within)
                case ast.If():
                    self._block(statement.body, module, names, owner, within)
                    self._block(statement.orelse, module, names, owner, within)
                case ast.Try() | ast.With():
                    self._block(statement.body, module, names, owner, within)
                case ast.For(iter=ast.Call(func=ast.Attribute(attr="items", value=ast.Name(id=name)))):
                    self._every(names.get(name, {}), module)
                case ast.For(iter=ast.List() | ast.Tuple() as items, target=target):
                    for item in items.elts:
                        body = [_with(item, target, copied) for copied in statement.body]
                        self._block(body, module, names, owner, within)
                case ast.Return(value=ast.Call() as call):
                    self._call(call, module, names, owner, within)

    def _assign(
        self,
        target: ast.expr,
        value: ast.expr,
        module: str,
        names: Namespace,
        owner: Found | None,
        within: ast.ClassDef | None,
    ) -> None:
        if isinstance(target, ast.Subscript):
            keywords = self._keywords(target.value, module, names, owner)
            key = target.slice.value if isinstance(target.slice, ast.Constant) else None
            if keywords is not None and isinstance(key, str):
                keywords[key] = value
        elif isinstance(target, ast.Name):
            known = self._keywords(value, module, names, owner)
            if known is not None:
                names[target.id] = known
            elif isinstance(value, ast.Call):
                self._call(value, module, names, owner, within)

    def _keywords(self, node: ast.AST, module: str, names: Namespace, owner: Found | None) -> Any:
        """The keyword arguments that an expression stands for: `get_kwargs(X)["name"]`, `load_kwargs["name"]`, ..."""
        match node:
            case ast.Name():
                return names.get(node.id)
            case ast.Call() if called(node) == "get_kwargs" and node.args:
                found = owner if _name(node.args[0]) == "cls" else self.tree.find(module, _name(node.args[0]))
                return self.kwargs_of(found) if found else None
            case ast.Subscript(slice=ast.Constant(value=str() as key)):
                fields = self._keywords(node.value, module, names, owner)
                return fields.get(key) if isinstance(fields, dict) else None
            case ast.Dict():
                return self._merged(node, module, names, owner)
        return None

    def _merged(self, node: ast.Dict, module: str, names: Namespace, owner: Found | None) -> Keywords:
        """`{**load_kwargs["name"], "default": None}`."""
        made: Keywords = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                made.update(self._keywords(value, module, names, owner) or {})
            elif isinstance(key, ast.Constant):
                made[str(key.value)] = value
        return made

    def _forget(self, target: ast.Subscript, names: Namespace) -> None:
        keywords = self._keywords(target.value, "", names, None)
        if isinstance(keywords, dict) and isinstance(target.slice, ast.Constant):
            _drop(keywords, str(target.slice.value))

    def _call(
        self, call: ast.Call, module: str, names: Namespace, owner: Found | None, within: ast.ClassDef | None
    ) -> None:
        name = called(call)
        holder = call.func.value if isinstance(call.func, ast.Attribute) else None
        if name == "add_argument":
            self._add(call, module, names, owner)
        elif name == "pop" and holder is not None and call.args and isinstance(call.args[0], ast.Constant):
            keywords = self._keywords(holder, module, names, owner)
            if isinstance(keywords, dict):
                _drop(keywords, str(call.args[0].value))
        elif name == "remove" and isinstance(holder, ast.Subscript):
            self._remove(holder, call, module, names, owner)
        elif name == "_customize_cli_kwargs" and owner and call.args:
            given = {"frontend_kwargs": self._keywords(call.args[0], module, names, owner) or {}}
            above = self._above(module, within) if isinstance(holder, ast.Call) else None
            if above:
                self._inherited(owner, above, name, given)
            elif not isinstance(holder, ast.Call):
                self.method(owner, name, given)
        elif name == "add_cli_args" and isinstance(holder, ast.Name):
            found = self.tree.find(module, holder.id)
            if found:
                self.method(found, "add_cli_args")

    def _above(self, module: str, within: ast.ClassDef | None) -> Found | None:
        """What `super()` means in the class that holds the method."""
        bases = within.bases if within else []
        return next((found for base in bases if (found := self.tree.find(module, _name(base)))), None)

    def _remove(
        self, holder: ast.Subscript, call: ast.Call, module: str, names: Namespace, owner: Found | None
    ) -> None:
        """`kwargs["all2all_backend"]["choices"].remove(PASSTHROUGH)`."""
        keywords = self._keywords(holder.value, module, names, owner)
        choices = keywords.get("shape", {}).get("choices") if isinstance(keywords, dict) else None
        try:
            word = str(self.tree.value(call.args[0], module)) if call.args else ""
        except Unreadable:
            return
        if choices and word in choices:
            keywords["shape"] = {**keywords["shape"], "choices": [other for other in choices if other != word]}

    def _every(self, fields: Mapping[str, Any], module: str) -> None:
        """`for key, value in kwargs.items(): group.add_argument(f"--{key...}", **value)`."""
        for name, keywords in fields.items():
            if isinstance(keywords, dict):
                self.put(["--" + name.replace("_", "-")], keywords, module)

    def _add(self, call: ast.Call, module: str, names: Namespace, owner: Found | None) -> None:
        options = [item.value for item in call.args if isinstance(item, ast.Constant) and isinstance(item.value, str)]
        keywords: Keywords = {}
        for keyword in call.keywords:
            if keyword.arg is None:
                keywords.update(self._keywords(keyword.value, module, names, owner) or {})
            else:
                keywords[keyword.arg] = keyword.value
        self.put(options, keywords, module)

    def put(self, options: list[str], keywords: Mapping[str, Any], module: str) -> None:
        long = [option for option in options if option.startswith("--")]
        if not long:
            return  # a positional argument, or a flag without a long name
        shape = shape_of(self.tree, module, keywords)
        target = keywords.get("dest")
        wanted = str(target.value) if isinstance(target, ast.Constant) else str(target or "")
        main = next((option for option in long if snake(option) == wanted), long[0])
        shape["aliases"] = [option for option in options if option != main]
        self.flags[snake(main)] = trim(shape)


class _Put(ast.NodeTransformer):
    def __init__(self, values: dict[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.values.get(node.id, node)


def _with(item: ast.expr, target: ast.expr, body: ast.stmt) -> ast.stmt:
    """One turn of a loop over written-out values: the loop's names replaced by them."""
    names = target.elts if isinstance(target, ast.Tuple) else [target]
    values = item.elts if isinstance(target, ast.Tuple) and isinstance(item, ast.Tuple) else [item]
    put = {name.id: value for name, value in zip(names, values, strict=False) if isinstance(name, ast.Name)}
    made: ast.stmt = _Put(put).visit(copy.deepcopy(body))
    return made


def _drop(keywords: Keywords, key: str) -> None:
    keywords.pop(key, None)
    part = {"nargs": "many", "choices": "choices", "default": "default"}.get(key)
    if part and "shape" in keywords:
        keywords["shape"] = {name: value for name, value in keywords["shape"].items() if name != part}


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""
