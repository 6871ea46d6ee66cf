"""Turns the keywords of an `add_argument` call into the shape that a history stores."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from mmcompose.engines.learn.source_tree import SourceTree, called

Shape = dict[str, Any]
_EMPTY: tuple[object, ...] = (False, [], "", ())
NAMED = r"[^=]*=[^=]*|"  # name=path
NAMED_OR_JSON = r"(?!.*,.*=)[^=]*=.*|\s*[{\[n].*|"  # name=path, or JSON

_CONVERTERS: Mapping[str, Shape] = {
    "int": {"kind": "int"},
    "float": {"kind": "float"},
    "str": {"kind": "str"},
    "loads": {"kind": "json"},
    "json_list_type": {"kind": "json"},
    "human_readable_int": {"kind": "int", "suffixes": "K"},
    "human_readable_int_or_auto": {"kind": "int", "suffixes": "K", "auto": True},
    "union_dict_and_str": {"kind": "json-or-str"},
    "nullable_str": {"kind": "str", "nullable": True},
    "from_cli": {"kind": "json", "object": True},
    "from_json": {"kind": "json", "object": True},
    "parse_cuda_graph_config_arg": {"kind": "json", "object": True},
    "nullable_kvs": {"kind": "pairs"},
}


def snake(option: str) -> str:
    return option.removeprefix("--").replace("-", "_")


def main_of(options: Sequence[str]) -> str:
    """The first long spelling."""
    return next((option for option in options if option.startswith("--")), "")


def put(flags: dict[str, Shape], options: Sequence[str], shape: Mapping[str, Any], main: str = "") -> None:
    """Keeps the shape of a flag under `main` or its first long spelling; one that has none is passed over. Empty parts
    of a shape are dropped, but not a default of false or 0."""
    main = main or main_of(options)
    parts = {**shape, "aliases": [option for option in options if option != main]}
    if main:
        flags[snake(main)] = {key: part for key, part in parts.items() if key == "default" or part not in _EMPTY}


def turned_off(main: str, spelled: Sequence[str]) -> Shape:
    """The parts of a shape that tell what turns a switch off; `no` stands for the usual --no-x."""
    usual = "--no-" + main.removeprefix("--")
    off = "no" if usual in spelled else main_of(spelled) or "".join(spelled[:1])
    return {"off": off, "negatives": [option for option in spelled if option not in (usual, off)]}


def shape_of(tree: SourceTree, module: str, keywords: Mapping[str, Any]) -> Shape:
    """`keywords` hold syntax (ast nodes) or ready parts of a shape under the key "shape"."""
    shape: Shape = dict(keywords.get("shape", ()))
    if "type" in keywords:
        _convert(shape, keywords["type"])
    shape.setdefault("kind", "str")
    if "action" in keywords:
        _act(shape, keywords["action"])
    if "nargs" in keywords:
        many = tree.known(keywords["nargs"], module)
        if shape["kind"] != "switch" and many is not None:
            shape["many"] = str(many)
    if "choices" in keywords:
        _choose(shape, tree, module, keywords["choices"])
    if "default" in keywords:
        for key in ("default", "expr"):
            shape.pop(key, None)
        shape |= tree.default(keywords["default"], module)
    if shape["kind"] == "str" and not shape.get("choices"):
        shape.pop("nullable", None)  # "None" is text like any other there
    for key in ("deprecated", "required"):
        if tree.known(keywords.get(key), module) is True:
            shape[key] = True
    return shape


def _convert(shape: Shape, node: ast.AST) -> None:
    for key in ("kind", "suffixes", "auto", "nullable", "object", "keys"):
        shape.pop(key, None)
    if isinstance(node, ast.Call):  # optional_type(str), parse_type(json.loads)
        if called(node) == "optional_type":
            shape["nullable"] = True
        node = node.args[0] if node.args else node
    shape.update(_CONVERTERS.get(called(node), {"kind": "str"}))
    if isinstance(node, ast.Lambda) and ".lower()" in ast.unparse(node):
        shape["fold"] = True


def _act(shape: Shape, node: ast.AST) -> None:
    name = str(node.value) if isinstance(node, ast.Constant) else called(node)
    if name in ("store_true", "store_false", "BooleanOptionalAction") or name.startswith("DeprecatedStore"):
        for key in ("many", "choices", "nullable"):
            shape.pop(key, None)
        shape["kind"] = "switch"
        if name in ("store_true", "DeprecatedStoreTrueAction"):
            shape.setdefault("default", False)
        if name == "BooleanOptionalAction":
            shape["off"] = "no"
    elif name == "StoreBoolean":
        shape["kind"] = "truth"
    elif name in ("LoRAParserAction", "PromptAdapterParserAction"):
        shape["pattern"] = NAMED_OR_JSON if name == "LoRAParserAction" else NAMED
    elif name == "append":
        shape["many"] = "repeat"
    elif name == "DeprecatedAction":
        shape.update(kind="switch", stub=True)
    if name.startswith("Deprecated") and not shape.get("stub"):
        shape["deprecated"] = True


def _choose(shape: Shape, tree: SourceTree, module: str, node: ast.AST) -> None:
    choices = tree.known(node, module)
    if choices is None:
        shape["open"] = True  # only the running engine knows them all
        return
    if None in choices or "None" in choices:
        shape["nullable"] = True
    shape["choices"] = list(dict.fromkeys(str(choice) for choice in choices if choice is not None and choice != "None"))
