"""The hardening rules about the settings of one service: its rights, its limits and its log. One row for each value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from mmcompose.core.place.subject import Around, Breach, Subject
from mmcompose.core.resolve.images import tag_of
from mmcompose.core.sizes import in_bytes
from mmcompose.model import Path, Service

_LIMITED = "set it: a service without a limit can exhaust the host"


class Demand(NamedTuple):
    """Requires something of one value. `broken` tells whether a service lacks it; `{}` in the message stands for its
    result."""

    rule: str
    path: Path
    broken: Callable[[Service], object]
    message: str
    hint: str


_DEMANDS = (
    Demand("S01", ("security", "privileged"), lambda s: s.security.privileged,
           "the container could do everything on the host", "give it its devices instead"),
    Demand("S03", ("security", "network"), lambda s: s.security.network == "host",
           "shares the network of the host", "publish the port that is needed"),
    Demand("S03", ("security", "ipc"), lambda s: s.security.ipc == "host", "shares the memory of the host's processes",
           "set resources.shm_size instead, which does the same with a private ipc"),
    Demand("S04", ("security", "cap_drop"), lambda s: "ALL" not in s.security.cap_drop,
           "must drop all capabilities", "add ALL to the list"),
    Demand("S04", ("security", "cap_add"), lambda s: ", ".join(s.security.cap_add), "adds {}", "leave it out"),
    Demand("S05", ("security", "no_new_privileges"), lambda s: not s.security.no_new_privileges,
           "lets processes gain privileges", "set it to true"),
    Demand("S05", ("security", "seccomp"), lambda s: s.security.seccomp,
           "leaves system calls unfiltered", "leave it out"),
    Demand("S06", ("security", "user"), lambda s: int((s.security.user or "0").partition(":")[0]) == 0,
           "runs as root", "set a numeric uid:gid, or host"),
    Demand("S07", ("security", "read_only"), lambda s: not s.security.read_only,
           "the root file system is writable", "set it to true, and write to caches"),
    Demand("S12", ("resources", "memory"), lambda s: not in_bytes(s.resources.memory or "0b"),
           "has no limit", _LIMITED),
    Demand("S12", ("resources", "pids"), lambda s: s.resources.pids is None, "has no limit", _LIMITED),
    Demand("S15", ("health", "test"), lambda s: not s.health.test,
           "is not set, so there is no way to tell when the service is ready",
           "write a command that checks the engine"),
    Demand("S15", ("health", "start_period"), lambda s: s.health.test and s.health.start_period is None,
           "is not set, so a slow load would count as unhealthy", "set a time in which the model can load"),
    Demand("S16", ("restart",), lambda s: s.restart == "always",
           "restarts containers that somebody stopped on purpose", "use unless-stopped or on-failure:5"),
    Demand("S17", ("logging", "max_size"), lambda s: s.logging.max_size is None,
           "is not set, so the log may fill the disk", "set a size such as 10m"),
)  # fmt: skip


def of_rule(rule: str, service: Service) -> Iterator[Breach]:
    for demand in _DEMANDS:
        if demand.rule == rule and (found := demand.broken(service)):
            yield demand.path, demand.message.format(found), demand.hint


def low_ports(subject: Subject, _: Around) -> Iterator[Breach]:
    for name, port in subject.service.ports.items():
        if isinstance(port, int) and port < 1024:
            yield ("ports", name), f"{port} is a privileged port", "take one above 1023"


def image(subject: Subject, _: Around) -> Iterator[Breach]:
    image = subject.service.image
    if image is None:
        yield ("image",), "the service has no image", "write image:, or version: for the backend's own"
        return
    tag = tag_of(image)
    if tag is None and "@sha256:" not in image:
        yield ("image",), f"{image} has no tag", "name the release"
    elif tag == "latest":
        yield ("image",), "the tag latest may name another release tomorrow", "name the release"
