"""The flag histories of the benchmark client, made from its own parser.

`python -m tests.bench.client_flags` writes them; a test holds them against the parser.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from mmcompose.engines.known.benchmarks import contained
from tests.making import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PROGRAMS = {"mmbench": "benchmarks.mmbench", "mmeval": "mmeval"}
"""The packages of the programs, as they are imported here."""

sys.path.insert(0, str(ROOT / "services/eval/app"))

KINDS = tuple(kind.name for kind in contained().values() if kind.ours)
LISTS = {"concurrency": "int", "rate": "float", "fields": "str", "slo": "str"}
"""Options that hold several values between commas."""
KIND_OF: dict[Any, str] = {int: "int", float: "float"}
NOT_FLAGS = ("help",)


def file_of(kind: str) -> Path:
    return ROOT / f"mmcompose/engines/known/{contained()[kind].history}/flags.json"


def text_of(kind: str) -> str:
    from benchmarks.mmbench import VERSION

    flags, also, shapes, reported = {}, {}, [], {}
    for action in _actions(kind):
        name = action.option_strings[0].removeprefix("--").replace("-", "_")
        shape = _shape(action)
        if shape not in shapes:
            shapes.append(shape)
        flags[name] = [0, shapes.index(shape)]
        reported[name] = _help(action)
        for other in action.option_strings[1:]:
            also[other.removeprefix("--").replace("-", "_")] = [name]
    data = {
        "engine": contained()[kind].history,
        "title": f"{contained()[kind].program[2]} {kind}",
        "order": "release",
        "versions": [VERSION],
        "sampled": False,
        "dashes": True,
        "abbreviates": True,
        "joins": True,
        "commits": [],
        "fixes": {},
        "notes": {},
        "also": dict(sorted(also.items())),
        "shapes": shapes,
        "flags": dict(sorted(flags.items())),
        "help": dict(sorted(reported.items())),
    }
    return json.dumps(data, indent=1) + "\n"


def _actions(kind: str) -> list[argparse.Action]:
    from benchmarks.mmbench.cli import parser

    kinds = import_module(f"{PROGRAMS[contained()[kind].program[2]]}.kinds")
    choices: Any = next(each for each in parser(kinds.KINDS)._actions if isinstance(each, argparse._SubParsersAction))
    return [each for each in choices.choices[kind]._actions if each.dest not in NOT_FLAGS]


DEFAULT = re.compile(r" \(default: .*\)$")


def _help(action: argparse.Action) -> str:
    """The option's own words, without a default that stands in its shape."""
    arguments = (action.help or "") % {"default": action.default}
    return arguments if _default(action) is None else DEFAULT.sub("", arguments)


def _default(action: argparse.Action) -> Any:
    """A plain value. A place inside the client's image is none that a reader knows."""
    plain = action.nargs != 0 and action.default not in (None, "") and "/" not in str(action.default)
    return action.default if plain else None


def _shape(action: argparse.Action) -> dict[str, Any]:
    name = action.option_strings[0].removeprefix("--").replace("-", "_")
    if action.nargs == 0:
        return {"kind": "switch", "default": False}
    shape: dict[str, Any] = {"kind": (action.type is None and LISTS.get(name)) or KIND_OF.get(action.type, "str")}
    if name == "extra_body":
        shape = {"kind": "json", "object": True}
    if name in LISTS and action.type is None:
        shape["many"] = ","
    if action.nargs == "?":
        shape["many"] = "?"
    if action.choices:
        shape["choices"] = list(action.choices)
    default = _default(action)
    if default is not None:
        shape["default"] = default
    elif DEFAULT.search(_help(action)):
        shape["expr"] = "told in its description"
    if action.required:
        shape["required"] = True
    if len(action.option_strings) > 1:
        shape["aliases"] = list(action.option_strings[1:])
    return shape


if __name__ == "__main__":
    for each in KINDS:
        file_of(each).write_text(text_of(each), encoding="utf-8")
