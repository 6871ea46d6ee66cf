"""Reports combinations that are known not to work, each with what to write instead."""

from __future__ import annotations

from collections.abc import Iterator

from mmcompose.core.place.subject import Around, Claim
from mmcompose.core.resolve.known_bad import facts
from mmcompose.model import Problem


def check(claim: Claim, _: Around) -> Iterator[Problem]:
    found = [fact for fact in facts(claim.tree, claim.engine, claim.profile.host) if not fact.kept_to(claim.tree)]
    refused = {fact.path for fact in found if fact.severity == "error"}
    for fact in found:
        # An error makes a warning about the same setting superfluous.
        if fact.severity == "error" or fact.path not in refused:
            where = fact.spoken_of(claim.tree)
            yield claim.problem(fact.path, fact.message, fact.hint, "known-bad", fact.severity, at=where)
