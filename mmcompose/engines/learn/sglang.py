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
_HELP = (ast.Constant, ast.JoinedStr, ast.BinOp)  # a text, plain or put together


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
    if called(hint) not in ("A", "Annotated"):
        return
    if not (isinstance(hint, ast.Subscript) and isinstance(hint.slice, ast.Tuple)):
        return
    kind, *notes = hint.slice.elts
    found = next((note for note in notes if isinstance(note, _HELP) or called(note) == "Arg"), None)
    listed = found.keywords if isinstance(found, ast.Call) else []
    given = {keyword.arg: keyword.value for keyword in listed if keyword.arg}
    hidden, option, aliases = (reader.tree.known(given.get(key), module) for key in ("no_cli", "cli_name", "aliases"))
    if found is None or hidden is True:
        return
    main = option or "--" + called(field.target).replace("_", "-")
    keywords = _keywords(read(reader.tree, kind, module), given)
    if field.value is not None:
        keywords["default"] = field.value
    keywords["dest"] = main.removeprefix("--").replace("-", "_")
    reader.put([main, *(aliases or ())], keywords, module)


def _keywords(types: Types, given: Mapping[str, ast.expr]) -> dict[str, Any]:
    """The keywords of an argparse call, made from the annotation's type and its `Arg`."""
    if "action" in given:
        extra = given.get("action_kwargs")
        pairs = zip(extra.keys, extra.values, strict=True) if isinstance(extra, ast.Dict) else ()
        further = {str(key.value): value for key, value in pairs if isinstance(key, ast.Constant)}
        return {"shape": {}, "action": given["action"], **further}
    named = {"type_parser": "type", "choices": "choices", "nargs": "nargs", "required": "required"}
    parsed = "type_parser" in given
    if "literal" in types.atoms:
        shape = types.chosen
    elif types.element and "list" in types.atoms and not parsed:
        shape = {"kind": types.element.number, "many": "+"}
    else:
        shape = {"kind": "switch" if "bool" in types.atoms and not parsed else types.number}
    return {"shape": shape, **{name: given[key] for key, name in named.items() if key in given}}
