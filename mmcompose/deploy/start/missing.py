"""Finds things that a profile needs and this machine lacks or cannot use, before anything is fetched or stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mmcompose.core.place.facts import devices
from mmcompose.deploy.causes.recognise import Cause
from mmcompose.deploy.docker.command import ask
from mmcompose.deploy.doctor import look_docker, look_files
from mmcompose.deploy.doctor.facts import LOCAL, DockerSeen
from mmcompose.deploy.doctor.file_checks import unusable
from mmcompose.deploy.doctor.needs import Need, needs
from mmcompose.deploy.ready import keys
from mmcompose.deploy.ready.wait import FailedError, unusable_secret
from mmcompose.deploy.wanted import wanted_profile
from mmcompose.model import Path as At
from mmcompose.model import Stack
from mmcompose.model.paths import of_host


def refuse(stack: Stack, profile: str, root: Path) -> None:
    """Raises FailedError for the first of them, with the wording of Docker's own refusal."""

    def wrong(*, moved: bool) -> Iterator[tuple[str, Cause]]:
        yield from _missing(stack, profile, root)
        yield from _unusable(stack, profile, root, moved=moved)

    if next(wrong(moved=False), None) is None:
        return
    docker = _docker()
    if docker.address.startswith(LOCAL):
        moved = docker.moves_users or docker.in_a_virtual_machine
        for service, cause in wrong(moved=moved):
            raise FailedError(cause, profile, service)


def _missing(stack: Stack, name: str, root: Path) -> Iterator[tuple[str, Cause]]:
    profile = stack.profiles[name]
    for need in needs(stack, [name]):
        key = need.service
        for path, at in _given(need):
            if not _there(root / path):
                asks = profile.settings[key].nearest(at).place
                yield key, Cause("mount-missing", f"{path} is not on this machine", f"put it there; {asks} needs it")
        if profile.services[key].gpu.count:
            for device in devices(profile.host, profile.host.accelerator, stack.seats[name][key]):
                path = device.partition(":")[0]
                if not _there(Path(path)):
                    hint = f"compare what `ls /dev/dri` lists with {of_host(profile.host.name)}"
                    yield key, Cause("device-missing", f"device {path} is not on this machine", hint)


def _unusable(stack: Stack, name: str, root: Path, *, moved: bool) -> Iterator[tuple[str, Cause]]:
    """Secrets that are empty, no file, unreadable for their engine, or of a form that cannot be sent."""
    for need in needs(stack, [name]):
        user = stack.profiles[name].services[need.service].security.user or ""
        for secret in need.secrets:
            seen = look_files.one(root, secret.path)
            if seen.kind in ("missing", "unseen"):
                continue
            # Without `security.user` the image decides who reads.
            for fault in unusable(need, secret.path, seen, moved=moved or not user[:1].isdigit()):
                yield need.service, unusable_secret(fault.what, fault.fix)
    for expected in wanted_profile(stack, name).services:
        try:
            keys.key(root, expected)
        except keys.BadKeyError as bad:
            yield expected.service, unusable_secret(str(bad))


def _given(need: Need) -> Iterator[tuple[str, At]]:
    """Paths of the host, each with the place in the profile that names it."""
    yield from ((source.path, source.at) for source in need.sources)
    yield from ((secret.path, ("secrets", secret.name)) for secret in need.secrets)


def _there(place: Path) -> bool:
    """Whether a path exists; one that this user may not look at counts, since Docker may see more."""
    try:
        place.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        return True
    return True


def _docker() -> DockerSeen:
    """Whether Docker takes files from this machine, and as which user."""
    address, info = ask("docker", *look_docker.ADDRESS), ask("docker", "info", "--format", "{{json .}}")
    return DockerSeen(address=look_docker.address(address), info=look_docker.data(info.out))
