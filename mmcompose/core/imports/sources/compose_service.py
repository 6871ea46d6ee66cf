"""Reads one service of a Compose file: a row for each key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mmcompose.core.imports.sources import compose_limits as limits
from mmcompose.core.imports.sources import forms
from mmcompose.core.imports.sources.amounts import number, size, span, whole
from mmcompose.core.imports.sources.docker_run import add_hub_token
from mmcompose.core.imports.sources.found import Found, FoundMount, FoundPort, left_out
from mmcompose.core.imports.sources.rows import Take, each, items, listed, pairs, plain, text_of, to
from mmcompose.core.imports.sources.shell import commands, in_lines
from mmcompose.model import Origin, Problem, Setting, labels
from mmcompose.model.failure import Invalid

_LABELS = "mmcompose."
_SECRET_FOLDER = "/run/secrets/"


def service(name: str, service: Setting, tree: Setting, source: str) -> Found:
    found = Found(name, service.place)
    if not isinstance(service.value, dict):
        raise Invalid(
            [Problem(service.place, f"services.{name}", "must be a mapping", "write image: below it", "import")]
        )
    found.labels = {key: str(value.value) for key, value in pairs(service.at(("labels",))) if key.startswith(_LABELS)}
    for key, value in service.value.items():
        row = _ROWS.get(key)
        if value.value is None or key in _QUIET or key.startswith("x-"):
            continue
        if row is None:
            found.remarks.append(left_out(value.place, f"{name}.{key}", "has no key in a profile"))
        else:
            row(found, value, f"{name}.{key}")
    _line(found, service, name, source)
    _files_of_secrets(found, tree)
    return found


def _line(found: Found, service: Setting, name: str, source: str) -> None:
    for key in ("entrypoint", "command"):
        value = service.at((key,))
        if value is None or value.value is None:
            continue
        if isinstance(value.value, tuple):
            found.line += [part._replace(value=plain(part)) for part in value.value]
        else:
            cut, problems = commands(plain(value), value.origin)
            if problems:
                raise Invalid([problem._replace(path=f"services.{name}.{key}") for problem in problems])
            found.line += in_lines([part for command in cut for part in command.parts], source, value)
        if key == "entrypoint":
            found.entrypoint = len(found.line)


def _files_of_secrets(found: Found, tree: Setting) -> None:
    for name, secret in list(found.secrets.items()):
        file = tree.at(("secrets", secret.value, "file"))
        if file is None:
            message = f"the secret {secret.value} is not a file of the project"
            found.remarks.append(
                left_out(secret.origin, "secrets", message, "write it into secrets/, and name the file")
            )
            del found.secrets[name]
        else:
            found.secrets[name] = file


def _image(found: Found, value: Setting, _: str) -> None:
    found.image = value._replace(value=plain(value))


def _env(found: Found, value: Setting, key: str) -> None:
    for name, item in pairs(value):
        if item.value is not None:
            found.env[name] = item._replace(value=plain(item))
        elif not add_hub_token(found, name, item.origin):
            found.remarks.append(
                left_out(item.origin, f"{key}.{name}", "takes its value from the shell", f"write env: {{{name}: …}}")
            )


def _volumes(found: Found, value: Setting, key: str) -> None:
    for item in each(value):
        if not isinstance(item.value, dict):
            forms.add_volume(found, plain(item), item.origin, key)
            continue
        part: dict[str, Setting] = item.value
        kind, target = text_of(part, "type"), text_of(part, "target")
        if kind == "tmpfs":
            limit = item.at(("tmpfs", "size"))
            forms.add_tmpfs(found, f"{target}:size={plain(limit)}" if limit else target, item.origin)
        else:
            read_only = part.get("read_only", item).value is True
            found.mounts.append(FoundMount(text_of(part, "source"), target, read_only, item.origin, kind == "volume"))


def _ports(found: Found, value: Setting, key: str) -> None:
    for item in each(value):
        if not isinstance(item.value, dict):
            forms.add_port(found, plain(item), item.origin, key)
            continue
        part = item.value
        outside, inside, address = text_of(part, "published"), text_of(part, "target"), text_of(part, "host_ip")
        if inside.isdigit() and (not outside or outside.isdigit()) and text_of(part, "protocol") in ("", "tcp"):
            found.ports.append(FoundPort(outside, inside, address, item.origin))
        else:
            hint = "write one line of tcp for each port under ports:"
            found.remarks.append(left_out(item.origin, key, "is no single port of tcp", hint))


def _tmpfs(found: Found, value: Setting, _: str) -> None:
    for item in each(value):
        forms.add_tmpfs(found, plain(item), item.origin)


def _devices(found: Found, value: Setting, key: str) -> None:
    for item in each(value):
        forms.add_device(
            found, text_of(item.value, "source") if isinstance(item.value, dict) else plain(item), item.origin, key
        )


def _security(found: Found, value: Setting, key: str) -> None:
    for item in each(value):
        forms.add_security_option(found, plain(item), item.origin, key)


def _networks(found: Found, value: Setting, key: str) -> None:
    ours = found.labels.get(labels.PROFILE)
    for name, part in items(value):
        aliases = part.at(("aliases",))
        if aliases is not None:
            found.put("aliases", [plain(item) for item in each(aliases)], aliases.origin)
        elif name not in (ours, "default"):
            found.remarks.append(_not_joined(part.place, key, name))
    if isinstance(value.value, tuple):
        for item in value.value:
            if plain(item) not in (ours, "default"):
                found.remarks.append(_not_joined(item.origin, key, plain(item)))


def _not_joined(origin: Origin, key: str, name: str) -> Problem:
    return left_out(
        origin, key, f"the network {name} is not joined", "a profile has a network of its own, which others join"
    )


def _network_mode(found: Found, value: Setting, key: str) -> None:
    if value.value == "host":
        found.put("security.network", "host", value.origin)
    elif value.value != "bridge":
        found.remarks.append(_not_joined(value.place, key, plain(value)))


def _secrets(found: Found, value: Setting, _: str) -> None:
    for item in each(value):
        if isinstance(item.value, dict):
            source = text_of(item.value, "source")
            name = (text_of(item.value, "target") or source).removeprefix(_SECRET_FOLDER)
            found.secrets[name] = Setting(source, item.origin)
        else:
            found.secrets[plain(item)] = Setting(plain(item), item.origin)


def _labels(found: Found, value: Setting, key: str) -> None:
    for name, item in pairs(value):
        if not name.startswith(_LABELS):
            found.remarks.append(left_out(item.place, f"{key}.{name}", "a profile has no labels"))


def _build(found: Found, value: Setting, key: str) -> None:
    if not isinstance(value.value, dict):
        found.put("build.context", plain(value), value.origin)
        return
    for name, part in value.value.items():
        if name == "args":
            for argument, item in pairs(part):
                found.values["build", "args", argument] = item._replace(value=plain(item))
        elif name in ("context", "dockerfile", "target"):
            found.put(f"build.{name}", plain(part), part.origin)
        else:
            found.remarks.append(left_out(part.place, f"{key}.{name}", "has no key in a profile"))


def _depends(found: Found, value: Setting, key: str) -> None:
    names = list(value.value) if isinstance(value.value, dict) else [plain(item) for item in each(value)]
    for name in names:
        if not (found.labels and re.match(r"(own|fetch)-", name)):
            found.remarks.append(left_out(value.place, key, f"a profile waits for no other service, such as {name}"))


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _ipc(value: Any) -> str | None:
    return value if value in ("host", "private") else None


_ROWS: Mapping[str, Take] = {
    "image": _image, "environment": _env, "volumes": _volumes, "ports": _ports, "tmpfs": _tmpfs, "devices": _devices,
    "deploy": limits.deploy, "gpus": limits.gpus, "healthcheck": limits.health, "logging": limits.logging,
    "ulimits": limits.ulimits,
    "security_opt": _security, "networks": _networks, "network_mode": _network_mode, "secrets": _secrets,
    "labels": _labels, "build": _build, "depends_on": _depends, "runtime": limits.runtime,
    "mem_limit": to("resources.memory", size), "cpus": to("resources.cpus", number),
    "pids_limit": to("resources.pids", whole), "shm_size": to("resources.shm_size", size),
    "user": to("security.user"), "read_only": to("security.read_only", _truth),
    "privileged": to("security.privileged", _truth), "ipc": to("security.ipc", _ipc),
    "cap_add": listed("security.cap_add"), "cap_drop": listed("security.cap_drop"), "restart": to("restart"),
    "stop_grace_period": to("stop_grace_period", span), "cpu_quota": to("cpu_quota", whole),
    "container_name": to("container_name"), "group_add": listed("group_add"),
}  # fmt: skip
_QUIET = ("entrypoint", "command", "init", "stdin_open", "tty", "expose", "pull_policy")
"""Read elsewhere, or without consequence for a profile."""
