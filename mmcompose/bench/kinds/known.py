"""Finds the object of a kind."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from mmcompose.bench.run.kind import ClientKind
from mmcompose.engines.known.benchmarks import kinds


def of(kind: str) -> ClientKind:
    """The object of a kind of results. One without a file of its own in this folder is the client's, and so is an
    unknown one."""
    module = f"{__package__}.{kind.replace('-', '_')}"
    if kind not in {each.results for each in kinds().values()} or find_spec(module) is None:
        return ClientKind()
    found: ClientKind = import_module(module).KIND
    return found
