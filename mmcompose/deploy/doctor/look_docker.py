"""Reads Docker's reports about itself, its images and volumes. A failed question keeps its failure as the answer."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from pathlib import Path
from typing import Any

from mmcompose.deploy.docker import noted_engine
from mmcompose.deploy.docker.command import Reply, ask
from mmcompose.deploy.doctor.facts import DiskSeen, DockerSeen

_TOOLKIT = ("nvidia-container-runtime-hook", "nvidia-container-runtime", "nvidia-ctk")
_LONG = 120
_EASY = 10.0
"""Seconds for Docker's facts about itself; a healthy daemon needs much less."""
ADDRESS = ("context", "inspect", "--format", "{{.Endpoints.docker.Host}}")


def address(reply: Reply) -> str:
    """The address at which `docker` looks for its engine, from its reply to ADDRESS."""
    found = reply.out.strip() if reply.fine else os.environ.get("DOCKER_HOST", "")
    return found or "unix:///var/run/docker.sock"


def docker(workers: Executor) -> DockerSeen:
    noted_engine.use()
    questions = {
        "version": ("version", "--format", "{{json .}}"),
        "address": ADDRESS,
        "info": ("info", "--format", "{{json .}}"),
        "compose": ("compose", "version", "--short"),
        "buildx": ("buildx", "version"),
    }
    pending = {name: workers.submit(ask, "docker", *arguments, patience=_EASY) for name, arguments in questions.items()}
    replies = {name: answer.result() for name, answer in pending.items()}
    server = data(replies["version"].out).get("Server") or {}
    info = data(replies["info"].out)
    return DockerSeen(
        answer=replies["version"],
        address=address(replies["address"]),
        server=str(server.get("Version") or ""),
        compose=replies["compose"],
        buildx=replies["buildx"],
        info=info,
    )


def toolkit() -> tuple[str, ...]:
    """Programs of the NVIDIA Container Toolkit on this machine."""
    return tuple(name for name in _TOOLKIT if shutil.which(name))


def disk(seen: DockerSeen) -> DiskSeen:
    folder = str(seen.info.get("DockerRootDir") or "")
    if not folder or not seen.local or not hasattr(os, "statvfs"):
        return DiskSeen(folder)
    try:
        found = os.statvfs(folder)
    except OSError:
        return DiskSeen(folder)
    return DiskSeen(folder, found.f_bavail * found.f_frsize)


def images(references: Iterable[str], workers: Executor) -> dict[str, Mapping[str, str] | None]:
    wanted = list(references)
    found: dict[str, Mapping[str, str] | None] = {}
    for reference, reply in zip(wanted, workers.map(_image, wanted), strict=True):
        if reply.fine:
            found[reference] = _environment(reply.out)
        elif "no such image" in reply.err.lower():
            found[reference] = None
    return found


def _image(reference: str) -> Reply:
    return ask("docker", "image", "inspect", "--format", "{{json .Config.Env}}", "--", reference)


def _environment(text: str) -> Mapping[str, str]:
    try:
        lines = json.loads(text) or []
    except ValueError:
        return {}
    return dict(line.split("=", 1) for line in lines if isinstance(line, str) and "=" in line)


def volumes(names: Iterable[str]) -> dict[str, int | None]:
    """The existing volumes; only root may read their owners."""
    wanted = set(names)
    listed = ask("docker", "volume", "ls", "--quiet")
    there = sorted(wanted & set(listed.out.split())) if listed.fine and wanted else []
    reply = ask("docker", "volume", "inspect", "--format", "{{.Name}}\t{{.Mountpoint}}", *there) if there else Reply(0)
    found: dict[str, int | None] = dict.fromkeys(there)
    for line in reply.out.splitlines():
        name, _, folder = line.partition("\t")
        with suppress(OSError):
            found[name] = Path(folder).stat().st_uid
    return found


def configs(root: Path, paths: Iterable[str], workers: Executor) -> dict[str, Reply | None]:
    """Compose's answer to each file; interpolation reads the file's own folder, not the caller's."""
    wanted = list(paths)

    def check(path: str) -> Reply | None:
        if not (root / path).is_file():
            return None
        return ask("docker", "compose", "--file", path, "config", "--quiet", cwd=root, patience=_LONG)

    return dict(zip(wanted, workers.map(check, wanted), strict=True))


def data(text: str) -> dict[str, Any]:
    """Docker's output, if it is JSON."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
