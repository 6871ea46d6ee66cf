"""Finds the object of a kind."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from mmcompose.bench.kinds import client
from mmcompose.bench.report.levels import Levels
from mmcompose.bench.run.program import Program
from mmcompose.engines.known.benchmarks import kinds


def of(kind: str) -> Levels:
    """The object of a kind. A kind without a file in this folder is the client's, and so is an unknown one."""
    module = f"{__package__}.{kind.replace('-', '_')}"
    if kind not in kinds() or find_spec(module) is None:
        return client.KIND
    found: Levels = import_module(module).KIND
    return found


def program_of(kind: str) -> Program:
    """The object of a kind that runs in a container."""
    found = of(kind)
    assert isinstance(found, Program), f"{kind} runs in no container"
    return found
