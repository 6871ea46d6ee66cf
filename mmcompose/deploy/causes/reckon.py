"""Calculates values for the next command from the numbers that an engine prints."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence

from mmcompose.core.sizes import in_bytes
from mmcompose.deploy.causes import named

_GIB = 1 << 30


def _share(free: str, total: str) -> str:
    """The free share of a card's memory, rounded down."""
    share = math.floor(float(free) / float(total) * 100 - 0.5) / 100
    return f"{share:.2f}" if 0 < share < 1 else ""


def _divisors(*counts: str) -> str:
    """Numbers of GPUs that divide all of these, the largest first, below the last one, which did not."""
    *whole, requested = (int(count) for count in counts)
    fit = [number for number in range(min(int(requested), 64) - 1, 0, -1) if all(one % number == 0 for one in whole)]
    return ", ".join(map(str, fit[:4]))


def _more_memory(limit: str) -> str:
    """Half as much again, in whole GiB if that is not too coarse."""
    size = (in_bytes(limit) if not limit.isdigit() else int(limit)) * 3 // 2
    if size >= 4 * _GIB:
        return f"{math.ceil(size / _GIB)}g"
    return f"{math.ceil(size / (1 << 20) / 64) * 64}m"


def _gib(count: str) -> str:
    return f"{int(count) / _GIB:.1f}"


def _bytes(size: str) -> int:
    """The bytes of a size such as `17.73 GiB`, as PyTorch writes them."""
    text = size.removesuffix("B").removesuffix("i")
    return int(float(text.rstrip(" KMG")) * {"K": 1 << 10, "M": 1 << 20, "G": _GIB}.get(text[-1], 1))


def _others(total: str, free: str, *own: str) -> str:
    """The memory of other processes on a card, if it is clearly more than PyTorch leaves out of its own."""
    size = _bytes(total)
    rest = size - _bytes(free) - sum(map(_bytes, own))
    return f"{rest / _GIB:.1f} GiB" if rest > 3 * _GIB + size // 20 else ""


def _begins(name: str, with_: str) -> str:
    """The beginning of a class's name, if the name of a module says the same."""
    letters = with_.replace("_", "").lower()
    return letters if len(letters) > 3 and name.lower().startswith(letters) else ""


def _settings(text: str) -> str:
    """The settings that a message names, as they stand in a profile."""
    return ", ".join(f"args.{key}" for key in named.settings(text)[:3])


def _setting(text: str) -> str:
    """The first of them."""
    return next((f"args.{key}" for key in named.settings(text)), "")


FUNCTIONS: dict[str, Callable[..., str]] = {
    "share": _share,
    "divisors": _divisors,
    "more_memory": _more_memory,
    "gib": _gib,
    "gib_of_mib": lambda count: f"{float(count) / 1024:.1f}",
    "half": lambda count: str(int(count) // 2) if int(count) > 1 else "",
    "plain": lambda count: str(int(float(count))),  # without the `.0` that some engines print
    "others": _others,
    # The free memory of a card, if it is far more than requested.
    "spare": lambda free, requested: free if _bytes(free) > 2 * _bytes(requested) else "",
    # A buffer that no card could hold.
    "beyond": lambda count: _gib(count) if int(count) > 200 * _GIB else "",
    # The key below `args` of a flag, and a flag as engines spell it that take no underscores.
    "key": lambda flag: flag.strip("-`'\"").replace("-", "_").lower(),
    "hyphens": lambda flag: "--" + flag.strip("-").replace("_", "-"),
    "begins": _begins,
    "settings": _settings,
    "setting": _setting,
}
_SIZE = re.compile(r"\d+(?:\.\d+)? ?[KMG]?i?B")
_NAME = re.compile(r"[\w.-]+")
_TEXT = re.compile(r"[\s\S]+")
_FORMS = {"key": _NAME, "hyphens": _NAME, "begins": _NAME, "others": _SIZE, "spare": _SIZE}
_FORMS |= {"settings": _TEXT, "setting": _TEXT}
"""The arguments of the functions that do not calculate with numbers."""
_NUMBER = re.compile(r"[\d.]+[bkmgtBKMGT]?")


def reckoned(steps: Sequence[tuple[str, tuple[str, ...]]], captured: Mapping[str, str]) -> dict[str, str]:
    """The calculated values of a row; a missing one drops the text that would show it."""
    found: dict[str, str] = {}
    for name, (function, *names) in steps:
        values = [captured[one] for one in names if one in captured]
        form = _FORMS.get(function, _NUMBER)
        if len(values) < len(names) or not all(form.fullmatch(value) for value in values):
            continue
        try:
            answer = FUNCTIONS[function](*values)
        except (ValueError, ZeroDivisionError):
            continue
        if answer:
            found[name] = answer
    return found
