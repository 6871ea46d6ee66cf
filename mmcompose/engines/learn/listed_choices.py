"""Finds the texts that a flag accepts: in a handler in C++ that refuses all others, or in a description."""

from __future__ import annotations

import re

_QUOTED = re.compile(r'==\s*"([^"-][^"]*)"')
_REFUSES = re.compile(r"else\s*\{\s*(?:throw\b|invalid_param\s*=\s*true)")
_READS_MORE = re.compile(r"std::sto|split|push_back|emplace_back|parse_|json")
BY_NAME = re.compile(r"\b(\w+_from_(?:str|name|string))\(")
LISTED = re.compile(r"[{\[<]([\w+/-]+(?:[,|][\w+/-]+)+)[}\]>]")
_ALLOWED = re.compile(r"\b(?:allowed|possible) values: ([\w+-]+(?:, [\w+-]+)+)")
_BULLET = re.compile(r"(?<=\s)- ([a-z][\w+-]*)(?: \(default\))?:")
_ONE_BELOW_ANOTHER = re.compile(r"one of:|Possible values:")
TYPES = re.compile(r"kv_cache_types\s*=\s*\{([^}]*)\}")


def compared(body: str, whole: str) -> tuple[list[str], bool]:
    """The choices of one handler, and whether it ignores case. `whole` is the file, whose functions turn names into
    values."""
    for function in BY_NAME.findall(body):
        return _of_function(function, whole), False
    if not _REFUSES.search(body) or _READS_MORE.search(body):
        return [], False
    return list(dict.fromkeys(_QUOTED.findall(body))), "tolower" in body


def converted_later(body: str, whole: str) -> list[str]:
    """The choices of a value that the handler only stores, and that other code of the file turns into a type."""
    kept = re.search(r"params\.([\w.]+)\s*=\s*argv\[", body)
    name = kept[1].rpartition(".")[2] if kept else ""  # a draft model's settings are copied into the same place
    used = name and re.search(rf"\b(\w+_from_str)\(\s*params\.{name}\s*\)", whole)
    return _of_function(used[1], whole) if used else []


def described(text: str) -> list[str]:
    """The choices that a description lists: `allowed values: f16, q8_0`, or `one of:` and a line for each, and the
    default."""
    allowed = _ALLOWED.search(text)
    if allowed:
        return allowed[1].split(", ")
    choices = _BULLET.findall("".join(_ONE_BELOW_ANOTHER.split(text, maxsplit=1)[1:]))
    default = re.search(r"[(\[]default: (\w+)[)\]]", text) if choices else None
    return [*choices, *([default[1]] if default and default[1] not in choices else [])]


def _of_function(name: str, whole: str) -> list[str]:
    """The texts that a function accepts, if it throws for all others."""
    found = re.search(rf"\b{name}\(const std::string ?& ?\w+\) ?\{{(.*?)\n\}}", whole, re.DOTALL)
    if found is None or "throw" not in found[1]:
        return []
    listed = TYPES.search(whole) if "kv_cache_types" in found[1] else None
    if listed:
        return [name.lower() for name in re.findall(r"GGML_TYPE_(\w+)", listed[1])]
    return list(dict.fromkeys(_QUOTED.findall(found[1])))
