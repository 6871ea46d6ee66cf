"""Reads `docker run …`: its options, the image, and the command behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from mmcompose.core.imports.sources import forms
from mmcompose.core.imports.sources.amounts import number, size, span, whole
from mmcompose.core.imports.sources.found import HUB_TOKENS, Found, FoundMount, changed, left_out
from mmcompose.engines.flags.nearest import did_you_mean
from mmcompose.model import Origin, Problem, Setting

PROGRAMS = ("docker", "podman", "nerdctl")


class Option(NamedTuple):
    """One option: what takes its value; none for an option without meaning in a profile."""

    take: Callable[[Found, Setting, str], None] | None = None
    switch: bool = False
    why: str = "has no key in a profile"
    quiet: bool = False
    """Whether it is what a profile does anyway, so that nothing is lost."""


def _to(path: str, convert: Callable[[object], object | None] = str) -> Option:
    def take(found: Found, value: Setting, key: str) -> None:
        made = convert(value.value)
        if made is None:
            found.remarks.append(left_out(value.origin, key, f"{value.value!r} has no form in a profile"))
        else:
            found.put(path, made, value.origin)

    return Option(take)


def _env(found: Found, value: Setting, key: str) -> None:
    name, equals, text = value.value.partition("=")
    if equals:
        found.env[name] = Setting(text, value.origin)
    elif not add_hub_token(found, name, value.origin):
        found.remarks.append(
            left_out(value.origin, key, f"{name} takes its value from the shell", f"write env: {{{name}: …}}")
        )


def add_hub_token(found: Found, name: str, origin: Origin) -> bool:
    """A token of the hub becomes a secret, whatever its value."""
    if name not in HUB_TOKENS:
        return False
    found.env[name] = Setting("", origin)
    return True


def _mount(found: Found, value: Setting, key: str) -> None:
    fields = dict(part.partition("=")[::2] for part in value.value.split(","))
    target = fields.get("target") or fields.get("dst") or fields.get("destination") or ""
    source = fields.get("source") or fields.get("src") or ""
    read_only = fields.get("readonly", fields.get("ro", "false")) in ("", "true", "1")
    if fields.get("type") == "tmpfs":
        limit = fields.get("tmpfs-size", "")
        forms.add_tmpfs(found, f"{target}:size={limit}" if limit else target, value.origin)
    elif target and source:
        named = fields.get("type", "volume") == "volume"
        found.mounts.append(FoundMount(source, target, read_only, value.origin, named))
    else:
        found.remarks.append(left_out(value.origin, key, f"{value.value!r} names no source and target"))


def _gpus(found: Found, value: Setting, key: str) -> None:
    found.gpus = forms.gpus(value.value, value.origin) or found.gpus
    if found.gpus is None:
        found.remarks.append(left_out(value.origin, key, f"{value.value!r} names no GPUs", "write gpu: {count: 1}"))


def _ulimit(found: Found, value: Setting, key: str) -> None:
    name, _, limit = value.value.partition("=")
    forms.add_ulimit(found, name, limit, value.origin, key)


def _label(found: Found, value: Setting, key: str) -> None:
    found.remarks.append(
        left_out(value.origin, key, f"the label {value.value.partition('=')[0]} has no key in a profile")
    )


def _log_option(found: Found, value: Setting, key: str) -> None:
    name, _, text = value.value.partition("=")
    if name == "max-size" and size(text):
        found.put("logging.max_size", size(text), value.origin)
    elif name == "max-file" and whole(text):
        found.put("logging.max_file", whole(text), value.origin)
    else:
        found.remarks.append(left_out(value.origin, key, f"{name} has no key in a profile"))


def _network(found: Found, value: Setting, key: str) -> None:
    if value.value == "host":
        found.put("security.network", "host", value.origin)
    else:
        hint = "a profile has a network of its own, which others join"
        found.remarks.append(left_out(value.origin, key, f"the network {value.value} is not joined", hint))


def _health_command(found: Found, value: Setting, _: str) -> None:
    found.put("health.test", ["CMD-SHELL", value.value], value.origin)


def _name(found: Found, value: Setting, _: str) -> None:
    found.name = value.value


def _listed(path: str) -> Option:
    def take(found: Found, value: Setting, _: str) -> None:
        first = tuple(path.split("."))
        before = found.values[first].value if first in found.values else []
        found.values[first] = Setting([*before, value.value.removeprefix("CAP_")], value.origin)

    return Option(take)


def _switch(path: str, value: object) -> Option:
    return Option(lambda found, given, _: found.put(path, value, given.origin), switch=True)


def _form(add: Callable[[Found, str, Origin, str], None]) -> Option:
    return Option(lambda found, value, key: add(found, value.value, value.origin, key))


_QUIET, _LOST, _LOST_SWITCH = Option(switch=True, quiet=True), Option(), Option(switch=True)

OPTIONS: Mapping[str, Option] = {
    "name": Option(_name), "gpus": Option(_gpus), "e": Option(_env), "env": Option(_env),
    "v": _form(forms.add_volume), "volume": _form(forms.add_volume), "mount": Option(_mount),
    "p": _form(forms.add_port), "publish": _form(forms.add_port),
    "device": _form(forms.add_device), "security-opt": _form(forms.add_security_option),
    "tmpfs": Option(lambda found, value, _: forms.add_tmpfs(found, value.value, value.origin)),
    "ulimit": Option(_ulimit), "restart": _to("restart"), "log-opt": Option(_log_option),
    "m": _to("resources.memory", size), "memory": _to("resources.memory", size),
    "cpus": _to("resources.cpus", number), "pids-limit": _to("resources.pids", whole),
    "shm-size": _to("resources.shm_size", size), "u": _to("security.user"), "user": _to("security.user"),
    "ipc": _to("security.ipc", lambda mode: mode if mode in ("host", "private") else None),
    "network": Option(_network), "net": Option(_network), "privileged": _switch("security.privileged", True),
    "read-only": _switch("security.read_only", True), "cap-add": _listed("security.cap_add"),
    "cap-drop": _listed("security.cap_drop"), "stop-timeout": _to("stop_grace_period", span),
    "health-cmd": Option(_health_command), "health-interval": _to("health.interval", span),
    "health-timeout": _to("health.timeout", span), "health-retries": _to("health.retries", whole),
    "health-start-period": _to("health.start_period", span), "network-alias": _listed("aliases"),
    "l": Option(_label), "label": Option(_label),
    **dict.fromkeys(("rm", "d", "detach", "i", "interactive", "t", "tty", "init", "q", "quiet"), _QUIET),
    "pull": Option(quiet=True), "cidfile": Option(quiet=True), "runtime": Option(quiet=True),
    "platform": _LOST, "hostname": _LOST, "h": _LOST, "add-host": _LOST, "dns": _LOST, "group-add": _LOST,
    "w": _LOST, "workdir": _LOST, "env-file": _LOST, "cpuset-cpus": _LOST, "cpuset-mems": _LOST, "cpu-shares": _LOST,
    "cpu-quota": _LOST, "cpu-period": _LOST, "memory-swap": _LOST, "memory-reservation": _LOST, "log-driver": _LOST,
    "pid": _LOST, "uts": _LOST, "userns": _LOST, "cgroupns": _LOST, "cgroup-parent": _LOST, "sysctl": _LOST,
    "expose": _LOST, "link": _LOST, "volumes-from": _LOST, "device-cgroup-rule": _LOST, "oom-score-adj": _LOST,
    "stop-signal": _LOST, "annotation": _LOST, "mac-address": _LOST, "ip": _LOST, "storage-opt": _LOST,
    "blkio-weight": _LOST, "shm": _LOST, "memory-swappiness": _LOST, "label-file": _LOST, "volume-driver": _LOST,
    "P": _LOST_SWITCH, "publish-all": _LOST_SWITCH, "oom-kill-disable": _LOST_SWITCH, "no-healthcheck": _LOST_SWITCH,
}  # fmt: skip


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
        found.remarks.append(_no_image(parts[-1].origin))
    return found


def _option(found: Found, parts: Sequence[Setting], at: int) -> int:
    """Takes the option at an index; returns the index behind it."""
    text, origin = parts[at].value, parts[at].origin
    option, equals, joined = text.partition("=")
    key = option.lstrip("-")
    if not option.startswith("--") and len(key) > 1 and key not in OPTIONS:
        return _short(found, parts, at, text.lstrip("-"), origin)
    if key == "entrypoint":
        value, behind = (Setting(joined, origin), at + 1) if equals else _next(parts, at)
        found.line, found.entrypoint = [value], 1
        return behind
    row = OPTIONS.get(key)
    if row is None:
        hint = did_you_mean(key, OPTIONS)
        found.remarks.append(left_out(origin, option, "is not known as an option of docker run", hint))
        lone = equals or at + 1 >= len(parts) or parts[at + 1].value.startswith("-")
        return at + (1 if lone else 2)
    if row.switch:
        if not equals or joined.lower() in ("true", "1"):
            _take(found, row, Setting("", origin), option)
        return at + 1
    value, behind = (Setting(joined, origin), at + 1) if equals else _next(parts, at)
    _take(found, row, value, option)
    return behind


def _short(found: Found, parts: Sequence[Setting], at: int, letters: str, origin: Origin) -> int:
    """`-it`, `-p8000:8000`: switches in one, or a letter with its value."""
    for index, letter in enumerate(letters):
        row = OPTIONS.get(letter)
        if row is None:
            found.remarks.append(left_out(origin, f"-{letter}", "is not known as an option of docker run"))
        elif row.switch:
            _take(found, row, Setting("", origin), f"-{letter}")
        else:
            rest = letters[index + 1 :].removeprefix("=")
            value, behind = (Setting(rest, origin), at + 1) if rest else _next(parts, at)
            _take(found, row, value, f"-{letter}")
            return behind
    return at + 1


def _take(found: Found, row: Option, value: Setting, option: str) -> None:
    if row.take is not None:
        row.take(found, value, option)
    elif not row.quiet:
        found.remarks.append(left_out(value.origin, option, row.why))


def _next(parts: Sequence[Setting], at: int) -> tuple[Setting, int]:
    following = parts[at + 1] if at + 1 < len(parts) else Setting("", parts[at].origin)
    return following, at + 2


def _no_image(origin: Origin) -> Problem:
    return changed(origin, "", "the command names no image, so the backend's is taken")
