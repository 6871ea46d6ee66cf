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


class Kinds:
    """The kinds of one package, and the name of their program."""

    def __init__(self, program: str, package: str) -> None:
        self.program, self._package = program, package

    def names(self) -> list[str]:
        found = import_module(self._package).__path__
        return [module.name.replace("_", "-") for module in iter_modules(found)]

    def of(self, name: str) -> Kind:
        return cast("Kind", import_module(f"{self._package}.{name.replace('-', '_')}"))


KINDS = Kinds("mmbench", __name__)
