"""Makes a Compilation of a project on the disk: the one place where files meet the pure core."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from mmcompose.core.given import Given
from mmcompose.core.pipeline import Compilation
from mmcompose.core.read.documents import Source
from mmcompose.core.read.overrides import Override
from mmcompose.engines.known import histories
from mmcompose.files.gather import project, shipped
from mmcompose.files.gather.bounds import Bounds
from mmcompose.files.gather.compiled import Compiled
from mmcompose.files.gather.project import Inputs
from mmcompose.files.gather.unread import unread
from mmcompose.files.root import find_root
from mmcompose.files.world import world
from mmcompose.model import Seat


def compilation(
    inputs: Inputs,
    remembered: Mapping[str, Mapping[str, Seat]],
    overrides: Sequence[Override] = (),
    today: str | None = None,
    only: Iterable[str] = (),
    unchanged: frozenset[str] = frozenset(),
) -> Compilation:
    sources = [Source(path, data, path not in inputs.own) for path, data in inputs.files.items()]
    sources += [Source(path, b"") for path in unread(inputs.root, {*inputs.files, *inputs.unreadable})]
    schemas, unreadable = shipped.schemas(), inputs.unreadable
    given = Given(
        sources, schemas, histories.load, remembered, overrides, today, frozenset(only), unchanged, unreadable,
        world(inputs.root), inputs.root == shipped.root(), Bounds(), Compiled(inputs.root),
    )  # fmt: skip
    return Compilation(given)


def at(start: Path, overrides: Sequence[Override] = ()) -> Compilation:
    """The project around a folder, with the seats of its lock."""
    from mmcompose.files.gather import lock

    root = find_root(start)
    return compilation(project.gather(root), lock.read(root).seats, overrides)
