"""Finds where we can reach an engine: at the port that it publishes, or at its own address on this machine."""

from __future__ import annotations

import os

from mmcompose.deploy.docker.observe import Running
from mmcompose.deploy.ready.talk import Address

_EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not bound


def address(container: Running, listen: int | None) -> Address | None:
    """The address; None if it has none yet, or only others can reach it."""
    if listen is None:
        return None
    if container.network_mode == "host":
        return Address(_machine() or "127.0.0.1", listen)
    published, machine = container.ports.get(listen), _machine()
    if published:
        host = _EVERYWHERE.get(published[0], published[0])
        if machine and host in ("127.0.0.1", "::1"):
            return Address(machine, published[1]) if published[0] in _EVERYWHERE else None
        return Address(host, published[1])
    return Address(container.addresses[0], listen) if container.addresses and not machine else None


def _machine() -> str | None:
    """The machine of Docker, if DOCKER_HOST names another one."""
    scheme, _, rest = os.environ.get("DOCKER_HOST", "").partition("://")
    if scheme not in ("tcp", "ssh"):
        return None
    return rest.rpartition("@")[2].partition("/")[0].rpartition(":")[0] or rest.rpartition("@")[2].partition("/")[0]
