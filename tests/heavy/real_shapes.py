"""From what a real argparse parser was found to take (see argparse_oracle) to the form that a history stores."""

from __future__ import annotations

from typing import Any

from mmcompose.engines.learn.add_argument import NAMED, NAMED_OR_JSON

PATTERNS = {"LoRAParserAction": NAMED_OR_JSON, "PromptAdapterParserAction": NAMED}


def main_name(action: dict[str, Any]) -> str | None:
    """The name of the flag: the spelling of its destination, else its first long one."""
    off = set(off_options(action))
    long = [option for option in action["options"] if option.startswith("--") and option not in off]
    names = [snake(option) for option in long]
    return next((name for name in names if name == action.get("dest")), names[0] if names else None)


def snake(option: str) -> str:
    return option.removeprefix("--").replace("-", "_")


def off_options(action: dict[str, Any]) -> list[str]:
    if "Boolean" not in action["action"] and "EnableDisable" not in action["action"]:
        return []
    return action["off"] or [option for option in action["options"] if option.startswith("--no-")]


def shape(action: dict[str, Any], name: str, form: str = "K") -> dict[str, Any]:
    """The facts of one option, without its default (which the sources tell better)."""
    found: dict[str, Any] = {"kind": kind(action)}
    option = "--" + name.replace("_", "-")
    off = off_options(action)
    if found["kind"] == "switch" and off:
        wanted = "--no-" + option.removeprefix("--")
        found["off"] = "no" if wanted in off else off[0]
        found["negatives"] = [other for other in off if other not in (wanted, found["off"])]
    found["aliases"] = [other for other in action["options"] if other != option and other not in off]
    many = action["nargs"]
    if found["kind"] != "switch" and many not in (None, 0):
        found["many"] = str(many)
    if action["action"] == "_AppendAction":
        found["many"] = "repeat"
    takes = set(action["takes"])
    choices = [choice for choice in action["choices"] or () if choice != "None"]
    found["choices"] = choices
    found["nullable"] = "None" in (action["choices"] or ()) or ("null" in takes and "text" not in takes)
    found["fold"] = bool(action.get("folds"))
    if found["kind"] in ("int", "float"):
        found["suffixes"] = form if "kilo" in takes else ""
        found["auto"] = "auto" in takes
    if found["kind"] == "json":
        found["object"] = "list" not in takes
        found["pairs"] = "pairs" in takes
        found["suffixes"] = form if "kilo_inside" in takes else ""
        found["keys"] = action["keys"]
    found["pattern"] = PATTERNS.get(action["action"], "")
    found["deprecated"] = action["deprecated"] or action["action"].startswith("Deprecated")
    found["stub"] = bool(action.get("refuses"))
    if found["stub"]:
        found["deprecated"] = False
    found["required"] = action["required"]
    return {key: value for key, value in found.items() if value not in (False, [], "")}


def kind(action: dict[str, Any]) -> str:
    takes = set(action["takes"])
    if action["action"] == "StoreBoolean":
        return "truth"
    if action["nargs"] == 0:
        return "switch"
    if "text" in takes:
        return "str" if "kilo_inside" in takes else "json-or-str"
    if "object" in takes:
        return "json"
    if "pairs" in takes:
        return "pairs"
    if "decimal" in takes:
        return "float"
    return "int" if "whole" in takes else "str"
