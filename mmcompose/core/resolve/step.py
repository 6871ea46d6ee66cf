"""The form of one step of a derivation, and its inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from mmcompose.model import Engine, Machine, Problem, Setting


class Context(NamedTuple):
    """The inputs of a derivation besides the tree."""

    layers: Sequence[Setting]
    engine: Engine
    machine: Machine
    contexts: Mapping[str, str]
    """The content hash of each build folder that comes with the templates, by backend."""

    def accelerator(self, tree: Setting) -> str:
        count = tree.at(("gpu", "count"))
        return self.machine.accelerator_for(count.value if count is not None else 0)


Step = Callable[[Setting, Context], Setting | Problem]
