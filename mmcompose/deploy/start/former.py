"""Finds the values with which a profile ran before a start replaced them, so that a failed start can go back.

The hash that Compose put on a container identifies its files: the committed ones, or those of the last successful
start. A copy of the latter is kept beside the project, since a render overwrites them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from mmcompose.deploy.docker.engine import DockerEngine, EngineError, Files
from mmcompose.deploy.docker.observe import Running
from mmcompose.deploy.ready.events import Event
from mmcompose.deploy.ready.wait import FailedError, Waiting
from mmcompose.deploy.start import aside
from mmcompose.deploy.start.order import Order, Tell
from mmcompose.deploy.wanted import Expected
from mmcompose.files.reading import content
from mmcompose.files.write import seal
from mmcompose.files.write.one_writer import one_writer
from mmcompose.model import Probe
from mmcompose.model.paths import PRIVATE
from mmcompose.model.targets import COMPOSE, CONFIG

FOLDER = f"{PRIVATE}/answered"
_PATIENCE = 600.0
"""Seconds for an answer with the former values."""


def remember(order: Order) -> None:
    """Keeps a copy of the files of a successful start."""
    kept = _kept(order, order.files.folder)
    with suppress(OSError):
        for here, copy in zip(order.files.paths, kept.paths, strict=True):
            text = content(here).decode("utf-8", "surrogateescape")
            aside.keep(order.root, copy.relative_to(order.root / PRIVATE).as_posix(), text)
        with one_writer(order.root):
            seal.put(order.root, _content(kept), _sealed(order))


def files_of(engine: DockerEngine, order: Order, running: Sequence[Running]) -> Files | None:
    """The files of the running containers, if they still exist."""
    wanted = {one.compose_service: one.config_hash for one in running}
    for files in _candidates(order):
        if files != order.files and all(path.is_file() for path in files.paths):
            with suppress(EngineError):
                made = engine.hashes(files)
                if all(made.get(service) == known for service, known in wanted.items()):
                    return files
    return None


def bring_back(engine: DockerEngine, order: Order, tell: Tell, files: Files, ran: Sequence[Running]) -> str:
    """Starts the former values again; returns the outcome as text."""
    name, began = order.wanted.profile, time.monotonic()
    tell(Event("note", name, text=f"it failed; bringing {name} back with its former values"))
    former = replace(order.wanted, services=tuple(_as_it_was(one, order) for one in ran if one.serves))
    try:
        for line in engine.up(files, _PATIENCE):
            tell(Event("line", name, text=line))
        Waiting(engine, former, order.root, _PATIENCE).tell(tell)
    except FailedError as failed:
        return f"{name} was not brought back with its former values: {failed.cause.line}"
    except EngineError as error:
        return f"{name} was not brought back with its former values: {error.last_line}"
    return f"{name} was replaced for it, and is back with its former values after {time.monotonic() - began:.1f} s"


def _as_it_was(one: Running, order: Order) -> Expected:
    """An engine whose profile has changed since: only Docker's own health check can test it."""
    nothing = Probe("none", None, None, None)
    return Expected(
        *(one.service, one.name, one.image, "prebuilt", None, one.gpus, one.share, None, {}, nothing, None, None),
        secrets=order.wanted.secrets,
    )


def _candidates(order: Order) -> Iterator[Files]:
    root, project, profile = order.root, order.wanted.project, order.wanted.profile
    yield aside.committed(root, project, profile)
    for folder in (root / COMPOSE.name, root / PRIVATE):
        kept = _kept(order, folder)
        with suppress(OSError):
            # A commit may have brought them, with another service beside the one that runs.
            if seal.holds(root, _content(kept), _sealed(order)):
                yield kept


def _content(files: Files) -> bytes:
    """The content of the files and of those that its containers mount: a change in either changes the engine."""
    mounted = sorted(path for path in (files.folder / CONFIG / files.profile).rglob("*") if path.is_file())
    return b"\0".join(content(path) for path in (*files.paths, *mounted))


def _sealed(order: Order) -> str:
    return f"answered/{order.wanted.profile}"


def _kept(order: Order, folder: Path) -> Files:
    """The copies; their relative paths are those of the original `folder`."""
    project, profile = order.wanted.project, order.wanted.profile
    return Files(project, profile, folder, tuple(order.root / FOLDER / path for path in COMPOSE.files_of(profile)))
