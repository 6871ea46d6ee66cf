"""The whole input of a compilation: the sources, the facts of engines, and what an earlier render left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, NamedTuple

from mmcompose.core.read.documents import Source
from mmcompose.core.read.overrides import Override
from mmcompose.core.world import NOWHERE, World
from mmcompose.engines.flags.history import Histories
from mmcompose.model import Seat

if TYPE_CHECKING:
    from mmcompose.core.render.templates import Kept


class Given(NamedTuple):
    """The input. The compiler reads nothing else."""

    sources: Sequence[Source]
    schemas: Mapping[str, str]
    histories: Histories
    remembered: Mapping[str, Mapping[str, Seat]] = {}
    overrides: Sequence[Override] = ()
    today: str | None = None
    only: frozenset[str] = frozenset()
    """The profiles to which the overrides apply; empty for all."""
    unchanged: frozenset[str] = frozenset()
    """Files of profiles that are as the last render had them; empty if something that profiles share has changed."""
    unreadable: Mapping[str, str] = {}
    """By path, why a file could not be read."""
    world: World = NOWHERE
    """The disk, read for findings alone."""
    at_home: bool = False
    """Whether the project is the checkout of mmcompose: its templates are then the program's, not a project's own."""
    bounds: AbstractContextManager[object] | None = None
    """Stops a template that takes too much time or memory."""
    compiled: Kept | None = None
    """The code of templates, from earlier runs."""
