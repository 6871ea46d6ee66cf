"""What is up, who owns which GPU, and in which phase it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmcompose.deploy import keys, lock, reach
from mmcompose.deploy.drift import drift
from mmcompose.deploy.observe import Deployment, deployments, observe
from mmcompose.deploy.ready import glance
from mmcompose.deploy.target import target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mmcompose.deploy.engine import Engine
    from mmcompose.deploy.observe import Running
    from mmcompose.model import Stack


@dataclass(frozen=True, slots=True)
class Image:
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Row:
    """One profile. `phase` is down, stopped, paused, failed, or how far it is: run, port, health, model, ready."""

    profile: str
    project: str
    phase: str
    gpus: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    since: str = ""
    started_by: str = ""
    images: tuple[Image, ...] = ()
    drift: tuple[str, ...] = ()

    def data(self) -> dict[str, Any]:
        return asdict(self)


def rows(engine: Engine, root: Path, project: str, stack: Stack | None, *, everything: bool = False) -> list[Row]:
    """Profiles of this project, and what runs of others: they hold GPUs too."""
    found = deployments(observe(engine))
    here = [row(engine, root, one, stack) for one in found if one.project == project]
    seen = {one.profile for one in here}
    down = [Row(name, project, "down") for name in (stack.profiles if stack else ()) if name not in seen]
    others = [row(engine, root, one, None) for one in found if one.project != project and (one.alive or everything)]
    return [*sorted([*here, *down], key=lambda one: one.profile), *others]


def row(engine: Engine, root: Path, deployment: Deployment, stack: Stack | None) -> Row:
    engines = deployment.engines or deployment.containers
    ours = stack is not None
    return Row(
        profile=deployment.profile,
        project=deployment.project,
        phase=phase(root, deployment, stack),
        gpus=deployment.gpus,
        ports=tuple(sorted(deployment.published)),
        since=deployment.since[:19] + "Z" if deployment.since else "",
        started_by=", ".join(dict.fromkeys(one.started_by for one in engines)),
        images=tuple(dict.fromkeys(Image(one.image, _digest(engine, one)) for one in engines)),
        drift=tuple(dict.fromkeys(drift(engine, root, deployment))) if ours and deployment.alive else (),
    )


def phase(root: Path, deployment: Deployment, stack: Stack | None) -> str:
    """The least that any of its engines has reached."""
    engines = deployment.engines
    if not any(one.alive for one in engines):
        failed = any(one.exit_code not in (0, 137, 143) or one.oom_killed for one in engines)
        return "failed" if failed else "stopped"
    if any(one.status == "restarting" or not one.alive for one in engines):
        return "failed"
    if any(one.status == "paused" for one in engines):
        return "paused"
    order = ("run", "port", "health", "model", "unhealthy", "ready")
    return min((_of_one(root, one, deployment.profile, stack) for one in engines), key=order.index)


def _of_one(root: Path, one: Running, profile: str, stack: Stack | None) -> str:
    if stack is not None and profile in stack.profiles:
        expected = next((known for known in target(stack, profile).services if known.service == one.service), None)
        address = reach.address(one, expected.listen) if expected else None
        if expected and address and (expected.probe.health or expected.probe.models):
            return glance(address, expected.probe, expected.served_name, keys.key(root, expected))
    return {"healthy": "ready", "": "ready", "starting": "health"}.get(one.health, one.health)


def _digest(engine: Engine, one: Running) -> str:
    """The registry's digest when the image came from one, else its own id."""
    found = engine.image(one.image_id)
    digests: Sequence[str] = (found or {}).get("RepoDigests") or ()
    return digests[0].partition("@")[2] if digests else one.image_id


def unfinished(engine: Engine) -> str:
    """A hand-over that is going on, or was left behind."""
    found = lock.holder(engine)
    if found is None:
        return ""
    _, labels, created = found
    why = lock.stale(labels, created, None)
    return f"{lock.told(labels, created)}{f' did not finish: {why}' if why else ' is going on'}"
