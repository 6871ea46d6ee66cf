"""The nouns that the stages pass to one another. This room imports nothing of ours.

A value keeps its history from the line where it was written (`Origin`) through the layers that overrode it (`Setting`)
to the typed, frozen `Profile` that the renderer reads.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mmcompose.model.doubt import ENGINE, MACHINE, Doubt
    from mmcompose.model.origin import Layer, Origin, Path, Scalar, Setting, dotted, meet, parse_path
    from mmcompose.model.problem import Fault, Problem, Severity
    from mmcompose.model.service import (
        Build,
        Capability,
        Gpu,
        Graph,
        Health,
        KnownBad,
        Logging,
        Mount,
        Needs,
        Resources,
        Secret,
        Security,
        Service,
        UncheckedArg,
        Waiver,
        Weights,
        ZooModel,
    )
    from mmcompose.model.stack import (
        Allowed,
        Card,
        Engine,
        Envelope,
        Machine,
        Probe,
        Profile,
        Project,
        RunsOn,
        Seat,
        Stack,
        Supply,
    )


def __getattr__(name: str) -> Any:
    """Loads the file of a noun when the noun is first used: `--help` and a render with nothing to do need none."""
    for file in ("doubt", "origin", "problem", "service", "stack"):
        found = vars(import_module(f"{__name__}.{file}"))
        if name in found:
            globals()[name] = found[name]
            return found[name]
    raise AttributeError(name)
