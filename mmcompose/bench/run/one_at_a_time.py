"""Refuses a second measurement of the same server and names the first: both would disturb each other.

The benchmark of a profile is known by the profile, that of an address by the address on its container. A profile's
published port counts as both. A benchmark whose mmcompose was killed goes on, and counts too.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from mmcompose.deploy.docker.engine import DockerEngine
from mmcompose.deploy.docker.observe import Running, deployments, observe, read
from mmcompose.deploy.moments import local
from mmcompose.model.failure import Failure
from mmcompose.model.labels import ADDRESS, BENCH

_HERE = "this machine"
_PORTS = {"http": 80, "https": 443}


def labels(url: str, kind: str) -> tuple[str, ...]:
    """The labels of the container that measures this address."""
    return ("--label", f"{ADDRESS}={place(url)}", "--label", f"{BENCH}={kind}")


def refuse_beside_profile(engine: DockerEngine, project: str, profile: str) -> None:
    found = observe(engine, project, profile)
    ours = {f"{_HERE}:{port}" for one in found if one.serves and one.alive for _, port in one.ports.values()}
    for one in (*(one for one in found if one.role == "bench" and one.alive), *_at(engine, ours)):
        raise Failure(_message(profile, one))


def refuse_beside_address(engine: DockerEngine, url: str) -> None:
    wanted = place(url)
    measured = [
        bench
        for found in deployments(observe(engine))
        if wanted in {f"{_HERE}:{port}" for port in found.published}
        for bench in found.measuring
    ]
    for one in (*measured, *_at(engine, {wanted})):
        raise Failure(_message(url, one))


def place(url: str) -> str:
    """Host and port; all names of this machine that need no lookup become one."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    host = (parts.hostname or "").rstrip(".").lower()
    return f"{_HERE if _is_here(host) else host}:{parts.port or _PORTS.get(parts.scheme, 80)}"


def _is_here(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _at(engine: DockerEngine, places: set[str]) -> Iterator[Running]:
    for answer in engine.containers({ADDRESS: None}) if places else ():
        carried = (answer.get("Config") or {}).get("Labels") or {}
        one = read(answer)
        if one.alive and carried.get(ADDRESS) in places:
            yield one


def _message(what: str, one: Running) -> str:
    return (
        f"{what} is being measured already ({one.bench}) by {one.name}, since {local(one.started)}; two at "
        f"once would measure each other. Wait for its end, or end it: docker stop {one.name}"
    )
