"""GPUs, ports, limits and rights of a container, in the terms of a profile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mmcompose.core.imports.sources.found import FoundGpus
from mmcompose.core.imports.subject import Draft
from mmcompose.model import Path, Setting, dotted, labels

_RELAXED: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("security.ipc", lambda mode: mode == "host", "a profile has a private ipc, with resources.shm_size"),
    ("security.network", lambda mode: mode == "host", "a profile has a network of its own, and publishes its ports"),
    ("security.privileged", bool, "a profile names its devices and limits instead"),
    ("security.seccomp", lambda name: name == "unconfined", "a profile keeps Docker's filter of system calls"),
    ("security.cap_add", bool, "a profile has no capabilities"),
    ("security.cap_drop", lambda names: "ALL" not in names, "a profile drops all capabilities"),
    ("security.read_only", lambda on: not on, "a profile's root is read-only, with caches: and tmpfs:"),
    (
        "security.user",
        lambda user: not user.replace(":", "").isdigit(),
        "a profile's user has numbers, those of the host file",
    ),
    ("security.user", lambda user: user.split(":")[0] == "0", "a profile does not run as root"),
    ("restart", lambda policy: policy == "always", "a profile stays down once somebody has stopped it"),
)
"""Rights that need a reason: the key, which values relax it, and what a profile has instead."""
_VISIBLE = ("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")


def take_gpus(one: Draft) -> None:
    found = one.found
    for name in _VISIBLE:
        setting = found.env.pop(name, None)
        text = str(setting.value) if setting else ""
        if setting and found.gpus is None and text not in ("", "none", "void"):
            found.gpus = found.gpus or _visible(text, setting)
    if one.ours and labels.GPUS in found.labels:
        found.gpus = FoundGpus(found.origin, 0, tuple(found.labels[labels.GPUS].split(",")))
    if found.gpus is None:
        return
    gpus, origin = found.gpus, found.gpus.origin
    if not gpus.ids:
        one.put("gpu.count", "all" if gpus.number < 0 else gpus.number, origin)
    else:
        _devices(one)
    if one.ours:
        for key, label in (("gpu.share", labels.SHARE), ("gpu.vram", labels.VRAM)):
            if label in found.labels:
                one.put(key, found.labels[label], origin)


def _visible(text: str, setting: Setting) -> FoundGpus:
    return FoundGpus(setting.origin, -1) if text == "all" else FoundGpus(setting.origin, 0, tuple(text.split(",")))


def _devices(one: Draft) -> None:
    """Indices stay; a UUID is looked up in the host file. All cards of the host are a count."""
    assert one.found.gpus is not None
    gpus = one.found.gpus
    host = one.ground.resolved(one.name, one.values)
    cards = host.host.gpus if host else ()
    by_uuid = {card.uuid: index for index, card in enumerate(cards) if card.uuid}
    indices: list[int] = []
    for name in gpus.ids:
        index = by_uuid.get(name, int(name) if name.strip().isdigit() else None)
        if index is None:
            hint = "write its index under gpu.devices, or its uuid into the host file"
            one.remarks.left_out(gpus.origin, "gpu.devices", f"the host file has no GPU {name!r}", hint)
        else:
            indices.append(index)
    one.put("gpu.count", len(gpus.ids), gpus.origin)
    if indices and sorted(indices) != list(range(len(cards))):
        one.put("gpu.devices", indices, gpus.origin)


def take_ports(one: Draft) -> None:
    listen = dict(one.service.listen)
    inside = {str(port): name for name, port in listen.items()}
    if one.port:
        inside = {one.port: "api", **{port: name for port, name in inside.items() if name != "api"}}
    taken: set[str] = set()
    for port in one.found.ports:
        name = inside.get(port.inside)
        if name is None and len(one.found.ports) == 1 and not one.port:
            name = "api"
        if name is None or name in taken:
            hint = f"its engine listens on {', '.join(inside) or 'no known port'}"
            one.remarks.left_out(port.origin, "ports", f"{port.inside} is no port of the engine", hint)
            continue
        taken.add(name)
        one.put(f"ports.{name}", "auto" if port.outside in ("", "0") else int(port.outside), port.origin)
        if port.address in ("", "0.0.0.0", "::") and not one.ours:  # noqa: S104 - what Docker does
            hint = "bind: in mmcompose.yaml names it"
            one.remarks.changed(
                port.origin, "ports", "was open to the network; a profile's ports are on the project's address", hint
            )
    on_host = one.found.bare or ("security", "network") in one.found.values
    if not taken and one.port.isdigit() and on_host and one.port != "0":
        one.put("ports.api", int(one.port), one.found.origin)


def take_values(one: Draft) -> None:
    """Values with a key of their own; rights that need a reason only from files of ours, which have had one."""
    found, host = one.found, one.base.host if one.base else None
    quota = found.values.pop(("cpu_quota",), None)
    if quota is not None and not (host and quota.value == host.cores * 100_000):
        one.put("resources.cpus", max(quota.value / 100_000, 0.01), quota.origin)
    groups = found.values.pop(("group_add",), None)
    mine = {str(gid) for gid in host.groups.values()} if host else set()
    for group in groups.value if groups else ():
        if groups and group not in mine:
            hint = "name it under machine.groups of the host file"
            one.remarks.left_out(groups.origin, "group_add", f"the group {group} comes from the host file", hint)
    name = found.values.pop(("container_name",), None)
    if name is not None and not one.ours and name.value != one.name:
        hint = "aliases: gives it further names on its network"
        one.remarks.changed(
            name.origin, "container_name", f"the container is called after the profile, not {name.value}", hint
        )
    for path, value in found.values.items():
        reason = "" if one.ours else _refused(one, path, value)
        if reason:
            hint = "write it with a waiver, if it must be"
            one.remarks.left_out(value.origin, dotted(path), f"{_shown(value)} is not taken over: {reason}", hint)
        elif path[0] != "build" or not one.ours or not str(value.value).startswith("./build/"):
            one.values[path] = value
    if any(path[0] == "build" for path in one.values):
        _build(one)


def _shown(value: Setting) -> str:
    return ", ".join(map(str, value.value)) if isinstance(value.value, list) else str(value.value)


def _refused(one: Draft, path: Path, value: Setting) -> str:
    """Why a value is not taken from a file that nobody has hardened."""
    if path == ("health", "test") and one.service.health.test:
        return "the backend's own check is taken"
    reasons = (reason for key, relaxed, reason in _RELAXED if dotted(path) == key and relaxed(value.value))
    return next(reasons, "")


def _build(one: Draft) -> None:
    context = one.values.get(("build", "context"))
    origin = context.origin if context else one.found.origin
    if context is not None and "://" not in str(context.value) and not str(context.value).startswith("git@"):
        one.put("build.context", one.ground.place(str(context.value)), origin)
    one.put("image_type", "build", origin)
