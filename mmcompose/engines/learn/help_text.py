"""Reads an engine's flags from the text of its own `--help`: argparse's, clap's, and llama-server's. A help text has
names, values and choices, but few types: only a default that is a number shows that the flag takes one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mmcompose.engines.learn.add_argument import Shape, snake, trim

OPTION = re.compile(r"-{1,2}[A-Za-z][\w.-]*")
_CHOICES = re.compile(r"[{\[<]([\w+/-]+(?:[,|][\w+/-]+)+)[}\]>]")
DEFAULT = re.compile(r"\(default: ([^()]*)\)|\[default: ([^\[\]]*)\]")
_ALLOWED = re.compile(r"\b(?:allowed|possible) values: ([\w+-]+(?:, [\w+-]+)+)")
_ONE_OF = re.compile(r"(?<=\s)- ([a-z][\w+-]*)(?: \(default\))?:")
_ONE_BELOW_ANOTHER = re.compile(r"one of:|Possible values:")
_WIDE = 2  # blanks between an option and its description
_DEEP = 8  # blanks before an option, at most; what stands deeper describes one


def learn(text: str) -> dict[str, Shape]:
    """One shape per flag by its snake_case name. Empty for a text that is no help text."""
    flags: dict[str, Shape] = {}
    for spelled, description in _entries(text):
        names = [option for option, _ in spelled]
        long = [option for option in names if option.startswith("--")]
        if not long or "--help" in names:
            continue
        main = next((option for option in long if not option.startswith("--no-")), long[0])
        if main == "--version" or main.startswith("--json-arg"):
            continue  # --json-arg is the example in vLLM's own advice
        flags[snake(main)] = _shape(main, names, next((value for _, value in spelled if value), ""), description)
    return flags


def _entries(text: str) -> Iterator[tuple[list[tuple[str, str]], str]]:
    """Yields each option line as (option, value) pairs, with its description."""
    current: tuple[list[tuple[str, str]], str] | None = None
    parted = False  # by an empty line, which ends a description in some programs and a paragraph of it in others
    for line in text.expandtabs().splitlines():
        bare = line.strip()
        indent = len(line) - len(line.lstrip())
        if bare.startswith("-") and indent <= _DEEP and OPTION.match(bare):
            if current:
                yield current
            head, _, rest = _parted(bare)
            current, parted = (_spelled(head), rest), False
        elif not bare:
            parted = True
        elif indent < _WIDE or (parted and indent <= _DEEP):
            if current:
                yield current
            current = None
        elif current:
            current = (current[0], f"{current[1]} {bare}")
    if current:
        yield current


def _parted(bare: str) -> tuple[str, str, str]:
    """Separates the options from the description: at two blanks without a further option behind them."""
    for gap in re.finditer(r" {2,}", bare):
        rest = bare[gap.end() :]
        if not (OPTION.match(rest) and bare[: gap.start()].endswith(",")):
            return bare[: gap.start()], gap[0], rest
    return bare, "", ""


def _spelled(head: str) -> list[tuple[str, str]]:
    parts = re.split(r",\s+(?=-)", head)
    pairs = []
    for part in parts:
        option, _, value = part.strip().replace("=", " ", 1).partition(" ")
        pairs.append((option.rstrip(","), value.strip()))
    return pairs


def _shape(main: str, names: list[str], value: str, description: str) -> Shape:
    shape: dict[str, Any] = {}
    off = [option for option in names if option.startswith(("--no-", "-no")) and option != main]
    match = DEFAULT.search(description)
    default = (match[1] or match[2] or "").strip() if match else ""
    if not value:
        shape["kind"] = "switch"
        wanted = "--no-" + main.removeprefix("--")
        shape["off"] = "no" if wanted in off else off[0] if off else ""
        shape["negatives"] = [option for option in off if option not in (wanted, shape["off"])]
    else:
        shape["kind"] = _kind(default, value)
        choices = _CHOICES.match(value)
        if value.startswith("['"):  # known choices of an open text
            shape.update(choices=re.findall(r"'([^']*)'", value), open=True)
        elif choices:
            shape["choices"] = [choice for choice in re.split(r"[,|]", choices[1]) if choice != "None"]
            shape["kind"] = "str"
        elif shape["kind"] == "str":
            shape["choices"] = _listed(description, default)
        if re.search(r"\[[A-Z{].*\.\.\.\]", value):
            shape["many"] = "+"
        elif re.fullmatch(r"\[[A-Z_]+\]", value):
            shape["many"] = "?"
    if default not in ("", "None") and shape["kind"] != "str":
        shape["default"] = _value(default)
    elif default not in ("", "None"):
        shape["default" if len(default) < 30 else "expr"] = default[:100]
    shape["aliases"] = [option for option in names if option != main and option not in off]
    return trim(shape)


def _listed(description: str, default: str) -> list[str]:
    """The choices that a description lists: `allowed values: f16, q8_0`, or `one of:` and a line for each."""
    allowed = _ALLOWED.search(description)
    if allowed:
        return allowed[1].split(", ")
    choices = _ONE_OF.findall("".join(_ONE_BELOW_ANOTHER.split(description, maxsplit=1)[1:]))
    return [*choices, *([default] if choices and re.fullmatch(r"\w+", default) and default not in choices else [])]


def _kind(default: str, value: str) -> str:
    if re.fullmatch(r"-?\d+", default) or value == "PORT":
        return "int"
    if re.fullmatch(r"-?\d+\.\d+(?:e-?\d+)?", default):
        return "float"
    return "json" if default.startswith("{") else "str"


def _value(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"True": True, "False": False}.get(text, text)
