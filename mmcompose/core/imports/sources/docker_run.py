"""Reads `docker run …`: its options, the image, and the command behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mmcompose.core.imports.sources import container_keys as keys
from mmcompose.core.imports.sources import forms
from mmcompose.core.imports.sources.amounts import number, size, span, whole
from mmcompose.core.imports.sources.found import Found
from mmcompose.core.imports.sources.tree import Take, always, listed, to
from mmcompose.engines.flags.nearest import did_you_mean
from mmcompose.model import Origin, Setting

PROGRAMS = ("docker", "podman", "nerdctl")
_MOUNT = {"src": "source", "dst": "target", "destination": "target", "ro": "read_only", "readonly": "read_only"}
"""Other names of the fields of --mount."""
_TRUE = ("true", "1")


def _mount(found: Found, value: Setting, key: str) -> None:
    fields = {"type": "volume"}
    for part in value.value.split(","):
        name, equals, text = part.partition("=")
        fields[_MOUNT.get(name, name)] = text if equals else "true"
    forms.add_mount(found, fields, value.origin, key)


def _name(found: Found, value: Setting, _: str) -> None:
    found.name = value.value


def _entrypoint(found: Found, value: Setting, _: str) -> None:
    found.line, found.entrypoint = [value], 1


def _lost(found: Found, value: Setting, key: str) -> None:
    found.remarks.left_out(value.origin, key)


def _ignored(found: Found, value: Setting, key: str) -> None:
    """For what a profile does anyway, so that nothing is lost."""


def _all(names: str, take: Take) -> Mapping[str, Take]:
    return dict.fromkeys(names.split(), take)


OPTIONS: Mapping[str, Take] = {
    "name": _name, "entrypoint": _entrypoint, "mount": _mount, "gpus": keys.gpus,
    **_all("e env", keys.env), **_all("v volume", keys.volumes), **_all("p publish", keys.ports),
    "device": keys.devices, "security-opt": keys.security_options, "tmpfs": keys.tmpfs, "ulimit": keys.ulimits,
    "restart": to("restart"), "log-opt": keys.log_options, **_all("l label", keys.other_labels),
    **_all("m memory", to("resources.memory", size)), "cpus": to("resources.cpus", number),
    "pids-limit": to("resources.pids", whole), "shm-size": to("resources.shm_size", size),
    **_all("u user", to("security.user")), "ipc": to("security.ipc", keys.ipc), **_all("network net", keys.network),
    "network-alias": listed("aliases"), "cap-add": listed("security.cap_add"), "cap-drop": listed("security.cap_drop"),
    "stop-timeout": to("stop_grace_period", span), "health-cmd": keys.health_test,
    **{f"health-{name.replace('_', '-')}": to(path, convert) for name, (path, convert) in keys.HEALTH.items()},
    **_all("pull cidfile runtime", _ignored),
    **_all(
        "platform hostname h add-host dns group-add w workdir env-file cpuset-cpus cpuset-mems cpu-shares cpu-quota "
        "cpu-period memory-swap memory-reservation log-driver pid uts userns cgroupns cgroup-parent sysctl expose link "
        "volumes-from device-cgroup-rule oom-score-adj stop-signal annotation mac-address ip storage-opt blkio-weight "
        "shm memory-swappiness label-file volume-driver", _lost,
    ),
}  # fmt: skip
"""The options that take a value."""
SWITCHES: Mapping[str, Take] = {
    "privileged": always("security.privileged", True), "read-only": always("security.read_only", True),
    **_all("rm d detach i interactive t tty init q quiet", _ignored),
    **_all("P publish-all oom-kill-disable no-healthcheck", _lost),
}  # fmt: skip
_KNOWN = (*OPTIONS, *SWITCHES)


def is_docker_run(parts: Sequence[Setting]) -> bool:
    names = [part.value.rpartition("/")[2] for part in parts[:3]]
    names = names[1:] if names[:1] == ["sudo"] else names
    return names[:1] != [] and names[0] in PROGRAMS and "run" in names[1:]


def read(parts: Sequence[Setting], name: str) -> Found:
    """The container that a command would start."""
    at = next(index for index, part in enumerate(parts) if part.value == "run") + 1
    found = Found(name, parts[0].origin)
    while at < len(parts) and parts[at].value.startswith("-") and parts[at].value != "-":
        if parts[at].value == "--":
            at += 1
            break
        at = _option(found, parts, at)
    if at < len(parts):
        found.image, found.line = parts[at], [*found.line, *parts[at + 1 :]]
    else:
        found.remarks.changed(parts[-1].origin, "", "the command names no image, so the backend's is taken")
    return found


def _option(found: Found, parts: Sequence[Setting], at: int) -> int:
    """Takes the option at an index; returns the index behind it."""
    text, origin = parts[at].value, parts[at].origin
    option, equals, joined = text.partition("=")
    key = option.lstrip("-")
    if not option.startswith("--") and len(key) > 1 and key not in _KNOWN:
        return _short(found, parts, at, text.lstrip("-"), origin)
    if key in SWITCHES:
        if not equals or joined.lower() in _TRUE:
            SWITCHES[key](found, Setting("", origin), option)
        return at + 1
    if key not in OPTIONS:
        _unknown(found, origin, option, did_you_mean(key, _KNOWN))
        lone = equals or at + 1 >= len(parts) or parts[at + 1].value.startswith("-")
        return at + (1 if lone else 2)
    value, behind = (Setting(joined, origin), at + 1) if equals else _next(parts, at)
    OPTIONS[key](found, value, option)
    return behind


def _short(found: Found, parts: Sequence[Setting], at: int, letters: str, origin: Origin) -> int:
    """`-it`, `-p8000:8000`: switches in one, or a letter with its value."""
    for index, letter in enumerate(letters):
        if letter in SWITCHES:
            SWITCHES[letter](found, Setting("", origin), f"-{letter}")
        elif letter in OPTIONS:
            rest = letters[index + 1 :].removeprefix("=")
            value, behind = (Setting(rest, origin), at + 1) if rest else _next(parts, at)
            OPTIONS[letter](found, value, f"-{letter}")
            return behind
        else:
            _unknown(found, origin, f"-{letter}")
    return at + 1


def _unknown(found: Found, origin: Origin, option: str, hint: str = "") -> None:
    found.remarks.left_out(origin, option, "is not known as an option of docker run", hint)


def _next(parts: Sequence[Setting], at: int) -> tuple[Setting, int]:
    following = parts[at + 1] if at + 1 < len(parts) else Setting("", parts[at].origin)
    return following, at + 2
