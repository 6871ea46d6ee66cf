"""Takes a profile's containers down, whoever started them; its volumes stay, since they hold downloads."""

from __future__ import annotations

import contextlib

from mmcompose.deploy.docker.engine import DockerEngine, EngineError
from mmcompose.deploy.docker.observe import Deployment
from mmcompose.model import Stack

_NETWORK = "com.docker.compose.network"


def take_down(engine: DockerEngine, deployment: Deployment) -> None:
    """Removes containers by their labels, so it works even if the files have changed or are gone."""
    containers = deployment.containers
    engine.stop([one.id for one in containers if one.alive])
    engine.remove([one.id for one in containers])
    for project in sorted({one.compose_project for one in containers if one.compose_project}):
        sweep(engine, project, deployment.profile)


def volumes_kept(stack: Stack, name: str) -> str:
    """Names the volumes of a model without a profile: they are kept, and no other command would show them."""
    caches = {cache for service in stack.profiles[name].services.values() for cache in service.caches}
    volumes = sorted(stack.project.docker_name(f"{name}-{cache}") for cache in caches)
    stay, them = ("stays", "it") if len(volumes) == 1 else ("stay", "them")
    removing = f"`docker volume rm {' '.join(volumes)}` removes {them}"
    return f"{', '.join(volumes)} {stay} for the next time; {removing}" if volumes else ""


def sweep(engine: DockerEngine, compose_project: str, profile: str | None = None) -> None:
    """Removes unused networks, also those of a failed start: Docker has only about thirty."""
    labels = {"com.docker.compose.project": compose_project, **({_NETWORK: profile} if profile else {})}
    for network in engine.networks(labels):
        # A gateway or another project may have joined it; then it stays.
        with contextlib.suppress(EngineError):
            engine.remove_network(network)
