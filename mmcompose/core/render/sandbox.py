"""Restricts templates, which are programs that come with a commit: they see values and reach nothing else.

Jinja's own sandbox hides the insides of Python and protects the values. This file adds limits for numbers that one
operator or a chain of them makes huge: a single such step cannot be interrupted.
"""

from __future__ import annotations

from collections.abc import Sized
from types import FunctionType
from typing import Any

from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mmcompose.core.render.cost import LONGEST

_LARGEST_POWER = 64
_MOST_BITS = _LARGEST_POWER**2
"""The most bits of a product: as many as the largest power has."""
_FINEST = 20


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, with limits for powers, products and roundings."""

    intercepted_binops = frozenset({"**", "*"})

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.filters["round"] = _round

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The attribute of a value. It is called for every value of every file, so the plain names of our own nouns
        are answered at once."""
        if attribute[0] != "_" and type(obj).__module__.startswith("mmcompose."):
            try:
                return getattr(obj, attribute)
            except AttributeError:
                pass
        return super().getattr(obj, attribute)

    def call(self, context: Context, function: Any, /, *arguments: Any, **named: Any) -> Any:
        """Calls a function. Our own are called at once: a third of all calls ask for the reason of a value."""
        if type(function) is not FunctionType or not function.__module__.startswith("mmcompose."):
            return super().call(context, function, *arguments, **named)
        return function(*arguments, **{name: value for name, value in named.items() if name[0] != "_"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" and (abs(right) > _LARGEST_POWER or abs(left) > 1 << _LARGEST_POWER):
            raise SecurityError("a power this large is not for templates")
        if operator == "*" and _is_too_large(left, right):
            raise SecurityError("a product this large is not for templates")
        return super().call_binop(context, operator, left, right)


def _is_too_large(left: Any, right: Any) -> bool:
    """Whether a product is too large: for numbers by their bits, for repeated texts by their length."""
    if isinstance(left, int) and isinstance(right, int):
        return left.bit_length() + right.bit_length() > _MOST_BITS
    times, repeated = (left, right) if isinstance(left, int) else (right, left)
    return isinstance(times, int) and isinstance(repeated, Sized) and times * len(repeated) > LONGEST


def _round(value: Any, precision: int = 0, method: Any = "common") -> Any:
    if abs(precision) > _FINEST:
        raise SecurityError("a rounding this fine is not for templates")
    return FILTERS["round"](value, precision, method)
