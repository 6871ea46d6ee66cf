"""Reports `unchecked_args` that the flag history knows and accepts: they belong under `args`."""

from __future__ import annotations

from collections.abc import Iterator

from mmcompose.core.place.subject import Around, Subject
from mmcompose.engines.flags.check import check as check_flags
from mmcompose.model import Problem

_KNOWN_ALL_THE_SAME = ("flag-deprecated",)


def check(subject: Subject, around: Around) -> Iterator[Problem]:
    """Reports flags that the history accepts; a refused value and an unknown release may stay unchecked."""
    service, engine = subject.service, subject.engine
    history = around.histories(engine.history) if engine.history else None
    if history is None:
        return
    for name, given in service.unchecked_args.items():
        if name in engine.rendered_args:
            continue
        faults = check_flags(history, service.release, {name: given.value})
        if all(fault.rule in _KNOWN_ALL_THE_SAME for fault in faults):
            message = f"{history.title} {service.release} has this flag, and its value can be checked"
            yield subject.problem(("unchecked_args", name), message, f"write it under args: as {name}", "flag-known")
