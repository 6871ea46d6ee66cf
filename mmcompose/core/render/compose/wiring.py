"""Writes a service's mounts, ports, secrets, labels and build in Compose's form."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from mmcompose.core.place import supplies
from mmcompose.core.place.coexist import promised_memory
from mmcompose.core.place.facts import gpu_ids, mounted
from mmcompose.core.place.supplies import MODELS, STORE
from mmcompose.core.render.compose.unit import Bind, Port, SecretFile, Volume
from mmcompose.engines.configs import FOLDER
from mmcompose.model import Engine, Machine, Profile, Project, Seat, Secret, Service, labels
from mmcompose.model.paths import OURS, is_remote
from mmcompose.model.targets import BUILD


def from_compose(path: str) -> str:
    """A path of the project, relative to a file under compose/."""
    return path if path.startswith("/") else posixpath.normpath(posixpath.join("..", path))


def ports(service: Service, seat: Seat) -> list[Port]:
    return [Port(name, service.listen[name], seat.ports[name]) for name in service.ports if name in service.listen]


def volumes(project: Project, name: str, service: Service, host: Machine) -> list[Volume]:
    caches = [
        Volume(f"{name}-{key}", project.docker_name(f"{name}-{key}"), at, key) for key, at in service.caches.items()
    ]
    if supplies.in_volume(service, host):
        caches.append(Volume(MODELS, project.docker_name(MODELS), STORE, "", read_only=True))
    return caches


def binds(service: Service, engine: Engine, host: Machine, config_folder: str) -> list[Bind]:
    found = [
        Bind(from_compose(mount.source), mount.target, mount.read_only, ("mounts", index))
        for index, mount in enumerate(service.mounts)
    ]
    if service.weights.path:
        place = from_compose(service.weights.path)
        found.append(Bind(place, mounted(service.weights.path), read_only=True, path=("weights", "path")))
    if host.models and supplies.reads_store(service):
        found.append(Bind(host.models, STORE, read_only=True))
    if engine.configs:
        found.append(Bind(f"./{config_folder}", FOLDER, read_only=True))
    return found


def secrets(name: str, files: Mapping[str, Secret]) -> list[SecretFile]:
    return [SecretFile(f"{name}-{key}", key, from_compose(secret.file)) for key, secret in files.items()]


def environment(service: Service, engine: Engine) -> dict[str, str]:
    paths = {s.path_env: f"/run/secrets/{name}" for name, s in service.secrets.items() if s.path_env}
    store = engine.supply.env if engine.supply and supplies.reads_store(service) else {}
    return {**store, **service.env, **paths}


def exports(service: Service) -> str:
    """Shell text that turns secret files into variables, for engines that read no file."""
    values = [(s.value_env, name) for name, s in service.secrets.items() if s.value_env]
    return "".join(f'export {variable}="$(cat /run/secrets/{name})"; ' for variable, name in values)


def labelled(project: Project, profile: Profile, key: str, seat: Seat) -> dict[str, str]:
    service = profile.services[key]
    found = {
        labels.PROJECT: project.name,
        labels.PROFILE: profile.name,
        labels.SERVICE: key,
        labels.BACKEND: service.backend or "",
        labels.HOST: profile.host.name,
    }
    if service.model:
        found[labels.MODEL] = service.model
    if seat.gpus:
        found[labels.GPUS] = ",".join(gpu_ids(profile.host, seat))
        found[labels.SHARE] = service.gpu.share
        if service.gpu.vram:
            found[labels.VRAM] = service.gpu.vram
    if memory := promised_memory(profile, key):
        found[labels.MEMORY] = memory
    return found


def build(service: Service) -> Mapping[str, str]:
    """The context of a build: a git URL as it is, a folder of the project relative to compose/."""
    if service.image_type != "build" or not service.build.context:
        return {}
    context = service.build.context
    if context.startswith(OURS):
        found = {"context": f"./{BUILD}/{context.removeprefix(OURS)}"}
    else:
        found = {"context": context if is_remote(context) else from_compose(context)}
    if service.build.dockerfile:
        found["dockerfile"] = service.build.dockerfile
    if service.build.target:
        found["target"] = service.build.target
    return found
