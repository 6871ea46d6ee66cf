"""The cause in the words of the program that fetches weights, which ends with its own message and hint. Pure."""

from __future__ import annotations

import re

from mmcompose.deploy.causes.evidence import Evidence

_MESSAGE = re.compile(r"mmfetch: (?P<message>.+)")


def unfetched(evidence: Evidence) -> tuple[str, str, str] | None:
    """The cause's name, its line, and what to do next; None if the program was killed without a word."""
    found = [(at, match) for at, line in enumerate(evidence.log) if (match := _MESSAGE.match(line))]
    if not found:
        return None
    at, match = found[-1]
    hint = " ".join(line.strip() for line in evidence.log[at + 1 :] if line.startswith("  "))
    goes_on = f"mmcompose up {evidence.profile} goes on from there"
    return "weights-not-fetched", f"the weights were not fetched: {match['message']}", hint or goes_on
