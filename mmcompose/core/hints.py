"""Short phrases for messages: near names, numbers, lists."""

from __future__ import annotations

from collections.abc import Iterable

from mmcompose.engines.flags.nearest import did_you_mean

FEW = 12


def nearest(text: str, known: Iterable[str], otherwise: str = "known: ", *, as_given: bool = False) -> str:
    """The near name, or all names if they are few: sorted, or `as_given` where their order has a meaning."""
    names = list(known) if as_given else sorted(known)
    return did_you_mean(text, names) or (otherwise + listing(names) if 0 < len(names) <= FEW else "")


def plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def numbers(rising: Iterable[int]) -> str:
    """Writes three or more consecutive numbers by their ends: `0 to 3, 6`."""
    runs: list[list[int]] = []
    for number in rising:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return listing(f"{run[0]} to {run[-1]}" if len(run) > 2 else listing(run) for run in runs)


def listing(items: Iterable[object]) -> str:
    return ", ".join(str(item) for item in items)
