"""Reports benchmarks that do not exist or cannot measure an engine, and options that their program does not accept."""

from __future__ import annotations

from collections.abc import Iterator

from mmcompose.core.hints import listing, nearest
from mmcompose.core.place.subject import Around, Claim
from mmcompose.core.resolve.benchmarks import FROM_OUTSIDE, KINDS, Kind, release
from mmcompose.engines.flags.check import check as check_flags
from mmcompose.engines.flags.history import History
from mmcompose.model import Path, Problem


def check(claim: Claim, around: Around) -> Iterator[Problem]:
    """Reports wrong kinds and wrong options of one service."""
    engine = claim.engine
    for index, wanted in enumerate(claim.service.bench):
        path: Path = ("bench", index)
        if wanted in FROM_OUTSIDE:
            continue
        kind = KINDS.get(wanted)
        if kind is None:
            hint = nearest(wanted, [*KINDS, *FROM_OUTSIDE])
            yield claim.problem(path, f"no benchmark {wanted!r}", hint, "bench.kind")
        elif kind.flags_of and engine.history not in kind.flags_of:
            message = f"{wanted} measures {listing(kind.flags_of)} only, this is {engine.name}"
            yield claim.problem(path, message, "leave it out", "bench.kind")
        elif engine.probe.kind not in kind.asks:
            hint = f"it asks endpoints of the kind {listing(kind.asks)}, this one is {engine.probe.kind!r}"
            yield claim.problem(path, f"{wanted} cannot ask {engine.title}", hint, "bench.kind")
        else:
            yield from _arguments(claim, wanted, kind, around.histories(kind.history))
    for wanted, given in claim.service.bench_args.items():
        if wanted not in KINDS and given:
            hint = nearest(wanted, KINDS)
            yield claim.problem(("bench_args", wanted), f"no benchmark {wanted!r}", hint, "bench.kind")


def _arguments(claim: Claim, name: str, kind: Kind, history: History | None) -> Iterator[Problem]:
    given = claim.service.bench_args.get(name) or {}
    for fault in check_flags(history, release(kind, claim.service), given, kind.written):
        # What a benchmark says of a version is said of the engine already.
        if fault.path:
            path: Path = ("bench_args", name, *fault.path)
            yield claim.problem(path, fault.message, fault.hint, fault.rule, fault.severity)
