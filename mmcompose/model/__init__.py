"""The nouns that the stages pass to one another. This room imports nothing of ours.

A value keeps its history from the line where it was written (`Origin`) through the layers that overrode it (`Setting`)
to the typed, frozen `Profile` that the renderer reads.
"""

from __future__ import annotations

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
)
