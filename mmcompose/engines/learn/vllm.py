"""Reads the flags of `vllm serve` in one release from its source: literal calls, and flags made from configuration
classes by `get_kwargs`. The front end's file moved twice; each place is tried."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from mmcompose.engines.learn.add_argument import Shape
from mmcompose.engines.learn.annotations import Types, read
from mmcompose.engines.learn.argument_reader import ArgumentReader, Fields
from mmcompose.engines.learn.source_tree import Definition, SourceTree, called

_FRONT_ENDS = (
    "vllm.entrypoints.common.cli_args",
    "vllm.entrypoints.launchers.cli_args",
    "vllm.entrypoints.openai.cli_args",
)
_SERVE = "vllm.entrypoints.cli.serve"


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
        tops = (tree.names("vllm.engine.arg_utils") or {}).values()
        self.human = _names_after([node for top in tops for node in ast.walk(top)], "human_readable_int")
        self.auto = "human_readable_int_or_auto" in engine
        self.suffixes_in_json = "_expand_json_human_readable_numbers" in engine

    def kwargs_of(self, found: Definition) -> Fields:
        made: Fields = {}
        for module, field in self.tree.fields(found):
            name = called(field.target)
            shape = self.shape(name, read(self.tree, field.annotation, module))
            made[name] = {"shape": {**shape, **self.tree.default(field.value, module)}}
        return made

    def shape(self, name: str, types: Types) -> Shape:
        atoms = types.atoms
        shape: Shape
        if types.record:
            suffixes = "K" if self.suffixes_in_json else ""
            shape = {"kind": "json", "object": True, "suffixes": suffixes, "keys": self._keys(types.record)}
        elif atoms == {"bool", "str", "none"}:
            return {"kind": "str", "many": "?"}
        elif "bool" in atoms:
            return {"kind": "switch", "off": "no" if self.pairs_off else ""}
        elif "literal" in atoms:
            shape = self._literal(types)
        elif types.element and atoms & {"list", "tuple", "set"}:
            shape = self._several(types, types.element)
        elif "int" in atoms:
            suffixes = "K" if name in self.human else ""
            shape = {"kind": "int", "suffixes": suffixes, "auto": name == "max_model_len" and self.auto}
        elif "dict" in atoms and "float" not in atoms:
            shape = {"kind": "json-or-str" if atoms & {"str", "other"} else "json"}
        else:
            shape = {"kind": "float" if "float" in atoms else "str"}
        if "none" in atoms:
            shape["nullable"] = True
        return shape

    def _literal(self, types: Types) -> Shape:
        chosen = {**types.chosen, "choices": sorted(set(types.chosen["choices"]))}
        return {**chosen, "open": "str" in types.atoms, "nullable": None in types.literals}

    def _several(self, types: Types, element: Types) -> Shape:
        many = str(types.length) if types.length and "tuple" in types.atoms else "+"
        made = self._literal(element) if "literal" in element.atoms else {"kind": element.number}
        return {**made, "many": many}

    def _keys(self, record: Definition) -> list[str]:
        """The field names of a class that refuses other fields; empty for one that accepts any."""
        if not self._is_strict(record):
            return []
        fields = [field for _, field in self.tree.fields(record) if called(field.annotation) != "ClassVar"]
        return sorted(called(field.target) for field in fields if "init=False" not in ast.unparse(field))

    def _is_strict(self, record: Definition) -> bool:
        listed = record.node.decorator_list if isinstance(record.node, ast.ClassDef) else []
        decorators = (self.tree.find(record.module, called(item)) for item in listed)
        return any("forbid" in ast.unparse(node) for node in (*listed, *(found.node for found in decorators if found)))


def _names_after(nodes: Sequence[ast.AST], converter: str) -> set[str]:
    """The argument names in the branch that chooses a converter: sets, tuples and single comparisons."""
    sets = [node for node in nodes if isinstance(node, ast.Assign)]
    named = {called(node.targets[0]): _texts(node.value) for node in sets}
    found: set[str] = set()
    for node in nodes:
        match node:
            case ast.If(test=ast.Compare(left=ast.Name(id="name"), comparators=[other, *_]), body=body):
                if converter in "".join(map(ast.unparse, body)):
                    found |= named.get(called(other)) or _texts(other)
    return found


def _texts(node: ast.AST) -> set[str]:
    return {item.value for item in ast.walk(node) if isinstance(item, ast.Constant) and isinstance(item.value, str)}
