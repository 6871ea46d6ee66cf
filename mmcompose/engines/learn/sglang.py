"""Reads the flags of SGLang's server in one release from its source: `add_argument` calls, `A[type, Arg(...)]`
annotations on ServerArgs, and since 0.5.20 the same annotations on the classes under arg_groups/fields."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from mmcompose.engines.learn.add_argument import Shape
from mmcompose.engines.learn.annotations import Types, read
from mmcompose.engines.learn.argument_reader import ArgumentReader
from mmcompose.engines.learn.source_tree import Definition, SourceTree, called

_SERVER = "sglang.srt.server_args"
FIELDS = "sglang/srt/arg_groups/fields/"


def learn(texts: Mapping[str, str]) -> dict[str, Shape]:
    """Reads one shape per flag; none without a parser. `texts`: the files by path, `sglang/srt/server_args.py`."""
    tree = SourceTree(texts)
    reader = ArgumentReader(tree, lambda _: {})
    server = tree.find_class(_SERVER, "ServerArgs")
    if server is None:
        return {}
    for found in (*_namespaces(tree), server):
        for module, field in tree.fields(found):
            _annotated(reader, module, field)
    reader.method(server, "add_cli_args")
    for shape in reader.flags.values():
        if shape.get("suffixes"):
            shape["suffixes"] = "Ki"  # its human_readable_int reads 8Ki, not 8K
    return reader.flags


def _namespaces(tree: SourceTree) -> Iterator[Definition]:
    for path in sorted(tree.texts):
        if path.startswith(FIELDS) and path.endswith(".py"):
            module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            for name, node in (tree.names(module) or {}).items():
                if name.startswith("class "):
                    yield Definition(module, node)


def _annotated(reader: ArgumentReader, module: str, field: ast.AnnAssign) -> None:
    """Reads `name: A[type, "help"]` or `name: A[type, Arg(...)]`; other fields have no flag of their own."""
    hint = field.annotation
    if not (
        isinstance(hint, ast.Subscript) and called(hint) in ("A", "Annotated") and isinstance(hint.slice, ast.Tuple)
    ):
        return
    if not isinstance(field.target, ast.Name):
        return
    kind, *notes = hint.slice.elts
    found = next((note for note in notes if _is_help(note) or called(note) == "Arg"), None)
    if found is None:
        return
    given = (
        {keyword.arg: keyword.value for keyword in found.keywords if keyword.arg} if isinstance(found, ast.Call) else {}
    )
    hidden = given.get("no_cli")
    if isinstance(hidden, ast.Constant) and hidden.value is True:
        return
    name = field.target.id
    option = given.get("cli_name")
    main = str(option.value) if isinstance(option, ast.Constant) else "--" + name.replace("_", "-")
    aliases = given.get("aliases")
    listed = aliases.elts if isinstance(aliases, (ast.List, ast.Tuple)) else []
    others = [str(item.value) for item in listed if isinstance(item, ast.Constant)]
    keywords = _keywords(read(reader.tree, kind, module), given)
    if field.value is not None:
        keywords["default"] = field.value
    keywords["dest"] = main.removeprefix("--").replace("-", "_")
    reader.put([main, *others], keywords, module)


def _keywords(types: Types, given: Mapping[str, ast.expr]) -> dict[str, Any]:
    """The keywords of an argparse call, made from the annotation's type and its `Arg`."""
    made: dict[str, Any] = {"shape": {}}
    if "action" in given:
        made["action"] = given["action"]
        extra = given.get("action_kwargs")
        if isinstance(extra, ast.Dict):
            pairs = zip(extra.keys, extra.values, strict=True)
            made |= {str(key.value): value for key, value in pairs if isinstance(key, ast.Constant)}
        return made
    parser = given.get("type_parser")
    shape = made["shape"]
    if "literal" in types.atoms:
        literals = [literal for literal in types.literals if literal is not None]
        shape["kind"] = "int" if literals and all(isinstance(literal, int) for literal in literals) else "str"
        shape["choices"] = [str(literal) for literal in literals]
    elif types.element and "list" in types.atoms and parser is None:
        inner = types.element.atoms & {"int", "float"}
        shape["kind"] = next(iter(inner)) if len(inner) == 1 else "str"
        shape["many"] = "+"
    elif "bool" in types.atoms and parser is None:
        shape["kind"] = "switch"
    else:
        plain = types.atoms & {"int", "float"}
        shape["kind"] = next(iter(plain)) if len(plain) == 1 and "str" not in types.atoms else "str"
    if parser is not None:
        made["type"] = parser
    for key in ("choices", "nargs", "required"):
        if key in given:
            made[key] = given[key]
    return made


def _is_help(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    return isinstance(node, (ast.JoinedStr, ast.BinOp))
