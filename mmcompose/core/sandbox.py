"""A template is a program that comes with a commit: it sees values, and reaches nothing else.

Jinja's own sandbox keeps them from the insides of Python and from changing what they are given. Added here is what the
sandbox leaves out of its bounds: one number that a single word makes huge, which nothing can interrupt.
"""

from __future__ import annotations

from typing import Any

from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

_LARGEST_POWER = 64
_FINEST = 20


class Sandbox(ImmutableSandboxedEnvironment):
    """What it says, with powers and roundings that have an end."""

    intercepted_binops = frozenset({"**"})

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.filters["round"] = _round

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Asked for every value of every file, so the plain names of our own nouns are answered at once."""
        if attribute[0] != "_" and type(obj).__module__.startswith("mmcompose."):
            try:
                return getattr(obj, attribute)
            except AttributeError:
                pass
        return super().getattr(obj, attribute)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if abs(right) > _LARGEST_POWER or abs(left) > 1 << _LARGEST_POWER:
            raise SecurityError("a power this large is not for templates")
        return super().call_binop(context, operator, left, right)


def _round(value: Any, precision: int = 0, method: Any = "common") -> Any:
    if abs(precision) > _FINEST:
        raise SecurityError("a rounding this fine is not for templates")
    return FILTERS["round"](value, precision, method)
