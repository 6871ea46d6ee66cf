"""Recognises names that mean opposites: `disable_x` and `enable_x`, `min_x` and `max_x`.

Two names that differ by one such part look alike, and a hint from one to the other would reverse a setting.
"""

from __future__ import annotations

import re

_NEGATING = frozenset({"no", "not", "non", "disable", "disabled", "disallow", "without", "skip", "ignore", "never"})
"""Parts of a name that reverse the meaning of what stands behind them."""

_AFFIRMING = frozenset({"enable", "enabled", "use", "with"})

_PAIRS = (
    ("min", "max"), ("minimum", "maximum"), ("low", "high"), ("lower", "upper"), ("first", "last"), ("start", "end"),
    ("start", "stop"), ("begin", "end"), ("input", "output"), ("in", "out"), ("read", "write"), ("load", "save"),
    ("load", "unload"), ("include", "exclude"), ("allow", "deny"), ("allow", "forbid"), ("allow", "block"),
    ("allowlist", "denylist"), ("whitelist", "blacklist"), ("on", "off"), ("enable", "disable"),
    ("enabled", "disabled"), ("true", "false"), ("always", "never"), ("show", "hide"), ("prefill", "decode"),
    ("encode", "decode"), ("encoder", "decoder"), ("prefix", "suffix"), ("left", "right"), ("up", "down"),
    ("source", "target"), ("client", "server"), ("local", "remote"), ("k", "v"), ("key", "value"),
    ("before", "after"), ("sync", "async"), ("increase", "decrease"),
)  # fmt: skip
"""Pairs of parts that exclude each other."""

_PREFIXES = ("no", "non", "un", "dis", "de")
_LONG = 5  # a shorter part that is nearly `no` or `min` more often means something else
_NEARLY = 0.8
_SPELLED = sorted({*_NEGATING, *(part for pair in _PAIRS for part in pair), *_AFFIRMING})


def opposed(one: str, other: str) -> bool:
    """Whether a hint from one name to the other would reverse the meaning."""
    mine, theirs = _parts(one), _parts(other)
    return negated(one, other) or any(
        (a in mine and a not in theirs and b in theirs and b not in mine)
        or (b in mine and b not in theirs and a in theirs and a not in mine)
        for a, b in _PAIRS
    )


def negated(one: str, other: str) -> bool:
    """Whether exactly one of two names negates: then true for one is false for the other."""
    mine, theirs = _parts(one), _parts(other)
    if (len(_NEGATING.intersection(mine)) + len(_NEGATING.intersection(theirs))) % 2:
        return True
    run_together, rest = sorted(("".join(mine), "".join(theirs)), key=len, reverse=True)
    return len(rest) > 2 and any(run_together == prefix + rest for prefix in _PREFIXES)


def bare(name: str) -> tuple[str, ...]:
    """The parts of a name without those that only switch it on or off: `x` of `enable_x`, `disable_x` and `no_x`."""
    return tuple(part for part in _parts(name) if part not in _NEGATING and part not in _AFFIRMING)


def _parts(name: str) -> list[str]:
    return [_meant(part) for part in re.split(r"[^a-z0-9]+", name.lower()) if part]


def _meant(part: str) -> str:
    """Corrects a mistyped part: `disble` still negates."""
    if len(part) < _LONG or part in _SPELLED:
        return part
    from difflib import get_close_matches

    near = get_close_matches(part, [known for known in _SPELLED if len(known) >= _LONG], n=1, cutoff=_NEARLY)
    return near[0] if near else part
