"""All that a compilation depends on: the sources, what is known of engines, and what an earlier render left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mmcompose.core.read.documents import Source
from mmcompose.core.read.overrides import Override
from mmcompose.core.world import NOWHERE, World
from mmcompose.engines.flags.history import Histories
from mmcompose.model import Seat

if TYPE_CHECKING:
    from mmcompose.core.render.templates import Kept


@dataclass(frozen=True, slots=True)
class Given:
    """Nothing else is ever looked at."""

    sources: Sequence[Source]
    schemas: Mapping[str, str]
    histories: Histories
    remembered: Mapping[str, Mapping[str, Seat]] = field(default_factory=dict)
    overrides: Sequence[Override] = ()
    today: str | None = None
    only: frozenset[str] = frozenset()
    """The profiles that the overrides are for; without a name they are for all."""
    unchanged: frozenset[str] = frozenset()
    """Files of profiles that are as the last render had them; empty when something that profiles share has changed."""
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Why a file that is there could not be read, by path."""
    world: World = NOWHERE
    """The disk, for findings alone."""
    at_home: bool = False
    """Whether the project is the checkout of mmcompose, whose templates are the program's and not a project's own."""
    bounds: AbstractContextManager[object] | None = None
    """What ends a template that takes too much time or memory."""
    compiled: Kept | None = None
    """The code of templates, from earlier runs."""
