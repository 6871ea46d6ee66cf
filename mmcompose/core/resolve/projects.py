"""Resolves all profiles of a project, and separates those in doubt from the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from mmcompose.core.read import schema
from mmcompose.core.read.overrides import Override
from mmcompose.core.read.typed import for_profile
from mmcompose.core.resolve.fold import NOTHING, put
from mmcompose.core.resolve.resolver import Resolver
from mmcompose.model import Origin, Problem, Profile, Setting


class Resolved(NamedTuple):
    """The profiles of a project. `doubtful` ones are judged, and used for nothing else. `problems` were found while
    resolving."""

    profiles: dict[str, Profile]
    doubtful: dict[str, Profile]
    problems: list[Problem]


def line_faults(wanted: Mapping[str, Any], overrides: Sequence[Override]) -> list[schema.SchemaFault]:
    """Checks the command line by the same schema as every other layer."""
    tree = NOTHING
    for override in overrides:
        value = Setting((override.value,), override.value.origin) if override.append else override.value
        tree = put(tree, override.path, value)
    found = schema.faults(wanted, tree, "")
    return [fault if fault.problem.origin and fault.problem.origin.file else _typed(fault) for fault in found]


def _typed(fault: schema.SchemaFault) -> schema.SchemaFault:
    """Gives a fault of the command line its place."""
    return fault._replace(problem=fault.problem._replace(origin=Origin("", "--set")))


def resolved(as_written: Resolver, overridden: Resolver, only: Collection[str]) -> Resolved:
    """All profiles. `only` names those to which the overrides apply; empty for all."""
    found = Resolved({}, {}, [])
    for name in sorted(as_written.documents.known("profile")):
        resolver = overridden if not only or name in only else as_written
        profile, problems = resolver.resolve(name)
        found.problems.extend(for_profile(name, problems))
        (found.doubtful if problems or profile.doubts else found.profiles)[name] = profile
    return found
