"""Checks Docker itself: reachable, new enough, with its plugins, and with room for images."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mmcompose.core.hints import plural
from mmcompose.core.sizes import spoken
from mmcompose.deploy.doctor.facts import Facts
from mmcompose.deploy.doctor.finding import Finding, error, note, ok, warning
from mmcompose.deploy.doctor.here import local, who
from mmcompose.engines.known.engine import known_image

_OLDEST_ENGINE, _FULL_ENGINE, _OLDEST_COMPOSE = (20, 10), (25, 0), (2, 23)

_ALWAYS_FREE, _COMFORT = 1 << 30, 10 << 30


def version(text: str) -> tuple[int, int] | None:
    """Reads a version such as `28.5.2+dfsg4`, `v2.40.3-desktop.1`, `Docker Compose version 2.40.3-3`."""
    found = re.search(r"(?<![\d.])v?(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def system(facts: Facts) -> Iterator[Finding]:
    """Reports other systems than Linux: the checks of hardware find nothing there, which must not look like success."""
    if facts.system != "Linux":
        name = {"Darwin": "macOS"}.get(facts.system, facts.system or "an unknown system")
        remark = "validate, render and bench compare work the same here; GPUs, devices and memory were not judged"
        fix = "run doctor on the machine that serves"
        yield note(f"this is {name}, and containers with GPUs run on Linux: {remark}", fix)
    else:
        yield ok("this is Linux")


def reachable(facts: Facts) -> Iterator[Finding]:
    docker = facts.docker
    if docker.answers:
        yield ok(f"Docker Engine {docker.server} answers at {docker.address}")
        if docker.in_a_virtual_machine:
            yield note("Docker runs in a virtual machine: this machine's devices, ports and files were not judged")
        elif not docker.local:
            yield note(
                f"the engine is elsewhere ({docker.address}): devices, ports and files were not judged from here"
            )
        return
    complaint = docker.answer.complaint
    low = (docker.answer.err + docker.answer.out).lower()
    if "no such program" in low:
        yield error(
            "docker is not on PATH", "install Docker Engine with the Compose plugin (docs.docker.com/engine/install)"
        )
    elif "permission denied" in low:
        yield error(
            f"you may not use Docker's socket ({docker.address})",
            "sudo usermod -aG docker $USER, then log in again; members of that group have the rights of root",
        )
    elif "gave no answer in" in low:
        yield error(
            f"Docker runs and does not answer at {docker.address}: {complaint}",
            "sudo systemctl restart docker; first `journalctl -u docker -n 50`, which tells what it hangs at",
        )
    elif "context" in low and "not found" in low:
        yield error(complaint, "docker context ls shows the contexts, docker context use chooses one")
    else:
        fix = (
            "sudo systemctl start docker"
            if docker.address.startswith("unix://")
            else "start that machine, or correct DOCKER_HOST"
        )
        yield error(f"no engine answers at {docker.address}: {complaint or 'no complaint'}", fix)


def engine_version(facts: Facts) -> Iterator[Finding]:
    if not facts.docker.answers:
        return
    found = version(facts.docker.server)
    if found is None:
        yield note(f"Docker's version is not one: {facts.docker.server!r}")
    elif found < _OLDEST_ENGINE:
        yield error(f"Docker Engine {facts.docker.server} is older than 20.10", "update Docker Engine")
    elif found < _FULL_ENGINE:
        yield note(f"Docker Engine {facts.docker.server}: `start_interval` and CDI device names need 25 or newer")
    else:
        yield ok(f"Docker Engine {facts.docker.server}")


def compose_plugin(facts: Facts) -> Iterator[Finding]:
    reply = facts.docker.compose
    if reply.code is None and "no such program" in reply.err:
        return
    found = version(reply.out) if reply.fine else None
    if found is None:
        yield error("the Compose plugin is missing: `docker compose` does nothing", "install docker-compose-plugin")
    elif found < _OLDEST_COMPOSE:
        yield error(
            f"Compose {reply.out.strip()} is older than 2.23, the first that lets two included files share a volume",
            "update docker-compose-plugin",
        )
    else:
        yield ok(f"Compose {reply.out.strip()}")


def buildx_plugin(facts: Facts) -> Iterator[Finding]:
    reply = facts.docker.buildx
    if reply.code is None and "no such program" in reply.err:
        return
    built = sorted({need.profile for need in facts.needs if need.built})
    if reply.fine:
        yield ok(f"buildx {' '.join(reply.out.split()[1:2]) or reply.out.strip()}")
    elif built:
        yield error(f"buildx is missing, and {', '.join(built)} is built from source", "install docker-buildx-plugin")
    else:
        yield note("buildx is missing; nothing here is built from source", "install docker-buildx-plugin")


def disk(facts: Facts) -> Iterator[Finding]:
    if not facts.docker.answers or not facts.docker.local:
        return
    if facts.disk.free is None:
        yield note(f"the free space of Docker's folder ({facts.disk.folder or 'unknown'}) could not be read")
        return
    wanted = sorted({n.image for n in local(facts) if n.image and not n.built})
    missing = [image for image in wanted if image in facts.images and facts.images[image] is None]
    least = sum(found.pull_gb * 10**9 for found in map(known_image, missing) if found)
    # An existing volume holds what an earlier start has fetched; how much that is cannot be found cheaply.
    loads = [n for n in local(facts) if n.weights and not any(name in facts.volumes for name in n.volumes)]
    weights = sum({n.fetched or n.name: n.weights for n in loads}.values())
    least += weights
    free, where = spoken(facts.disk.free), facts.disk.folder
    fix = "`docker system df` shows what uses it; docker image prune removes unused images"
    some = f"; still to be pulled: {len(missing)} of {plural(len(wanted), 'image')}" if missing else ""
    some += f"; still to be loaded: {spoken(weights)} of weights ({who(loads)})" if weights else ""
    if facts.disk.free < max(_ALWAYS_FREE, least):
        need = f" (more than {spoken(least)})" if least else ""
        yield error(f"{free} free in {where}{some}{need}", fix)
    elif (missing or weights) and facts.disk.free - least < _COMFORT:
        top = "; weights of unknown size come on top" if any(not n.weights for n in local(facts)) else ""
        yield warning(f"{free} free in {where}{some}{top}", fix)
    else:
        yield ok(f"{free} free in {where}{some}")
