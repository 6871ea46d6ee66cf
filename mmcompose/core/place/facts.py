"""Tells what a container needs of its host, whatever starts it: model, cards, devices, groups and user."""

from __future__ import annotations

import posixpath

from mmcompose.model import Machine, Path, Seat, Service, Weights


def model_path(service: Service) -> str:
    """The model that the engine loads: a path inside the container, or a repository on the hub."""
    if service.weights.path:
        return posixpath.join(mounted(service.weights.path), _file_in_folder(service.weights)).rstrip("/")
    return service.weights.repo or ""


def names(service: Service) -> list[str]:
    """The names by which clients may request the model: first the short one, then that of its repository."""
    repo = service.weights.repo if not service.weights.path else None
    return list(dict.fromkeys(name for name in (service.served_name, repo) if name))


def mounted(path: str) -> str:
    return posixpath.join("/models", posixpath.basename(path.rstrip("/")))


def _file_in_folder(weights: Weights) -> str:
    """The file to name in a folder with several; a path to one file is the model itself."""
    alone = not weights.file or (weights.path or "").lower().endswith(".gguf")
    return "" if alone else weights.file or ""


def model_files(weights: Weights) -> list[tuple[Path, str]]:
    """The files of a model that must lie on the host, each with the key that names it."""
    if not weights.path:
        return []
    file = _file_in_folder(weights)
    inside: list[tuple[Path, str]] = [(("weights", "file"), posixpath.join(weights.path, file))] if file else []
    return [(("weights", "path"), weights.path), *inside]


def gpu_ids(host: Machine, seat: Seat) -> list[str]:
    """The UUIDs of the GPUs where the host file has them: an index can change when a card is added."""
    return [host.gpus[card].uuid or str(card) for card in seat.gpus]


def devices(host: Machine, accelerator: str, seat: Seat) -> list[str]:
    """Device files, or CDI names, of the devices that no runtime hook adds."""
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
