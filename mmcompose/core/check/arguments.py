"""Judges the arguments of a service by the flag history of its engine: those that are checked, those that are not, and
environment variables that look like one."""

from __future__ import annotations

from collections.abc import Iterator

from mmcompose.core.place.subject import Around, Subject
from mmcompose.engines.flags.check import check as check_flags
from mmcompose.engines.flags.history import History, at
from mmcompose.model import Path, Problem

_KNOWN_ALL_THE_SAME = "flag-deprecated"
_READ_BY_LIBRARIES = frozenset({"HF_TOKEN", "HF_HOME"})
"""Variables that are named like a flag of some engine, but that the model hub's library reads."""


def _history(subject: Subject, around: Around) -> History | None:
    return around.histories(subject.engine.history) if subject.engine.history else None


def checked(subject: Subject, around: Around) -> Iterator[Problem]:
    service, ours = subject.service, subject.engine.rendered_args
    for fault in check_flags(_history(subject, around), service.release, service.args, ours):
        path: Path = ("args", *fault.path) if fault.path else ("version",)
        yield subject.problem(path, fault.message, fault.hint, fault.rule, fault.severity)


def unchecked(subject: Subject, around: Around) -> Iterator[Problem]:
    """Reports `unchecked_args` that mmcompose writes itself, or that the history accepts: those belong under `args`. A
    refused value and an unknown release may stay unchecked."""
    service, history = subject.service, _history(subject, around)
    for name, given in service.unchecked_args.items():
        path: Path = ("unchecked_args", name)
        if name in subject.engine.rendered_args:
            yield subject.problem(path, "mmcompose writes this flag itself", "remove it here", "flag-duplicate")
        elif history is not None:
            faults = check_flags(history, service.release, {name: given.value})
            if all(fault.rule == _KNOWN_ALL_THE_SAME for fault in faults):
                message = f"{history.title} {service.release} has this flag, and its value can be checked"
                yield subject.problem(path, message, f"write it under args: as {name}", "flag-known")


def unread(subject: Subject, around: Around) -> Iterator[Problem]:
    """Reports bare names such as LOG_LEVEL, which the engine never reads: its own variables begin with its name
    (VLLM_…, LLAMA_ARG_…)."""
    history = _history(subject, around)
    if history is None or not subject.service.env:
        return
    flags = at(history, subject.service.release)
    for name, value in subject.service.env.items():
        flag = name.lower()
        if name in _READ_BY_LIBRARIES or name != name.upper() or flag not in flags:
            continue
        if str(value).startswith("/run/secrets/"):
            continue  # for the entry point or a script, and nothing that should stand among the arguments
        written = flag in subject.engine.rendered_args
        hint = f"mmcompose writes {flags[flag].option} itself" if written else f"write args.{flag}: {value}"
        message = f"{subject.engine.title} does not read this variable"
        yield subject.problem(("env", name), message, hint, "env.unread", "warning")
