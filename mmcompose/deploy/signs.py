"""What a sign of trouble is: the words by which a cause is known, what to say about it, and what to do next."""

from __future__ import annotations

from typing import NamedTuple


class Sign(NamedTuple):
    """`patterns` are searched in turn; their groups fill `cause` and `next`, beside the names of the profile.

    `final`: starting again will not help, so one death is enough.
    """

    name: str
    patterns: tuple[str, ...]
    cause: str
    next: str
    final: bool = True


EXPLAIN = "mmcompose explain {profile} "
"""Shows where a value of the profile was set."""
