"""Reads the flags of `vllm serve` in one release from its source: literal calls, and flags made from configuration
classes by `get_kwargs`. The front end's file moved twice; each place is tried."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from mmcompose.engines.learn.add_argument import Shape
from mmcompose.engines.learn.annotations import Types, read
from mmcompose.engines.learn.argument_reader import ArgumentReader, Fields
from mmcompose.engines.learn.source_tree import Definition, SourceTree, Unreadable, called

_FRONT_ENDS = (
    "vllm.entrypoints.common.cli_args",
    "vllm.entrypoints.launchers.cli_args",
    "vllm.entrypoints.openai.cli_args",
)
_SERVE = "vllm.entrypoints.cli.serve"
KINDS = {"int": "int", "float": "float", "str": "str", "bool": "str"}


def learn(texts: Mapping[str, str]) -> dict[str, Shape]:
    """Reads one shape per flag; none without a parser. `texts`: the files by path, `vllm/engine/arg_utils.py`."""
    tree = SourceTree(texts)
    maker = Maker(tree, texts.get("vllm/engine/arg_utils.py", ""))
    reader = ArgumentReader(tree, maker.kwargs_of)
    serve = tree.find(_SERVE, "ServeSubcommand")
    if serve:
        reader.method(serve, "subparser_init")
    for module in _FRONT_ENDS:
        found = tree.find(module, "make_arg_parser")
        if found:
            reader.function(found)
            break
    if "class EnableDisableAction" in texts.get("vllm/utils/argparse_utils.py", ""):
        _pair(reader.flags)
    return reader.flags


def _pair(flags: Mapping[str, Shape]) -> None:
    """Adds --disable-x to every --enable-x that has a --no-enable-x, and the reverse, as vLLM does since 0.33.0."""
    for name, shape in flags.items():
        start, _, rest = name.partition("_")
        twin = {"enable": "disable", "disable": "enable"}.get(start)
        if twin and rest and shape.get("off") == "no":
            shape["negatives"] = [f"--{twin}-{rest.replace('_', '-')}"]


class Maker:
    """Makes arguments of a configuration class's fields as `get_kwargs` of this release does."""

    def __init__(self, tree: SourceTree, engine: str) -> None:
        self.tree = tree
        self.pairs_off = "BooleanOptionalAction" in engine
        self.human = _names_after(engine, "human_readable_int")
        self.auto = "human_readable_int_or_auto" in engine
        self.suffixes_in_json = "_expand_json_human_readable_numbers" in engine

    def kwargs_of(self, found: Definition) -> Fields:
        made: Fields = {}
        for module, field in self.tree.fields(found):
            if isinstance(field.target, ast.Name):
                shape = self.shape(field.target.id, read(self.tree, field.annotation, module))
                made[field.target.id] = {"shape": {**shape, **self._default(field.value, module)}}
        return made

    def shape(self, name: str, types: Types) -> dict[str, Any]:
        atoms = types.atoms
        shape: dict[str, Any] = {}
        if types.record:
            shape = {
                "kind": "json",
                "object": True,
                "suffixes": "K" if self.suffixes_in_json else "",
                "keys": self._keys(types.record),
            }
        elif atoms == {"bool", "str", "none"}:
            return {"kind": "str", "many": "?"}
        elif "bool" in atoms:
            return {"kind": "switch", "off": "no" if self.pairs_off else ""}
        elif "literal" in atoms:
            shape = self._literal(types)
        elif types.element and atoms & {"list", "tuple", "set"}:
            shape = self._several(types)
        elif "int" in atoms:
            shape = {
                "kind": "int",
                "suffixes": "K" if name in self.human else "",
                "auto": name == "max_model_len" and self.auto,
            }
        elif "float" in atoms:
            shape = {"kind": "float"}
        elif "dict" in atoms:
            shape = {"kind": "json-or-str" if atoms & {"str", "other"} else "json"}
        else:
            shape = {"kind": "str"}
        if "none" in atoms:
            shape["nullable"] = True
        return shape

    def _literal(self, types: Types) -> dict[str, Any]:
        literals = [literal for literal in types.literals if literal is not None]
        kind = "int" if literals and all(isinstance(literal, int) for literal in literals) else "str"
        choices = sorted(set(map(str, literals)))
        return {"kind": kind, "choices": choices, "open": "str" in types.atoms, "nullable": None in types.literals}

    def _several(self, types: Types) -> dict[str, Any]:
        element = types.element or Types()
        many = str(types.length) if types.length and "tuple" in types.atoms else "+"
        if "literal" in element.atoms:
            return {**self._literal(element), "many": many}
        one = next(iter(element.atoms)) if len(element.atoms) == 1 else "str"
        return {"kind": KINDS.get(one, "str"), "many": many}

    def _keys(self, record: Definition) -> list[str]:
        """The field names of a class that refuses other fields; empty for one that accepts any."""
        if not isinstance(record.node, ast.ClassDef) or not self._is_strict(record):
            return []
        fields = [
            (module, field) for module, field in self.tree.fields(record) if called(field.annotation) != "ClassVar"
        ]
        names = [field.target.id for _, field in fields if isinstance(field.target, ast.Name) and not _no_init(field)]
        return sorted(names)

    def _is_strict(self, record: Definition) -> bool:
        for item in record.node.decorator_list:  # type: ignore[attr-defined]
            if "forbid" in ast.unparse(item):
                return True
            decorator = self.tree.find(record.module, called(item))
            if decorator and "forbid" in ast.unparse(decorator.node):
                return True
        return False

    def _default(self, node: ast.AST | None, module: str) -> dict[str, Any]:
        if node is None:
            return {}
        try:
            default = self.tree.value(node, module)
        except Unreadable:
            return {"expr": ast.unparse(node)[:100]}
        return {} if default is None else {"default": default}


def _no_init(field: ast.AnnAssign) -> bool:
    keywords = field.value.keywords if isinstance(field.value, ast.Call) else []
    return any(keyword.arg == "init" and ast.unparse(keyword.value) == "False" for keyword in keywords)


def _names_after(text: str, converter: str) -> set[str]:
    """The argument names in the branch that chooses a converter: sets, tuples and single comparisons."""
    if not text:
        return set()
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return set()
    named: dict[str, set[str]] = {}
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            named[node.targets[0].id] = _texts(node.value)
    for node in ast.walk(tree):
        if not isinstance(node, ast.If) or converter not in "".join(map(ast.unparse, node.body)):
            continue
        if isinstance(node.test, ast.Compare) and ast.unparse(node.test.left) == "name":
            other = node.test.comparators[0]
            found |= named.get(other.id, set()) if isinstance(other, ast.Name) else _texts(other)
    return found


def _texts(node: ast.AST) -> set[str]:
    return {item.value for item in ast.walk(node) if isinstance(item, ast.Constant) and isinstance(item.value, str)}
