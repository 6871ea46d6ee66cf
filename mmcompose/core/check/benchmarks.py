"""Reports benchmarks that do not exist or cannot measure an engine, and options that their program does not accept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from mmcompose.core.hints import listing, nearest
from mmcompose.core.place.subject import Around, Subject
from mmcompose.engines.flags.check import check as check_flags
from mmcompose.engines.flags.history import Histories, History
from mmcompose.engines.known.benchmarks import Kind, contained, kinds
from mmcompose.model import Path, Problem

OF_A_PERSON = ("label", "progress", "api_key_file")
"""Options that a person may change: the measurement stays the same, and its result is found."""
_OF_NAMES = ("flag-unknown", "flag-removed", "flag-not-yet", "flag-duplicate")


def check(subject: Subject, around: Around) -> Iterator[Problem]:
    """Reports wrong kinds and wrong options of one service."""
    engine = subject.engine
    for index, wanted in enumerate(subject.service.bench):
        path: Path = ("bench", index)
        kind = kinds().get(wanted)
        if kind is None:
            yield subject.problem(path, f"no benchmark {wanted!r}", nearest(wanted, kinds()), "bench.kind")
        elif kind.runs_in == "host":
            continue
        elif kind.engines and engine.history not in kind.engines:
            message = f"{wanted} measures {listing(kind.engines)} only, this is {engine.name}"
            yield subject.problem(path, message, "leave it out", "bench.kind")
        elif engine.probe.kind not in kind.asks:
            hint = f"it asks endpoints of the kind {listing(kind.asks)}, this one is {engine.probe.kind!r}"
            yield subject.problem(path, f"{wanted} cannot ask {engine.title}", hint, "bench.kind")
        else:
            yield from _arguments(subject, kind, around.histories(kind.history))
    for wanted, given in subject.service.bench_args.items():
        if wanted not in contained() and given:
            hint = nearest(wanted, contained())
            yield subject.problem(("bench_args", wanted), f"no benchmark {wanted!r}", hint, "bench.kind")


def _arguments(subject: Subject, kind: Kind, history: History | None) -> Iterator[Problem]:
    given = subject.service.bench_args.get(kind.name) or {}
    for fault in check_flags(history, kind.release(subject.service), given, kind.written):
        # What a benchmark says of a version is said of the engine already.
        if fault.path:
            path: Path = ("bench_args", kind.name, *fault.path)
            yield subject.problem(path, fault.message, fault.hint, fault.rule, fault.severity)


def refused_options(
    kind: Kind, version: str | None, arguments: Sequence[str], histories: Histories, free: Collection[str]
) -> Iterator[str]:
    """Finds wrong names of options on a command line. The program itself judges their values.

    `free` are options that the wiring writes and a person may write again.
    """
    listed = f"`mmcompose engines flags {kind.history}` lists them"
    given: dict[str, object] = {}
    for argument in arguments:
        if argument.startswith("--"):
            given[argument[2:].partition("=")[0].replace("-", "_")] = True
        elif argument[:1] == "-" and argument[1:2].isalpha():
            yield f"{argument} is not an option; {listed}"
    for fault in check_flags(histories(kind.history), version, given, set(kind.written) - set(free)):
        if fault.rule in _OF_NAMES and fault.severity == "error":
            option = "--" + str(fault.path[0]).replace("_", "-")
            yield f"{option}: {fault.message} ({fault.hint.replace('_', '-') or listed})"
