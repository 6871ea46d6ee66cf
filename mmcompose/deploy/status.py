"""Reports which profiles are up, their GPUs, and their phases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mmcompose.deploy.docker import memory
from mmcompose.deploy.docker.engine import DockerEngine
from mmcompose.deploy.docker.observe import Deployment, Running, deployments, observe
from mmcompose.deploy.drift import drift
from mmcompose.deploy.glances import Answered, EngineState, glances, of_health
from mmcompose.deploy.handover import lock
from mmcompose.deploy.ready import reach
from mmcompose.deploy.ready.clients import client
from mmcompose.deploy.start import starters
from mmcompose.deploy.wanted import Expected, expected_of
from mmcompose.model import Stack
from mmcompose.model.phases import STATES


@dataclass(frozen=True, slots=True)
class RunningImage:
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Measuring:
    """A benchmark that runs beside the engine."""

    name: str
    container: str
    since: str


@dataclass(frozen=True, slots=True)
class ProfileStatus:
    """One profile. `phase` is down, stopped, paused, failed, unhealthy, or how far it is: weights, run, port, health,
    model, token, ready.

    `restarts` counts Docker's restarts of its engines since a person started them. `urls` are the base URLs for
    clients; `memory` is its use in bytes, and `memory_limit` the bytes at which it is killed, where they are known.
    """

    profile: str
    project: str
    phase: str
    gpus: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    since: str = ""
    started_by: str = ""
    images: tuple[RunningImage, ...] = ()
    drift: tuple[str, ...] = ()
    restarts: int = 0
    measuring: tuple[Measuring, ...] = ()
    notes: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    memory: int | None = None
    memory_limit: int | None = None

    def data(self) -> dict[str, Any]:
        return asdict(self)


def rows(
    engine: DockerEngine, root: Path, project: str, stack: Stack | None, answered: Answered
) -> list[ProfileStatus]:
    """The profiles of this project, and running ones of others: they hold GPUs too."""
    found = deployments(observe(engine))
    own = [one for one in found if one.project == project]
    looked = glances(root, own, stack, answered)
    here = [row(engine, root, one, stack, looked) for one in own]
    seen = {one.profile for one in here}
    down = [ProfileStatus(name, project, "down") for name in (stack.profiles if stack else ()) if name not in seen]
    others = [row(engine, root, one, None, {}) for one in found if one.project != project and one.alive]
    return [*sorted([*here, *down], key=lambda one: one.profile), *others]


def row(
    engine: DockerEngine, root: Path, deployment: Deployment, stack: Stack | None, looked: Mapping[str, EngineState]
) -> ProfileStatus:
    """One profile; `looked` holds the phases of the engines within reach."""
    engines = deployment.engines or deployment.containers
    ours = stack is not None
    used, limit = _memory(deployment)
    known = expected_of(stack, deployment.project, deployment.profile)
    return ProfileStatus(
        profile=deployment.profile,
        project=deployment.project,
        phase=phase(deployment, looked),
        gpus=deployment.gpus,
        ports=tuple(sorted(deployment.published)),
        since=moment(deployment.since),
        started_by=", ".join(dict.fromkeys(starters.started_by(root, one) for one in engines)),
        images=tuple(dict.fromkeys(RunningImage(one.image, _digest(engine, one)) for one in engines)),
        drift=tuple(dict.fromkeys(drift(engine, root, deployment))) if ours and deployment.alive else (),
        restarts=max((one.restarts for one in deployment.engines), default=0),
        measuring=tuple(Measuring(one.bench, one.name, moment(one.started)) for one in deployment.measuring),
        notes=tuple(_notes(deployment, looked, ours=ours)),
        models=tuple(dict.fromkeys(_models(deployment, known))),
        urls=tuple(dict.fromkeys(_urls(deployment, known))),
        memory=used,
        memory_limit=limit,
    )


def _models(deployment: Deployment, known: Mapping[str, Expected]) -> Iterator[str]:
    """The names for clients; if only the container is known, its label."""
    for one in deployment.engines:
        expected = known.get(one.service)
        if name := (expected.served_name if expected else None) or one.model:
            yield name


def _urls(deployment: Deployment, known: Mapping[str, Expected]) -> Iterator[str]:
    """The base URL of an engine that chats, the address of any other."""
    for one in deployment.engines:
        expected = known.get(one.service)
        address = reach.address(one, expected.listen) if expected and one.alive else None
        if expected and address:
            chats = client(expected, str(address), expected.served_name or "")
            yield chats.base_url if chats else f"http://{address}"


def _memory(deployment: Deployment) -> tuple[int | None, int | None]:
    """The sum over its running containers; unknown if one cannot be read, without a limit if one has none."""
    running = [one for one in deployment.engines if one.pid]
    used = [count for one in running if (count := memory.used(one)) is not None]
    if not running or len(used) < len(running):
        return None, None
    limits = [one.memory_limit for one in running]
    return sum(used), sum(limits) if all(limits) else None


def phase(deployment: Deployment, looked: Mapping[str, EngineState]) -> str:
    """The earliest phase of its engines, or that of what they wait for."""
    engines = deployment.engines
    if deployment.fetching:
        return "weights"
    if not any(one.alive for one in engines):
        failed = any(one.exit_code not in (0, 137, 143) or one.oom_killed for one in engines)
        return "failed" if failed else "stopped"
    if any(one.status == "restarting" or not one.alive for one in engines):
        return "failed"
    if any(one.status == "paused" for one in engines):
        return "paused"
    return min((_of_one(one, looked) for one in engines), key=STATES.index)


def _of_one(one: Running, looked: Mapping[str, EngineState]) -> str:
    seen = looked.get(one.id) or of_health(one)
    return "unhealthy" if seen.phase == "ready" and one.health == "unhealthy" else seen.phase


def _notes(deployment: Deployment, looked: Mapping[str, EngineState], *, ours: bool) -> Iterator[str]:
    """Remarks beside the table. Only Docker shows the logs of another project's container."""
    for one in deployment.engines:
        if one.alive and one.restarts:
            died = f", the last time with exit code {one.exit_code}" if one.status == "restarting" else ""
            log = f"mmcompose logs {deployment.profile}" if ours else f"docker logs {one.name}"
            yield f"{one.service} was {restarted(one.restarts)}{died}; {log} shows why"
        if one.id in looked and looked[one.id].note:
            yield f"{one.service}: {looked[one.id].note}"
    for one in deployment.measuring:
        yield f"is being measured ({one.bench}) by {one.name}; docker stop {one.name} ends that"


def restarted(times: int) -> str:
    return f"restarted {'once' if times == 1 else f'{times} times'}"


def moment(text: str) -> str:
    return f"{text[:19]}Z" if text else ""


def _digest(engine: DockerEngine, one: Running) -> str:
    """The registry's digest of an image that came from one, else its own id."""
    found = engine.image(one.image_id)
    digests: Sequence[str] = (found or {}).get("RepoDigests") or ()
    return digests[0].partition("@")[2] if digests else one.image_id


def unfinished(engine: DockerEngine) -> str:
    """A hand-over in progress, or one that was left behind."""
    found = lock.holder(engine)
    if found is None:
        return ""
    _, labels, created = found
    why = lock.stale(labels, created, None)
    left = f" did not finish: {why}; the next up, switch or down clears what it left"
    return f"{lock.described(labels, created)}{left if why else ' is going on'}"
