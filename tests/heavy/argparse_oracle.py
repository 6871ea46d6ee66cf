"""What a real argparse parser takes. Standard library only: this file runs inside the engines' own environments.

Prints one JSON line of facts about every option, then answers each JSON list of words on standard input with `"ok"` or
`"refused: ..."`. What an option takes is found by trying words on it, so that nothing rests on names of converters.
"""

from __future__ import annotations

import abc
import argparse
import contextlib
import dataclasses
import importlib
import importlib.abc
import importlib.machinery
import io
import json
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

PROBES = {
    "text": "zq",
    "whole": "7",
    "decimal": "7.5",
    "kilo": "7k",
    "auto": "auto",
    "null": "None",
    "empty": "",
    "object": "{}",
    "strange_key": '{"zq": 1}',
    "kilo_inside": '{"zq": 7k}',
    "list": "[1]",
    "pairs": "zq=7",
    "true": "true",
}


def takes(action: argparse.Action, term: str) -> bool:
    """Whether the option's own converter takes this word (its choices are reported apart)."""
    if action.type is None:
        return True
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            action.type(term)  # type: ignore[operator]
    except Exception:
        return False
    return True


def folds(action: argparse.Action) -> bool:
    """Whether a choice is found in any case."""
    raised = [str(choice).upper() for choice in action.choices or () if str(choice).upper() != str(choice)]
    if not raised or action.type is None or not takes(action, raised[0]):
        return False
    return action.type(raised[0]) in list(action.choices or ())  # type: ignore[operator]


def refuses(parser: argparse.ArgumentParser, action: argparse.Action) -> bool:
    """Whether an action that has a name of its own only says that the flag is gone."""
    if not type(action).__name__.startswith("Deprecated"):
        return False
    value = action.const if action.nargs == 0 else next(iter(action.choices or ("7",)))
    try:
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            action(parser, argparse.Namespace(), value, action.option_strings[0])
    except (Exception, SystemExit):
        return True
    return False


def strict_keys(action: argparse.Action) -> list[str]:
    """The field names of a configuration class behind a converter that refuses other keys."""
    if takes(action, PROBES["strange_key"]) or not takes(action, PROBES["object"]):
        return []
    todo: list[Any] = [action.type]
    seen: list[Any] = []
    while todo:
        function = todo.pop()
        if any(function is other for other in seen):
            continue
        seen.append(function)
        values = [cell.cell_contents for cell in getattr(function, "__closure__", None) or ()]
        holder = str(getattr(function, "__qualname__", "")).partition(".")[0]  # the class of a static method
        values += [getattr(function, "__self__", None), getattr(function, "__globals__", {}).get(holder)]
        for value in [*values, *(getattr(function, "__defaults__", None) or ())]:
            if dataclasses.is_dataclass(value):
                return sorted(field.name for field in dataclasses.fields(value) if field.init)
            if callable(value):
                todo.append(value)
    return []


def plain(value: object) -> object:
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError):
        return None


def facts(parser: argparse.ArgumentParser) -> list[dict[str, Any]]:
    retired = getattr(parser, "_deprecated", ())
    spelled: dict[int, list[str]] = {}
    for option, action in parser._option_string_actions.items():
        spelled.setdefault(id(action), []).append(option)
    return [
        {
            "options": spelled[id(action)],
            "dest": action.dest,
            "off": sorted(getattr(action, "negative_option_strings", ())),
            "action": type(action).__name__,
            "nargs": action.nargs,
            "const": plain(action.const),
            "choices": None if action.choices is None else [str(choice) for choice in action.choices],
            "default": plain(action.default),
            "takes": [name for name, term in PROBES.items() if takes(action, term)],
            "folds": folds(action),
            "keys": strict_keys(action),
            "deprecated": bool(getattr(action, "deprecated", False)) or action in retired,
            "required": action.required,
            "refuses": refuses(parser, action),
            "new": getattr(action, "new_flag", None),
        }
        for action in parser._actions
        if action.option_strings
    ]


def verdict(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> str:
    received = io.StringIO()
    try:
        with contextlib.redirect_stderr(received), contextlib.redirect_stdout(received):
            parser.parse_args(arguments)
    except SystemExit as error:
        return "ok" if not error.code else "refused: " + received.getvalue().strip().splitlines()[-1][-200:]
    except Exception as error:
        return f"refused: {type(error).__name__}: {error}"[:200]
    return "ok"


def answer(parser: argparse.ArgumentParser, out: Any) -> None:
    print(json.dumps(facts(parser)), file=out, flush=True)
    for line in sys.stdin:
        print(json.dumps(verdict(parser, json.loads(line))), file=out, flush=True)


ACCELERATORS = ("npu", "xpu", "hpu", "musa", "mlu", "mps", "gcu")  # a torch that has one is taken for that machine


class Hollow(abc.ABCMeta):
    """A class whose every attribute is another such class, so that annotations, bases and decorators work."""

    def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any], **_: Any) -> Any:
        return super().__new__(mcs, name, bases, body)

    def __init__(cls, *args: Any, **_: Any) -> None:
        super().__init__(*args)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return hollow(name)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and callable(args[0]):
            return args[0]  # used as a decorator
        return cls

    def __getitem__(cls, _: object) -> Any:
        return cls

    def __get_pydantic_core_schema__(cls, *_: object) -> Any:
        return {"type": "any"}

    def __iter__(cls) -> Any:
        return iter(())

    def __or__(cls, other: object) -> Any:
        return cls

    __ror__ = __or__

    def __bool__(cls) -> bool:
        return False

    def __int__(cls) -> int:
        return 0

    def register(cls, *_: object, **__: object) -> Any:
        return cls

    def __lt__(cls, other: object) -> bool:
        return False

    __gt__ = __le__ = __ge__ = __lt__


def hollow(name: str) -> Any:
    return Hollow(name, (), {"__module__": "hollow"})


class HollowModule(ModuleType):
    __path__: list[str] = []  # noqa: RUF012  what makes Python take it for a package
    __version__ = "99.0.0"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ACCELERATORS:
            raise AttributeError(name)
        made = hollow(name)
        setattr(self, name, made)
        return made


class StandIn(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Lends an empty module for every package that is not installed, except those that must be real."""

    def __init__(self, real: Sequence[str]) -> None:
        self.real = tuple(real)

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        package = name.rpartition(".")[0]
        real = (*self.real, *sys.stdlib_module_names)
        if not isinstance(sys.modules[package], HollowModule) if package else name in real or name.startswith("torch_"):
            return None  # a module torch_x would be taken for an accelerator
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: Any) -> ModuleType:
        return HollowModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        return


class Forgiving(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Hollows out the modules of one package that cannot run without a GPU. `needed` must run, `never` must not."""

    def __init__(self, package: str, needed: Sequence[str], never: Sequence[str] = ()) -> None:
        self.package = package + "."
        self.needed = tuple(needed)
        self.never = tuple(never)
        self.loaders: dict[str, Any] = {}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if not name.startswith(self.package):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None and not name.startswith(self.needed):
            self.loaders[name] = spec.loader
            spec.loader = self
        return spec

    def create_module(self, spec: Any) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ in self.never:
            module.__class__ = HollowModule
            return
        try:
            self.loaders[module.__name__].exec_module(module)
        except Exception as error:
            print(f"hollow: {module.__name__}: {error!r}"[:200], file=sys.stderr)
            module.__class__ = HollowModule
