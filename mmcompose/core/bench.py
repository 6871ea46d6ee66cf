"""The kinds of benchmark that run as containers beside an engine: data, and what is wrong with a profile's choice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mmcompose.core.claims import Around, Claim
from mmcompose.core.hints import listing, nearest
from mmcompose.engines.flags import check as check_flags
from mmcompose.model import Path, Problem, Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from mmcompose.engines.history import History

CONTEXT = "bench"
"""The build folder of the client's image, under compose/build/."""
RELEASE = "0.1.0"
"""The release of the client that is shipped beside this."""


class Kind(NamedTuple):
    """One kind. `own`: the client's image, else the engine's, and `flags_of` are those whose image has the program,
    told by the flags that they take. `written`: options that the wiring writes."""

    history: str
    program: tuple[str, ...]
    asks: tuple[str, ...]
    own: bool = True
    flags_of: tuple[str, ...] = ()
    written: tuple[str, ...] = ("base_url", "model", "out", "run_dir", "api_key_file", "context", "label", "progress")


KINDS: Mapping[str, Kind] = {
    "sanity": Kind("mmbench-sanity", ("python", "-m", "mmbench", "sanity"), ("chat", "ocr")),
    "load": Kind("mmbench-load", ("python", "-m", "mmbench", "load"), ("chat",)),
    "ocr-sweep": Kind("mmbench-ocr-sweep", ("python", "-m", "mmbench", "ocr-sweep"), ("chat", "ocr")),
    "vllm-bench": Kind(
        "vllm-bench-serve",
        ("vllm", "bench", "serve"),
        ("chat",),
        own=False,
        flags_of=("vllm",),
        written=("backend", "base_url", "endpoint", "model", "served_model_name", "save_result", "save_detailed",
                 "result_dir", "result_filename"),
    ),
}  # fmt: skip
FROM_OUTSIDE = ("vram",)
"""Kinds that need no container: the host looks at the engine while it loads and unloads."""


def of(service: Service) -> list[str]:
    """The kinds of a service that run as containers."""
    return [name for name in dict.fromkeys(service.bench) if name in KINDS]


def release(kind: Kind, service: Service) -> str | None:
    return RELEASE if kind.own else service.release


def check(claim: Claim, around: Around) -> Iterator[Problem]:
    """Kinds that do not exist or cannot ask this engine, and options that their program does not take."""
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


def refused_options(
    kind: Kind,
    version: str | None,
    words: Sequence[str],
    histories: Callable[[str], History | None],
    free: Collection[str],
) -> Iterator[str]:
    """What is wrong with the names of options on a command line. Their values the program judges itself. `free` are
    options that the wiring writes and a person may write again."""
    listed = f"`mmcompose engines flags {kind.history}` lists them"
    given: dict[str, object] = {}
    for word in words:
        if word.startswith("--"):
            given[word[2:].partition("=")[0].replace("-", "_")] = True
        elif word[:1] == "-" and word[1:2].isalpha():
            yield f"{word} is not an option; {listed}"
    for fault in check_flags(histories(kind.history), version, given, set(kind.written) - set(free)):
        if fault.rule in _OF_NAMES and fault.severity == "error":
            option = "--" + str(fault.path[0]).replace("_", "-")
            yield f"{option}: {fault.message} ({fault.hint.replace('_', '-') or listed})"


OF_A_PERSON = ("label", "progress", "api_key_file")
"""What a person may say otherwise without measuring something else, or losing the result."""

_OF_NAMES = ("flag-unknown", "flag-removed", "flag-not-yet", "flag-duplicate")


def _arguments(claim: Claim, name: str, kind: Kind, history: History | None) -> Iterator[Problem]:
    given = claim.service.bench_args.get(name) or {}
    for fault in check_flags(history, release(kind, claim.service), given, kind.written):
        # What a benchmark says of a version is said of the engine already.
        if fault.path:
            path: Path = ("bench_args", name, *fault.path)
            yield claim.problem(path, fault.message, fault.hint, fault.rule, fault.severity)
