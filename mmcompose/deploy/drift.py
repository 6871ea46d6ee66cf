"""Compares a running profile with its committed file, by the hash that Compose puts on containers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mmcompose.deploy.docker.engine import DockerEngine, EngineError
from mmcompose.deploy.docker.observe import Deployment, Running
from mmcompose.deploy.start import aside, former
from mmcompose.model.paths import PRIVATE, of_profile


def drift(engine: DockerEngine, root: Path, deployment: Deployment) -> list[str]:
    """The differences as sentences; empty if there are none."""
    files = aside.committed(root, deployment.project, deployment.profile)
    if not files.paths[0].is_file():
        kept = (root / of_profile(deployment.profile)).is_file()
        return ["its compose file is missing: run mmcompose render" if kept else "no profile renders it any more"]
    try:
        hashes = engine.hashes(files)
    except EngineError as error:
        return [f"its committed file cannot be read: {error.message.splitlines()[-1] if error.message else error}"]
    images = {one.image: (engine.image(one.image) or {}).get("Id", "") for one in deployment.engines}
    return [reason for one in deployment.engines for reason in _differences(one, hashes, images[one.image])]


def _differences(one: Running, hashes: Mapping[str, str], image_id: str) -> list[str]:
    found = []
    wanted = hashes.get(one.compose_service)
    if _from(former.FOLDER, one):
        if one.config_hash != wanted:
            found.append("runs with its former values, since a start with others failed")
    elif _from(PRIVATE, one):
        found.append("started with values from the command line")
    elif wanted is None:
        found.append(f"{one.compose_service or one.name} is no longer in its file")
    elif one.config_hash != wanted:
        found.append("its file has changed since it was started")
    if image_id and image_id != one.image_id:
        found.append(f"{one.image} is another image by now")
    return found


def _from(folder: str, one: Running) -> bool:
    return any(f"/{folder}/" in path.replace("\\", "/") for path in one.compose_files)
