"""Reads an engine's flags from the text of its own `--help`: argparse's, clap's, and llama-server's. A help text has
names, values and choices, but few types: only a default that is a number shows that the flag takes one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mmcompose.engines.learn.add_argument import Shape, main_of, put, turned_off
from mmcompose.engines.learn.listed_choices import LISTED, described

OPTION = re.compile(r"-{1,2}[A-Za-z][\w.-]*")
DEFAULT = re.compile(r"\(default: ([^()]*)\)|\[default: ([^\[\]]*)\]")
_WIDE = 2  # blanks between an option and its description
_DEEP = 8  # blanks before an option, at most; what stands deeper describes one


def learn(text: str) -> dict[str, Shape]:
    """One shape per flag by its snake_case name. Empty for a text that is no help text."""
    flags: dict[str, Shape] = {}
    for spelled, description in _entries(text):
        names = [option for option, _ in spelled]
        main = main_of([option for option in names if not option.startswith("--no-")]) or main_of(names)
        if {"--help", "--version"} & {*names} or main.startswith("--json-arg"):
            continue  # --json-arg is the example in vLLM's own advice
        off = [option for option in names if option.startswith(("--no-", "-no")) and option != main]
        shape = _shape(main, off, next((value for _, value in spelled if value), ""), description)
        put(flags, [option for option in names if option not in off], shape, main)
    return flags


def _entries(text: str) -> Iterator[tuple[list[tuple[str, str]], str]]:
    """Each option line as (option, value) pairs, with its description."""
    found: list[tuple[list[tuple[str, str]], list[str]]] = []
    inside = False  # a description
    parted = False  # by an empty line, which ends a description in some programs and a paragraph of it in others
    for line in text.expandtabs().splitlines():
        bare = line.strip()
        indent = len(line) - len(line.lstrip())
        if bare.startswith("-") and indent <= _DEEP and OPTION.match(bare):
            head, rest = _parted(bare)
            found.append((_spelled(head), [rest]))
            inside, parted = True, False
        elif not bare:
            parted = True
        elif indent < _WIDE or (parted and indent <= _DEEP):
            inside = False
        elif inside:
            found[-1][1].append(bare)
    return ((spelled, " ".join(parts)) for spelled, parts in found)


def _parted(bare: str) -> tuple[str, str]:
    """Separates the options from the description: at two blanks without a further option behind them."""
    for gap in re.finditer(r" {2,}", bare):
        rest = bare[gap.end() :]
        if not (OPTION.match(rest) and bare[: gap.start()].endswith(",")):
            return bare[: gap.start()], rest
    return bare, ""


def _spelled(head: str) -> list[tuple[str, str]]:
    parts = [part.strip().replace("=", " ", 1).partition(" ") for part in re.split(r",\s+(?=-)", head)]
    return [(option.rstrip(","), value.strip()) for option, _, value in parts]


def _shape(main: str, off: list[str], value: str, description: str) -> Shape:
    shape: dict[str, Any] = {}
    match = DEFAULT.search(description)
    default = (match[1] or match[2] or "").strip() if match else ""
    if not value:
        shape["kind"] = "switch"
        shape |= turned_off(main, off)
    else:
        shape["kind"] = _kind(default, value)
        choices = LISTED.match(value)
        if value.startswith("['"):  # known choices of an open text
            shape.update(choices=re.findall(r"'([^']*)'", value), open=True)
        elif choices:
            shape["choices"] = [choice for choice in re.split(r"[,|]", choices[1]) if choice != "None"]
            shape["kind"] = "str"
        elif shape["kind"] == "str":
            shape["choices"] = described(description)
        if re.search(r"\[[A-Z{].*\.\.\.\]", value):
            shape["many"] = "+"
        elif re.fullmatch(r"\[[A-Z_]+\]", value):
            shape["many"] = "?"
    if default not in ("", "None") and shape["kind"] != "str":
        shape["default"] = _value(default)
    elif default not in ("", "None"):
        shape["default" if len(default) < 30 else "expr"] = default[:100]
    return shape


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
