"""What a profile is given from this machine and is not there: found before anything is fetched or stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mmcompose.core.wiring import devices
from mmcompose.deploy.doctor import look_docker
from mmcompose.deploy.doctor.facts import LOCAL
from mmcompose.deploy.doctor.needs import Need, needs
from mmcompose.deploy.recognise import Cause
from mmcompose.deploy.said import ask
from mmcompose.deploy.wait import FailedError
from mmcompose.model import Stack


def refuse(stack: Stack, profile: str, root: Path) -> None:
    """Raises FailedError for the first that is missing, in the words in which Docker's own refusal would be told."""
    for service, cause in _missing(stack, profile, root):
        if _docker_is_here():
            raise FailedError(cause, profile, service)
        return


def _missing(stack: Stack, name: str, root: Path) -> Iterator[tuple[str, Cause]]:
    profile = stack.profiles[name]
    for need in needs(stack, [name]):
        key = need.service
        for path, where in _given(need):
            if not _there(root / path):
                place = where if list(profile.services) == [name] else f"services.{key}.{where}"
                line = f"{path} is not on this machine"
                yield (
                    key,
                    Cause("mount-missing", line, f"put it there; mmcompose explain {name} {place} tells who asks"),
                )
        if profile.services[key].gpu.count:
            for device in devices(profile.host, profile.host.accelerator, stack.seats[name][key]):
                path = device.partition(":")[0]
                if not _there(Path(path)):
                    hint = f"compare what `ls /dev/dri` lists with profiles/hosts/{profile.host.name}.yaml"
                    yield key, Cause("device-missing", f"device {path} is not on this machine", hint)


def _given(need: Need) -> Iterator[tuple[str, str]]:
    """Paths of the host, and where the profile names them."""
    yield from ((source.path, source.key) for source in need.sources)
    yield from ((secret.path, f"secrets.{secret.name}") for secret in need.secrets)


def _there(place: Path) -> bool:
    """What may not be looked at counts as there: Docker may see more."""
    try:
        place.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        return True
    return True


def _docker_is_here() -> bool:
    """Whether Docker's engine takes files from this very machine."""
    return look_docker.address(ask("docker", *look_docker.ADDRESS)).startswith(LOCAL)
