"""Tells what surrounds the configuration files of an engine: its model, its memory, and where it can write."""

from __future__ import annotations

from mmcompose.core.place.supplies import STORE, loaded
from mmcompose.core.sizes import in_bytes
from mmcompose.engines.place import Place
from mmcompose.model import Engine, Machine, Service


def place_of(service: Service, engine: Engine, host: Machine) -> Place:
    read_only = [mount.target for mount in service.mounts if mount.read_only]
    written = [*service.caches.values(), *service.tmpfs, *(m.target for m in service.mounts if not m.read_only)]
    writable = sorted(written) if service.security.read_only else None
    memory = in_bytes(host.memory) / (1 << 30)
    return Place(loaded(service, engine), ["/models", STORE, *read_only], memory, writable)
