"""Reads the flags of llama-server from C++ source: `add_opt(common_arg(...))` of llama.cpp, and the chain of
`if (arg == "--name")` of ik_llama.cpp, whose tools share one parser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mmcompose.engines.learn.add_argument import Shape, main_of, put, turned_off
from mmcompose.engines.learn.listed_choices import LISTED, compared, converted_later, described

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)\'|//[^\n]*|/\*.*?\*/|[(){}]', re.DOTALL)
_SERVER_EXAMPLES = ("LLAMA_EXAMPLE_COMMON", "LLAMA_EXAMPLE_SERVER")
_GATHERS = re.compile(
    r"push_back|emplace_back|\.insert\(|parse_tensor_buffer|parse_buft|parse_kv_override|logit_bias\["
)
COMMENT = re.compile(r"//[^\n]*")
_BRANCH = re.compile(r'if\s*\(((?:\s*\|?\|?\s*arg\s*==\s*"[^"]+")+)\s*\)')
INTEGER = re.compile(r"std::sto(?:i|l|ll|ul|ull)\(")
_TRUTHY = ("true", "1", "enabled", "false", "0", "disabled")  # what is_truthy and is_falsey take beside on and off


def learn(texts: Mapping[str, str]) -> dict[str, Shape]:
    """Reads the parser that is among the `texts`, which are keyed by path."""
    calls = [text for path, text in texts.items() if path.endswith("common/arg.cpp")]
    branches = [text for path, text in texts.items() if path.endswith("common/common.cpp") and 'arg == "--' in text]
    return _learn_calls(calls[0]) if calls else _learn_branches(branches[0]) if branches else {}


def _learn_calls(text: str) -> dict[str, Shape]:
    flags: dict[str, Shape] = {}
    for call, tail in _calls(text):
        lists, rest = _brace_lists(call)
        if lists and _for_server(tail):
            put(flags, lists[0], _shape(rest, main_of(lists[0]), lists[1] if len(lists) > 1 else [], text))
    return flags


def _calls(text: str) -> Iterator[tuple[str, str]]:
    """The arguments of each `common_arg(...)` with the calls chained to it, such as `.set_env(...)`."""
    for match in re.finditer(r"add_opt\(\s*common_arg\(", text):
        end = _closing(text, match.end())
        finish = _closing(text, end + 1)
        yield text[match.end() : end], text[end + 1 : finish]


def _closing(text: str, start: int) -> int:
    """Finds the parenthesis that closes the one before `start`; strings and comments do not count."""
    depth = 1
    for token in TOKEN.finditer(text, start):
        if token[0] in ("(", "{"):
            depth += 1
        elif token[0] in (")", "}"):
            depth -= 1
            if not depth:
                return token.start()
    return len(text)


def _brace_lists(call: str) -> tuple[list[list[str]], str]:
    """The leading `{...}` lists of option names, and the rest of the arguments."""
    lists: list[list[str]] = []
    rest = COMMENT.sub("", call[:300]).lstrip() + call[300:]
    while rest.startswith("{") and "}" in rest:
        end = rest.index("}")
        lists.append(_STRING.findall(rest[:end]))
        rest = rest[end + 1 :].lstrip(" \n\t,")
    return lists, rest


def _for_server(tail: str) -> bool:
    examples = re.search(r"set_examples\(\{([^}]*)\}", tail)
    excludes = re.search(r"set_excludes\(\{([^}]*)\}", tail)
    if "set_preset_only" in tail or (excludes and "LLAMA_EXAMPLE_SERVER" in excludes[1]):
        return False
    return examples is None or any(re.search(rf"{name}\b", examples[1]) for name in _SERVER_EXAMPLES)


def _shape(rest: str, main: str, negatives: list[str], whole: str) -> Shape:
    handler = re.search(r"\[\]\((common_params\s*&[^)]*)\)", rest)
    head, body = (rest[: handler.start()], rest[handler.end() :]) if handler else (rest, "")
    parameters = handler[1] if handler else ""
    shape: dict[str, Any] = {"kind": _kind(parameters, body), "stub": "arg_removed(" in body}
    shape |= turned_off(main, negatives)
    if parameters.count("std::string") > 1:
        shape["many"] = "2"
    elif shape["kind"] == "str" and _GATHERS.search(body):
        shape["many"] = "repeat"
    hint = _STRING.match(head.strip())
    choices = LISTED.fullmatch(hint[1]) if hint and shape["kind"] != "switch" else None
    if choices:
        shape["choices"] = re.split(r"[|,]", choices[1])
        shape["words"] = list(_TRUTHY) if "is_truthy" in body else []
        shape["open"] = shape["kind"] == "int"  # the number is read, not compared
    elif shape["kind"] == "str" and "many" not in shape:
        listed, folded = compared(body, whole)
        shape.update(choices=listed or described("".join(_STRING.findall(head)).replace("\\n", " ")), fold=folded)
    if shape["kind"] == "int" and '"auto"' in body:
        shape["words"] = ["auto", *(["all"] if '"all"' in body else [])]
    default = re.search(r"\(default: ([^)%\"]+)\)", head)
    if default:
        shape["expr"] = default[1].strip()[:60]
    return shape


def _kind(parameters: str, body: str) -> str:
    taken = "".join(parameters.split(",")[1:2])
    if not taken or "bool" in taken:
        return "switch"
    return "int" if "int" in taken else _converted(body)


def _converted(body: str) -> str:
    """The kind of value that a handler makes of its text. A handler that splits its value reads text."""
    if "split" in body or "getline" in body or "find(" in body:
        return "str"
    integers, floats = bool(INTEGER.search(body)), "std::stof(" in body or "std::stod(" in body
    return "int" if integers and not floats else "float" if floats and not integers else "str"


def _learn_branches(text: str) -> dict[str, Shape]:
    flags: dict[str, Shape] = {}
    start = text.find("gpt_params_find_arg(int argc")
    for match in reversed(list(_BRANCH.finditer(text, max(start, 0)))):  # the first branch of a name wins
        opening = text.find("{", match.end())
        body = text[opening : _closing(text, opening + 1)] if 0 <= opening - match.end() < 8 else ""
        takes = "CHECK_ARG" in body or "argv[++i]" in body or "++i" in body
        shape: dict[str, Any] = {"kind": _converted(body) if takes else "switch"}
        if takes and body.count("CHECK_ARG") == 2:
            shape["many"] = "2"
            shape["kind"] = shape["kind"] if body.count("std::sto") == 2 else "str"
        elif shape["kind"] == "str" and _GATHERS.search(body):
            shape["many"] = "repeat"
        elif shape["kind"] == "str":
            listed, folded = compared(body, text)
            shape.update(choices=listed or converted_later(body, text), fold=folded)
        put(flags, _STRING.findall(match[1]), shape)
    return flags
