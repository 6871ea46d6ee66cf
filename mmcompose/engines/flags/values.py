"""Checks whether a value fits a flag: its type, its number format, its choices, its JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from mmcompose.engines.flags.argv import FALSE_TEXTS, TRUE_TEXTS, text
from mmcompose.engines.flags.history import Flag
from mmcompose.engines.flags.nearest import did_you_mean
from mmcompose.engines.flags.number_forms import is_number, is_whole, whole_hint, without_suffixes
from mmcompose.model import Fault

DEEPEST = 40


def misfits(flag: Flag, value: object) -> Iterator[Fault]:
    """Every fault of a value; paths are relative to it."""
    strange = _strange(value, 0)
    if strange:
        yield Fault((), *strange, "flag-type")
    elif flag.kind == "switch":
        yield from _switch(flag, value)
    elif flag.kind in ("json", "json-or-str"):
        yield from _json(flag, value)
    elif flag.kind == "pairs":
        yield from _pairs(value)
    elif isinstance(value, Mapping):
        yield from _mapping(flag)
    elif isinstance(value, (list, tuple)):
        yield from _sequence(flag, value)
    else:
        if flag.many.isdigit():
            yield Fault((), f"takes {flag.many} values", "write a list", "flag-type")
            return
        yield from _single(flag, value, ())


def _strange(value: object, depth: int) -> tuple[str, str] | None:
    """Finds values that no command line can carry."""
    if depth > DEEPEST:
        return "is nested too deeply", f"write {DEEPEST} levels at most"
    if value is None or isinstance(value, (bool, int, float)):
        return None
    if isinstance(value, str):
        return ("holds a null character", "remove it: no command line can carry one") if "\0" in value else None
    if isinstance(value, Mapping):
        inner: Sequence[object] = [*value.keys(), *value.values()]
    elif isinstance(value, (list, tuple)):
        inner = value
    else:
        return f"is a {type(value).__name__}", "put it in quotes to make it text"
    return next((found for item in inner if (found := _strange(item, depth + 1))), None)


def _switch(flag: Flag, value: object) -> Iterator[Fault]:
    if not isinstance(value, bool):
        hint = "write true or false"
        if isinstance(value, str) and value.strip().lower() in (*TRUE_TEXTS, *FALSE_TEXTS):
            hint = f"write {str(value.strip().lower() in TRUE_TEXTS).lower()} without quotes"
        yield Fault((), f"is a switch and takes no value, not {text(value)!r}", hint, "flag-type")
    elif not value and not flag.off and flag.default is True:
        yield Fault((), "is on by default and cannot be turned off", "leave it out", "flag-type")


def _mapping(flag: Flag) -> Iterator[Fault]:
    if flag.kind != "str":
        yield Fault((), f"takes {_wanted(flag)}, not a mapping", "", "flag-type")
    elif not flag.many:
        yield Fault((), "takes text, not a mapping", "quote it if JSON text is meant", "flag-type")


def _sequence(flag: Flag, value: Sequence[object]) -> Iterator[Fault]:
    if flag.many in ("", "?"):
        yield Fault((), f"takes one value, not a list of {len(value)}", "", "flag-type")
        return
    if flag.many == "+" and not value:
        yield Fault((), "takes at least one value", "leave it out or give one", "flag-type")
    if flag.many.isdigit() and len(value) != int(flag.many):
        yield Fault((), f"takes {flag.many} values, not {len(value)}", "", "flag-type")
    for index, item in enumerate(value):
        if isinstance(item, (list, tuple)):
            yield Fault((index,), "is a list inside a list", "write one list", "flag-type")
        elif not isinstance(item, Mapping):
            yield from _single(flag, item, (index,))
        elif flag.kind != "str":
            yield Fault((index,), f"takes {_wanted(flag)}, not a mapping", "", "flag-type")


def _single(flag: Flag, value: object, path: tuple[str | int, ...]) -> Iterator[Fault]:
    if value is None:
        return
    if isinstance(value, bool):
        yield from _bool(flag, value, path)
        return
    written = text(value)
    if (flag.nullable and written in ("", "None")) or written in flag.words:
        return
    if not _READERS[flag.kind](flag, written):
        hint = whole_hint(written, flag.suffixes) if flag.kind == "int" else ""
        yield Fault(path, f"takes {_wanted(flag)}, not {written!r}", hint, "flag-type")
    elif flag.pattern and not re.fullmatch(flag.pattern, written, re.DOTALL):
        yield Fault(path, f"must have the form name=path, not {written!r}", "", "flag-type")
    elif flag.choices and (written.lower().replace("-", "_") if flag.fold else written) not in flag.choices:
        if flag.open:  # plug-ins and platforms may know more
            message = f"is not one of the known choices: {written!r}"
            yield Fault(path, message, _choice_hint(flag, written), "flag-choice", "warning")
        else:
            yield Fault(path, f"is not one of the choices: {written!r}", _choice_hint(flag, written), "flag-choice")


def _bool(flag: Flag, value: bool, path: tuple[str | int, ...]) -> Iterator[Fault]:
    known = TRUE_TEXTS if value else FALSE_TEXTS
    if flag.kind == "truth" or any(choice.lower() in known for choice in flag.choices):
        return
    if flag.kind == "str" and flag.many == "?":
        return
    written = text(value)
    free = flag.kind == "str" and (flag.open or not flag.choices)
    hint = f'quote it if text is meant: "{written}"' if free else ""
    yield Fault(path, f"takes {_wanted(flag)}, not {written}", hint, "flag-type")


def _wanted(flag: Flag) -> str:
    if flag.choices and not flag.open:
        return "one of " + ", ".join(flag.choices)
    extra = "".join(f" or {written}" for written in (*flag.words, *(("auto",) if flag.auto else ())))
    return {
        "int": "a whole number",
        "float": "a number",
        "str": "text",
        "truth": "true or false",
        "json": "JSON",
        "json-or-str": "JSON or text",
        "pairs": "key=value pairs",
        "switch": "true or false",
    }[flag.kind] + extra


def _choice_hint(flag: Flag, written: str) -> str:
    return did_you_mean(written, flag.choices, most=2) or "choose from " + ", ".join(flag.choices)


_READERS: Mapping[str, Callable[[Flag, str], bool]] = {
    "int": lambda flag, written: (flag.auto and written.strip().lower() == "auto") or is_whole(written, flag.suffixes),
    "float": lambda _, written: is_number(float, written),
    "str": lambda _, __: True,
    "truth": lambda _, written: written.lower() in ("true", "false"),
}


def _json(flag: Flag, value: object) -> Iterator[Fault]:
    if isinstance(value, str):
        if flag.kind == "json-or-str" and not re.match(r"(?s)^\s*{.*}\s*$", value):
            return
        if flag.nullable and value in ("", "None"):
            return
        if flag.pairs and "=" in value and not value.lstrip().startswith("{"):
            yield from _pairs(value)
            return
        try:
            value = json.loads(without_suffixes(value) if flag.suffixes else value)
        except (ValueError, RecursionError) as error:
            yield Fault((), f"is not valid JSON: {_where(error)}", _json_hint(value), "flag-json")
            return
    if flag.object and value is not None and not isinstance(value, Mapping):
        yield Fault((), f"takes a JSON object, not {text(value)!r}", "write a mapping", "flag-json")
    elif flag.keys and isinstance(value, Mapping):
        for key in value:
            if str(key) not in flag.keys:
                hint = did_you_mean(str(key), flag.keys, most=2) or "known: " + ", ".join(flag.keys)
                yield Fault((key if isinstance(key, int) else str(key),), "is not a known key", hint, "flag-json-key")


def _json_hint(value: object) -> str:
    match = re.fullmatch(r"\s*([A-Za-z_]\w*)=(.*)", str(value))
    return f"key=value is no longer read: write {{{match[1]}: {match[2]}}}" if match else "write a mapping"


def _where(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.lower()} at character {error.pos + 1}"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _pairs(value: object) -> Iterator[Fault]:
    """Checks `image=1,video=2`, each number whole; mmcompose writes a mapping in that form."""
    if isinstance(value, Mapping):
        items = [(str(key), text(item)) for key, item in value.items()]
    elif isinstance(value, str):
        items = []
        for part in value.split(","):
            key, equals, item = part.strip().partition("=")
            if not equals:
                hint = "write image=1" if value.lstrip().startswith("{") else "write key=value"
                yield Fault((), f"takes key=value pairs, not {value!r}", hint, "flag-type")
                return
            items.append((key, item))
    else:
        yield Fault((), f"takes key=value pairs, not {text(value)!r}", "write a mapping", "flag-type")
        return
    for key, item in items:
        if not is_number(int, item):
            yield Fault((key,), f"takes a whole number, not {item!r}", "", "flag-type")
