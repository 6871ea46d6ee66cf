"""vLLM and SGLang: a real argparse parser, made of the flags that one release has."""

from __future__ import annotations

import argparse
import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

from mmcompose.engines.flags.history import Flag, VersionFlags

from .line import Line, UsageError, fits

if TYPE_CHECKING:
    from collections.abc import Callable

DOTTED = re.compile(r"(--[A-Za-z0-9-]+)\.([\w.-]+)(\+?)(?:=(.*))?")
MODEL = "standin_model"


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.format_usage()}{self.prog}: error: {message}", 2)


def read(catalogue: VersionFlags, words: list[str], program: str, *, vllm: bool) -> Line:
    """`vllm`: takes the model as a word of its own, underscores for dashes, and --flag.key for JSON."""
    known = {name: flag for name, flag in catalogue.items() if name != "help"}
    parser = Parser(program, usage=f"{program} [options]", allow_abbrev=catalogue.history.abbreviates)
    if vllm:
        parser.add_argument(MODEL, nargs="?", default="")
        words = _folded(words, {flag.option for flag in known.values() if flag.kind.startswith("json")})
    for name, flag in known.items():
        _add(parser, name, flag)
    found, unknown = parser.parse_known_args(words)
    if unknown:
        top = program.partition(" ")[0]
        raise UsageError(f"usage: {top} [options]\n{top}: error: unrecognized arguments: {' '.join(unknown)}", 2)
    line = Line(positional=[getattr(found, MODEL)] if vllm and getattr(found, MODEL) else [])
    for name in known:
        value = getattr(found, name)
        if isinstance(value, bool):
            line.switches[name] = value
        elif value is not None:
            line.values[name] = _flat(value)
    return line


def _add(parser: argparse.ArgumentParser, name: str, flag: Flag) -> None:
    spellings = [flag.option, *flag.aliases]
    if flag.kind == "switch":
        parser.add_argument(*spellings, dest=name, action="store_const", const=True)
        off = [word for word in (flag.off, *flag.negatives) if word.startswith("-")]
        if off:
            parser.add_argument(*off, dest=name, action="store_const", const=False)
        return
    settings: dict[str, Any] = {"dest": name, "type": _reader(flag), "required": flag.required}
    if flag.many == "repeat":
        settings["action"] = "append"
    elif flag.many and flag.many != ",":
        settings["nargs"] = int(flag.many) if flag.many.isdigit() else flag.many
    if flag.many == "?":
        settings["const"] = ""
    if flag.choices and not flag.open and not flag.fold:
        settings["choices"] = [*flag.choices, *flag.words, *(("None", "") if flag.nullable else ())]
    parser.add_argument(*spellings, **settings)


def _reader(flag: Flag) -> Callable[[str], str]:
    def read_word(word: str) -> str:
        plain = flag._replace(choices=()) if not flag.fold else flag
        if fits(plain, word):
            return word
        if flag.kind.startswith("json") or flag.kind == "pairs":
            raise argparse.ArgumentTypeError(f"Value {word} cannot be converted to <function loads at 0x0>.")
        raise ValueError

    read_word.__name__ = {"int": "int", "float": "float"}.get(flag.kind, flag.kind)
    return read_word


def _flat(value: Any) -> list[str]:
    if isinstance(value, list):
        return [word for item in value for word in _flat(item)]
    return [str(value)]


def _folded(words: list[str], json_flags: set[str]) -> list[str]:
    """Underscores become dashes; --flag.key value becomes one JSON value."""
    plain: list[str] = []
    objects: dict[str, dict[str, Any]] = {}
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        flag = name.replace("_", "-") if name.startswith("--") else name
        dotted = DOTTED.fullmatch(flag + equals + value)
        if dotted and dotted[1] in json_flags:
            given = dotted[4] if dotted[4] is not None else next(rest, "")
            _put(objects.setdefault(dotted[1], {}), dotted[2].split("."), given, several=bool(dotted[3]))
        else:
            plain.append(flag + equals + value)
    for flag, item in objects.items():
        plain += [flag, json.dumps(item)]
    return plain


def _put(into: dict[str, Any], path: list[str], word: str, *, several: bool) -> None:
    try:
        value = json.loads(word)
    except ValueError:
        value = word
    for part in path[:-1]:
        into = into.setdefault(part, {})
    into[path[-1]] = [*into.get(path[-1], []), value] if several else value
