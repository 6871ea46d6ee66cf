"""Reports combinations that are known not to work, each with what to write instead."""

from __future__ import annotations

from collections.abc import Iterator

from mmcompose.core.place.subject import Around, Subject
from mmcompose.core.resolve.known_bad import facts
from mmcompose.model import Problem


def check(subject: Subject, _: Around) -> Iterator[Problem]:
    found = [
        fact for fact in facts(subject.tree, subject.engine, subject.profile.host) if not fact.kept_to(subject.tree)
    ]
    refused = {fact.path for fact in found if fact.severity == "error"}
    for fact in found:
        # An error makes a warning about the same setting superfluous.
        if fact.severity == "error" or fact.path not in refused:
            where = fact.spoken_of(subject.tree)
            yield subject.problem(fact.path, fact.message, fact.hint, "known-bad", fact.severity, at=where)
