"""Observes for the doctor: asks Docker, the disk, git and the kernel, and judges nothing."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

from mmcompose.deploy.docker import ports
from mmcompose.deploy.docker.command import stop_asking
from mmcompose.deploy.docker.engine import DockerEngine, EngineError
from mmcompose.deploy.doctor import look_docker, look_files
from mmcompose.deploy.doctor.facts import DockerSeen, Facts, FileSeen, RenderState
from mmcompose.deploy.doctor.needs import Need, needs
from mmcompose.deploy.machine import hardware
from mmcompose.model import Stack
from mmcompose.model.paths import of_host
from mmcompose.model.targets import COMPOSE


class _NoEngine:
    """Replaces Docker if none answers: then no container holds a port."""

    def containers(self, labels: object) -> list[dict[str, object]]:  # noqa: ARG002 - an engine's signature
        return []


def look(root: Path, stack: Stack, profiles: Iterable[str], *, by_name: bool) -> Facts:
    """Asks everything at the same time; an interruption ends the open questions."""
    with ThreadPoolExecutor(max_workers=max(4, os.cpu_count() or 1)) as workers:
        try:
            return _facts(root, stack, list(profiles), workers, by_name=by_name)
        except KeyboardInterrupt:
            workers.shutdown(wait=False, cancel_futures=True)
            stop_asking()
            raise


def _facts(root: Path, stack: Stack, chosen: list[str], workers: ThreadPoolExecutor, *, by_name: bool) -> Facts:
    wanted = needs(stack, chosen)
    machine = workers.submit(hardware.look, owner_of=root)
    rendered = workers.submit(_rendered, root)
    docker = look_docker.docker(workers)
    answers = docker.answers
    paths = [COMPOSE.at_top, *(f"{COMPOSE.name}/{COMPOSE.files_of(name)[0]}" for name in chosen)]
    return Facts(
        needs=wanted,
        by_name=by_name,
        shipped_hosts=frozenset(n.host.name for n in wanted if not (root / of_host(n.host.name)).is_file()),
        project=str(root),
        system=platform.system(),
        docker=docker,
        toolkit=look_docker.toolkit(),
        images=look_docker.images(sorted({n.image for n in wanted if n.image}), workers) if answers else {},
        disk=look_docker.disk(docker),
        held=_held(stack.project.bind, wanted, docker) if docker.local else {},
        files=_files(root, wanted) if docker.local else {},
        configs=look_docker.configs(root, paths, workers) if docker.compose.fine else {},
        volumes=look_docker.volumes({name for n in wanted for name in n.volumes}) if answers else {},
        machine=machine.result(),
        rendered=rendered.result(),
    )


def _held(bind: str, wanted: Iterable[Need], docker: DockerSeen) -> dict[int, str]:
    """Port → its holder. Only root can try a port below 1024."""
    numbers = {port for need in wanted for port in need.ports}
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    busy = set(ports.taken(bind, {port for port in numbers if port >= 1024 or root}))
    unsure = busy | {port for port in numbers if port < 1024 and not root}
    engine = cast("DockerEngine", DockerEngine() if docker.answers else _NoEngine())
    try:
        names = ports.holders(engine, unsure)
    except EngineError:
        names = {}
    return {port: names.get(port, "an unknown process") for port in busy} | {
        port: name for port, name in names.items() if port in unsure
    }


def _files(root: Path, wanted: Iterable[Need]) -> dict[str, FileSeen]:
    listed = list(wanted)
    secrets = [secret.path for need in listed for secret in need.secrets]
    return look_files.files(root, secrets, [source.path for need in listed for source in need.sources])


def _rendered(root: Path) -> RenderState:
    from mmcompose.files.gather.lock import BadLock
    from mmcompose.files.write import render
    from mmcompose.files.write.artifacts import Refused

    try:
        outcome = render.look(root)
    except (BadLock, Refused) as refused:
        return RenderState("broken", (str(refused),))
    if outcome.failed:
        return RenderState("broken", tuple(str(problem) for problem in outcome.problems if problem.severity == "error"))
    beside = [f"{p.origin}: {p.message}" for p in outcome.beside if p.severity == "error"]
    different = [f"{change.path} ({change.cause})" for change in outcome.different]
    if different:
        return RenderState("different", (*different, *beside))
    return RenderState("beside", tuple(beside)) if beside else RenderState()
