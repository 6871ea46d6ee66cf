"""The kinds of benchmark, a file each, which has:

- `HELP`, the line of help, and `options`, which adds the options of its own to a parser;
- `Options`, a class of settings that holds them;
- `run`, which measures with them, writes the result, and returns the exit code.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Coroutine
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol, cast

from ..settings import Settings


class Kind(Protocol):
    HELP: str
    Options: type[Settings]
    options: Callable[[ArgumentParser], None]
    run: Callable[[Any, Any], Coroutine[Any, Any, int]]


def names() -> list[str]:
    return [module.name.replace("_", "-") for module in iter_modules(__path__)]


def of(name: str) -> Kind:
    return cast("Kind", import_module(f"{__package__}.{name.replace('-', '_')}"))
