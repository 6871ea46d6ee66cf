"""Reads one service of a Compose file: a row for each key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mmcompose.core.imports.sources import container_keys as keys
from mmcompose.core.imports.sources.amounts import number, size, span, whole
from mmcompose.core.imports.sources.found import Found, FoundGpus
from mmcompose.core.imports.sources.remarks import refusal
from mmcompose.core.imports.sources.shell import commands, in_lines
from mmcompose.core.imports.sources.tree import Take, below, each, listed, pairs, plain, take, text_of, texts, to
from mmcompose.model import Setting
from mmcompose.model.failure import Invalid

_SECRET_FOLDER = "/run/secrets/"


def service(name: str, service: Setting, tree: Setting, source: str) -> Found:
    found = Found(name, service.place)
    if not isinstance(service.value, dict):
        raise refusal(service.place, f"services.{name}", "must be a mapping", "write image: below it")
    marks = pairs(service.at(("labels",)))
    found.labels = {key: str(value.value) for key, value in marks if key.startswith(keys.OUR_LABELS)}
    take(found, service, name, _ROWS, _READ_ELSEWHERE)
    _line(found, service, name, source)
    _files_of_secrets(found, tree)
    return found


def _line(found: Found, service: Setting, name: str, source: str) -> None:
    for key in ("entrypoint", "command"):
        value = service.present((key,))
        if value is None:
            continue
        if isinstance(value.value, tuple):
            found.line += texts(value)
        else:
            cut, problems = commands(plain(value), value.origin)
            if problems:
                raise Invalid([problem._replace(path=f"services.{name}.{key}") for problem in problems])
            found.line += in_lines([part for command in cut for part in command], source, value)
        if key == "entrypoint":
            found.entrypoint = len(found.line)


def _files_of_secrets(found: Found, tree: Setting) -> None:
    for name, secret in list(found.secrets.items()):
        file = tree.at(("secrets", secret.value, "file"))
        if file is None:
            message = f"the secret {secret.value} is not a file of the project"
            found.remarks.left_out(secret.origin, "secrets", message, "write it into secrets/, and name the file")
            del found.secrets[name]
        else:
            found.secrets[name] = file


def _image(found: Found, value: Setting, _: str) -> None:
    found.image = value._replace(value=plain(value))


def _networks(found: Found, value: Setting, key: str) -> None:
    for name, part in pairs(value):
        aliases = part.at(("aliases",))
        if aliases is not None:
            found.put("aliases", [plain(item) for item in each(aliases)], aliases.origin)
        else:
            keys.network(found, part._replace(value=name), key)


def _secrets(found: Found, value: Setting, _: str) -> None:
    for item in each(value):
        source = text_of(item.value, "source") if isinstance(item.value, dict) else plain(item)
        target = text_of(item.value, "target") if isinstance(item.value, dict) else ""
        found.secrets[(target or source).removeprefix(_SECRET_FOLDER)] = Setting(source, item.origin)


def _build(found: Found, value: Setting, key: str) -> None:
    if isinstance(value.value, dict):
        take(found, value, key, _BUILD)
    else:
        found.put("build.context", plain(value), value.origin)


def _build_arguments(found: Found, value: Setting, _: str) -> None:
    for name, item in pairs(value):
        found.values["build", "args", name] = item._replace(value=plain(item))


def _depends(found: Found, value: Setting, key: str) -> None:
    for name, _ in pairs(value):
        if not (found.labels and re.match(r"(own|fetch)-", name)):
            found.remarks.left_out(value.place, key, f"a profile waits for no other service, such as {name}")


def _logging(found: Found, value: Setting, key: str) -> None:
    driver = value.at(("driver",))
    if driver is not None and driver.value not in ("json-file", "local"):
        found.remarks.left_out(driver.place, f"{key}.driver", "a profile's log is a json-file with a limit")
    else:
        take(found, value, key, {"options": keys.log_options}, ("driver",))


def _runtime(found: Found, value: Setting, key: str) -> None:
    if value.value == "nvidia":
        found.gpus = found.gpus or FoundGpus(value.origin, -1)
    else:
        found.remarks.left_out(value.place, key, f"{plain(value)!r} has no key in a profile")


def _reserved(found: Found, value: Setting, key: str) -> None:
    for name, part in pairs(value):
        if name == "devices":
            keys.reserved_gpus(found, part, key)
        else:
            found.remarks.left_out(
                part.place, f"{key}.{name}", "a profile reserves nothing", "limits are under resources:"
            )


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


_MEMORY, _CPUS, _PIDS = to("resources.memory", size), to("resources.cpus", number), to("resources.pids", whole)
_BUILD: Mapping[str, Take] = {
    "args": _build_arguments, **{name: to(f"build.{name}") for name in ("context", "dockerfile", "target")},
}  # fmt: skip
_RESOURCES: Mapping[str, Take] = {
    "limits": below({"memory": _MEMORY, "cpus": _CPUS, "pids": _PIDS}), "reservations": _reserved,
}  # fmt: skip
_HEALTH: Mapping[str, Take] = {
    "test": keys.health_test, **{name: to(path, convert) for name, (path, convert) in keys.HEALTH.items()},
}  # fmt: skip
_ROWS: Mapping[str, Take] = {
    "image": _image, "environment": keys.env, "volumes": keys.volumes, "ports": keys.ports, "tmpfs": keys.tmpfs,
    "devices": keys.devices, "deploy": below({"resources": below(_RESOURCES)}), "gpus": keys.gpus,
    "healthcheck": below(_HEALTH), "logging": _logging, "ulimits": keys.ulimits,
    "security_opt": keys.security_options, "networks": _networks, "network_mode": keys.network, "secrets": _secrets,
    "labels": keys.other_labels, "build": _build, "depends_on": _depends, "runtime": _runtime,
    "mem_limit": _MEMORY, "cpus": _CPUS, "pids_limit": _PIDS, "shm_size": to("resources.shm_size", size),
    "user": to("security.user"), "read_only": to("security.read_only", _truth),
    "privileged": to("security.privileged", _truth), "ipc": to("security.ipc", keys.ipc),
    "cap_add": listed("security.cap_add"), "cap_drop": listed("security.cap_drop"), "restart": to("restart"),
    "stop_grace_period": to("stop_grace_period", span), "cpu_quota": to("cpu_quota", whole),
    "container_name": to("container_name"), "group_add": listed("group_add"),
}  # fmt: skip
_READ_ELSEWHERE = ("entrypoint", "command", "init", "stdin_open", "tty", "expose", "pull_policy")
"""Keys that are read elsewhere, or have no consequence for a profile."""
