"""Finds how many connections this process may have: each is an open file, and the results need some too."""

from __future__ import annotations

import contextlib
import resource

SPARE = 32
PLENTY = 65_536 + SPARE


def most_connections() -> int:
    """Raise this process's limit as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = PLENTY if hard == resource.RLIM_INFINITY else min(hard, PLENTY)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return max(1, (PLENTY if soft == resource.RLIM_INFINITY else soft) - SPARE)
