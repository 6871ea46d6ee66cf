"""Finds the holder of a port of this machine: a container that publishes it, or a process."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

from mmcompose.deploy.docker.engine import DockerEngine

_LISTENING = "0A"


def holders(engine: DockerEngine, ports: Iterable[int]) -> dict[int, str]:
    """Port → its holder, for the ports whose holder can be found."""
    wanted = set(ports)
    found = {port: name for port, name in _publishing(engine) if port in wanted}
    inodes = dict(_listening(wanted - set(found)))
    owners = _owners(set(inodes)) if inodes else {}
    for inode, port in inodes.items():
        found.setdefault(port, owners.get(inode, "a process of another user"))
    return found


def taken(host: str, ports: Iterable[int]) -> list[int]:
    """The ports that cannot be bound now."""
    refused = []
    for port in sorted(ports):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                refused.append(port)
    return refused


def _publishing(engine: DockerEngine) -> Iterator[tuple[int, str]]:
    for answer in engine.containers({}):
        if (answer.get("State") or {}).get("Status") in ("running", "restarting", "paused"):
            for bindings in ((answer.get("NetworkSettings") or {}).get("Ports") or {}).values():
                for binding in bindings or []:
                    yield int(binding["HostPort"]), f"container {str(answer['Name']).removeprefix('/')}"


def _listening(ports: set[int]) -> Iterator[tuple[str, int]]:
    """Socket inode → port, from the kernel's tables; empty on other systems than Linux."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text("ascii").splitlines()[1:]:
                columns = line.split()
                port = int(columns[1].rpartition(":")[2], 16)
                if columns[3] == _LISTENING and port in ports:
                    yield columns[9], port


def _owners(inodes: set[str]) -> dict[str, str]:
    found = {}
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            for handle in (process / "fd").iterdir():
                with contextlib.suppress(OSError):
                    target = str(handle.readlink())
                    if target.startswith("socket:[") and target[8:-1] in inodes:
                        name = (process / "comm").read_text("utf-8").strip()
                        found[target[8:-1]] = f"process {process.name} ({name})"
    return found
