"""The kinds of benchmark that run as containers beside an engine: data."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mmcompose.engines.flags.check import check as check_flags
from mmcompose.model import Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from mmcompose.engines.flags.history import History

CONTEXT = "bench"
"""The build folder of the client's image, under compose/build/."""
RELEASE = "0.1.0"
"""The release of the client that comes with mmcompose."""


class Kind(NamedTuple):
    """One kind. `own`: it runs in the client's image, else in the engine's; `flags_of` then names the engines whose
    image has the program.

    `written` are options that the wiring writes.
    """

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
"""Kinds without a container: mmcompose itself measures the engine while it loads and unloads."""


def of(service: Service) -> list[str]:
    """The kinds of a service that run as containers."""
    return [name for name in dict.fromkeys(service.bench) if name in KINDS]


def release(kind: Kind, service: Service) -> str | None:
    return RELEASE if kind.own else service.release


def refused_options(
    kind: Kind,
    version: str | None,
    arguments: Sequence[str],
    histories: Callable[[str], History | None],
    free: Collection[str],
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


OF_A_PERSON = ("label", "progress", "api_key_file")
"""Options that a person may change: the measurement stays the same, and its result is found."""

_OF_NAMES = ("flag-unknown", "flag-removed", "flag-not-yet", "flag-duplicate")
