"""How one service is wired to its host: mounts, ports, secrets, devices, labels. Pure facts for the Unit of view.py."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import NamedTuple

from mmcompose.core.builds import OURS
from mmcompose.core.coexist import promised_memory
from mmcompose.engines.configs import FOLDER
from mmcompose.model import Engine, Machine, Path, Profile, Project, Seat, Service, Weights


class Argument(NamedTuple):
    """The words of one option, and why it is there."""

    words: list[str]
    why: str | None
    name: str = ""


class Port(NamedTuple):
    name: str
    inside: int
    outside: int


class Bind(NamedTuple):
    source: str
    target: str
    read_only: bool
    path: Path = ()
    """The setting that asks for it."""


class Volume(NamedTuple):
    key: str
    name: str
    target: str
    cache: str


class SecretFile(NamedTuple):
    key: str
    name: str
    file: str


def from_compose(path: str) -> str:
    """A path of the project as it is written in a file under compose/."""
    return path if path.startswith("/") else posixpath.normpath(posixpath.join("..", path))


def model_path(service: Service) -> str:
    """What the engine is told to load: a path inside the container, or a repository on the hub."""
    if service.weights.path:
        return posixpath.join(_mounted(service.weights.path), file_in_folder(service.weights)).rstrip("/")
    return service.weights.repo or ""


def names(service: Service) -> list[str]:
    """What clients may ask for the model by: its short name first, then that of its repository."""
    repo = service.weights.repo if not service.weights.path else None
    return list(dict.fromkeys(name for name in (service.served_name, repo) if name))


def _mounted(path: str) -> str:
    return posixpath.join("/models", posixpath.basename(path.rstrip("/")))


def file_in_folder(weights: Weights) -> str:
    """The file to name in a folder of several; a path to one file is the model itself."""
    alone = not weights.file or (weights.path or "").lower().endswith(".gguf")
    return "" if alone else weights.file or ""


def model_files(weights: Weights) -> list[tuple[Path, str]]:
    """What of a model has to lie on the host, each with the key that names it."""
    if not weights.path:
        return []
    file = file_in_folder(weights)
    inside: list[tuple[Path, str]] = [(("weights", "file"), posixpath.join(weights.path, file))] if file else []
    return [(("weights", "path"), weights.path), *inside]


def ports(service: Service, seat: Seat) -> list[Port]:
    return [Port(name, service.listen[name], seat.ports[name]) for name in service.ports if name in service.listen]


def volumes(project: Project, name: str, service: Service) -> list[Volume]:
    return [
        Volume(f"{name}-{key}", project.docker_name(f"{name}-{key}"), at, key) for key, at in service.caches.items()
    ]


def binds(service: Service, engine: Engine, config_folder: str) -> list[Bind]:
    found = [
        Bind(from_compose(mount.source), mount.target, mount.read_only, ("mounts", index))
        for index, mount in enumerate(service.mounts)
    ]
    if service.weights.path:
        place = from_compose(service.weights.path)
        found.append(Bind(place, _mounted(service.weights.path), read_only=True, path=("weights", "path")))
    if engine.configs:
        found.append(Bind(f"./{config_folder}", FOLDER, read_only=True))
    return found


def secrets(name: str, service: Service) -> list[SecretFile]:
    return [SecretFile(f"{name}-{key}", key, from_compose(secret.file)) for key, secret in service.secrets.items()]


def owner(service: Service) -> str:
    """Whom fresh volumes must be given to before the engine starts; nobody where it runs as root or has none."""
    user = service.security.user or "0:0"
    return "" if user.startswith("0:") or not service.caches else user


def environment(service: Service) -> dict[str, str]:
    paths = {s.path_env: f"/run/secrets/{name}" for name, s in service.secrets.items() if s.path_env}
    return {**service.env, **paths}


def exports(service: Service) -> str:
    """Shell words that turn secret files into variables, for engines that read no file."""
    values = [(s.value_env, name) for name, s in service.secrets.items() if s.value_env]
    return "".join(f'export {variable}="$(cat /run/secrets/{name})"; ' for variable, name in values)


def gpu_ids(host: Machine, seat: Seat) -> list[str]:
    """UUIDs where the host file has them: an index can move when a card is added."""
    return [host.gpus[card].uuid or str(card) for card in seat.gpus]


def devices(host: Machine, accelerator: str, seat: Seat) -> list[str]:
    """Device files, or CDI names, for what no runtime hook hands over."""
    if accelerator == "nvidia":
        return [f"nvidia.com/gpu={gpu}" for gpu in gpu_ids(host, seat)] if host.toolkit == "cdi" else []
    if accelerator not in ("amd", "intel"):
        return []
    # With one render node for each card, in their order, a container gets those of its own cards only.
    nodes = [device for device in host.devices if "/renderD" in device]
    card = {node: index for index, node in enumerate(nodes)} if len(nodes) == len(host.gpus) else {}
    return [f"{device}:{device}" for device in host.devices if card.get(device) in (None, *seat.gpus)]


def groups(host: Machine, accelerator: str) -> list[str]:
    return [str(gid) for _, gid in sorted(host.groups.items())] if accelerator in ("amd", "intel") else []


HELD = tuple(f"mmcompose.{name}" for name in ("gpus", "share", "vram", "memory", "config"))
"""Labels that tell what a container holds of the machine, and what it was made from."""


def labels(project: Project, profile: Profile, key: str, seat: Seat) -> dict[str, str]:
    service = profile.services[key]
    found = {
        "mmcompose.project": project.name,
        "mmcompose.profile": profile.name,
        "mmcompose.service": key,
        "mmcompose.backend": service.backend or "",
        "mmcompose.host": profile.host.name,
    }
    if service.model:
        found["mmcompose.model"] = service.model
    if seat.gpus:
        found["mmcompose.gpus"] = ",".join(gpu_ids(profile.host, seat))
        found["mmcompose.share"] = service.gpu.share
        if service.gpu.vram:
            found["mmcompose.vram"] = service.gpu.vram
    if memory := promised_memory(profile, key):
        found["mmcompose.memory"] = memory
    return found


def build(service: Service) -> Mapping[str, str]:
    """Where Compose builds from: a git URL as it stands, a folder of the project as it is seen from compose/."""
    if service.image_type != "build" or not service.build.context:
        return {}
    context = service.build.context
    if context.startswith(OURS):
        found = {"context": f"./build/{context.removeprefix(OURS)}"}
    else:
        remote = "://" in context or context.startswith("git@")
        found = {"context": context if remote else from_compose(context)}
    if service.build.dockerfile:
        found["dockerfile"] = service.build.dockerfile
    if service.build.target:
        found["target"] = service.build.target
    return found
