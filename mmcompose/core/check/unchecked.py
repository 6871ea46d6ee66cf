"""`unchecked_args` are for flags that the history does not know; one that it would accept belongs under `args`."""

from __future__ import annotations

from collections.abc import Iterator

from mmcompose.core.place.subject import Around, Claim
from mmcompose.engines.flags.check import check as check_flags
from mmcompose.model import Problem

_KNOWN_ALL_THE_SAME = ("flag-deprecated",)


def check(claim: Claim, around: Around) -> Iterator[Problem]:
    """Allowed are a value that the history would refuse, and any flag of a release that it does not know."""
    service, engine = claim.service, claim.engine
    history = around.histories(engine.history) if engine.history else None
    if history is None:
        return
    for name, given in service.unchecked_args.items():
        if name in engine.rendered_args:
            continue
        faults = check_flags(history, service.release, {name: given.value})
        if all(fault.rule in _KNOWN_ALL_THE_SAME for fault in faults):
            message = f"{history.title} {service.release} has this flag, and its value can be checked"
            yield claim.problem(("unchecked_args", name), message, f"write it under args: as {name}", "flag-known")
