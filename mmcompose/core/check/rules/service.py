"""The hardening rules about the settings of one service: its rights, its limits and its log."""

from __future__ import annotations

from collections.abc import Iterator

from mmcompose.core.place.subject import Around, Breach, Subject
from mmcompose.core.resolve.images import tag_of
from mmcompose.core.sizes import in_bytes


def privileged(subject: Subject, _: Around) -> Iterator[Breach]:
    service = subject.service
    if service.security.privileged:
        yield ("security", "privileged"), "the container could do everything on the host", "give it its devices instead"


def host_namespaces(subject: Subject, _: Around) -> Iterator[Breach]:
    service = subject.service
    if service.security.network == "host":
        yield ("security", "network"), "shares the network of the host", "publish the port that is needed"
    if service.security.ipc == "host":
        yield (
            ("security", "ipc"),
            "shares the memory of the host's processes",
            "set resources.shm_size instead, which does the same with a private ipc",
        )


def capabilities(subject: Subject, _: Around) -> Iterator[Breach]:
    service = subject.service
    if "ALL" not in service.security.cap_drop:
        yield ("security", "cap_drop"), "must drop all capabilities", "add ALL to the list"
    if service.security.cap_add:
        yield ("security", "cap_add"), f"adds {', '.join(service.security.cap_add)}", "leave it out"


def privileges(subject: Subject, _: Around) -> Iterator[Breach]:
    service = subject.service
    if not service.security.no_new_privileges:
        yield ("security", "no_new_privileges"), "lets processes gain privileges", "set it to true"
    if service.security.seccomp:
        yield ("security", "seccomp"), "leaves system calls unfiltered", "leave it out"


def root(subject: Subject, _: Around) -> Iterator[Breach]:
    service = subject.service
    user = service.security.user
    if user is None or int(user.partition(":")[0]) == 0:
        yield ("security", "user"), "runs as root", "set a numeric uid:gid, or host"


def writable(subject: Subject, _: Around) -> Iterator[Breach]:
    service = subject.service
    if not service.security.read_only:
        yield ("security", "read_only"), "the root file system is writable", "set it to true, and write to caches"


def low_ports(subject: Subject, _: Around) -> Iterator[Breach]:
    service = subject.service
    for name, port in service.ports.items():
        if isinstance(port, int) and port < 1024:
            yield ("ports", name), f"{port} is a privileged port", "take one above 1023"


def image(subject: Subject, _: Around) -> Iterator[Breach]:
    service = subject.service
    if service.image is None:
        yield ("image",), "the service has no image", "write image:, or version: for the backend's own"
        return
    tag = tag_of(service.image)
    if tag is None and "@sha256:" not in service.image:
        yield ("image",), f"{service.image} has no tag", "name the release"
    elif tag == "latest":
        yield ("image",), "the tag latest may name another release tomorrow", "name the release"


def limits(subject: Subject, _: Around) -> Iterator[Breach]:
    service = subject.service
    hint = "set it: a service without a limit can exhaust the host"
    if service.resources.memory is None or in_bytes(service.resources.memory) == 0:
        yield ("resources", "memory"), "has no limit", hint
    if service.resources.pids is None:
        yield ("resources", "pids"), "has no limit", hint


def health(subject: Subject, _: Around) -> Iterator[Breach]:
    service = subject.service
    if not service.health.test:
        yield (
            ("health", "test"),
            "is not set, so there is no way to tell when the service is ready",
            "write a command that checks the engine",
        )
    elif service.health.start_period is None:
        yield (
            ("health", "start_period"),
            "is not set, so a slow load would count as unhealthy",
            "set a time in which the model can load",
        )


def restart(subject: Subject, _: Around) -> Iterator[Breach]:
    service = subject.service
    if service.restart == "always":
        yield ("restart",), "restarts containers that somebody stopped on purpose", "use unless-stopped or on-failure:5"


def log_limits(subject: Subject, _: Around) -> Iterator[Breach]:
    service = subject.service
    if service.logging.max_size is None:
        yield ("logging", "max_size"), "is not set, so the log may fill the disk", "set a size such as 10m"
