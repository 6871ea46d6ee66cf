"""What a measurement leaves up: nobody should find an engine on a GPU, or values in it, that they did not ask for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from mmcompose.cli.printing.output import note
from mmcompose.cli.shell.failing import docker

if TYPE_CHECKING:
    from mmcompose.deploy.docker.engine import Engine
    from mmcompose.deploy.docker.observe import Deployment
    from mmcompose.model import Stack

Up = Mapping[str, frozenset[tuple[str, str]]]
"""By profile: its engines, and the hash of what Compose made each of them from."""


def look(project: str) -> Up:
    with docker() as engine:
        return _up(_alive(engine, project))


def tell(engine: Engine, project: str, name: str, before: Up) -> None:
    """Notes what a run has begun and did not end, or has changed. It never hides how the run itself ended."""
    from mmcompose.deploy.docker.engine import EngineError

    with suppress(EngineError):
        after = _up(_alive(engine, project))
        if name in after and name not in before:
            note(f"{name} stays up; `mmcompose down {name}` ends it")
        elif name in after and after[name] != before[name]:
            note(_changed(name))


def tell_volumes(stack: Stack, name: str) -> None:
    """Names the volumes of a model without a profile: they are kept, and no other command would show them."""
    caches = {cache for service in stack.profiles[name].services.values() for cache in service.caches}
    volumes = sorted(stack.project.docker_name(f"{name}-{cache}") for cache in caches)
    if volumes:
        stay, them = ("stays", "it") if len(volumes) == 1 else ("stay", "them")
        note(f"{', '.join(volumes)} {stay} for the next time; `docker volume rm {' '.join(volumes)}` removes {them}")


def leave(project: str, names: Collection[str], before: Up) -> None:
    """Takes down what a suite has begun, and notes what else is not as it was before."""
    from mmcompose.deploy.start.down import take_down

    with docker() as engine:
        found = _alive(engine, project)
        for one in found:
            if one.profile in names and one.profile not in before:
                take_down(engine, one)
                note(f"{one.profile} is down")
        after = _up(found)
        for name in before:
            if name not in after:
                note(f"{name} was up before and is not now: `mmcompose up {name}` brings it back")
            elif after[name] != before[name]:
                note(_changed(name))


def _changed(name: str) -> str:
    return f"{name} was up before and runs with other values now: `mmcompose up {name}` brings its own back"


def _alive(engine: Engine, project: str) -> list[Deployment]:
    from mmcompose.deploy.docker.observe import deployments, observe

    return [one for one in deployments(observe(engine, project)) if any(each.alive for each in one.engines)]


def _up(found: list[Deployment]) -> Up:
    return {
        one.profile: frozenset((each.service, each.config_hash) for each in one.engines if each.alive) for one in found
    }
