"""Reads a rendered service back into a Service, so that rules judge what the container gets.

Only keys that the hardening rules need are read. Compose's short forms are read as Compose reads them.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from mmcompose.core.world import NAMED_PIPE, tidied
from mmcompose.model import Build, Health, Logging, Mount, Resources, Secret, Security, Service
from mmcompose.model.paths import is_remote

Document = Mapping[str, Any]
_NUMBER = re.compile(r"[0-9]{1,10}\Z")


def service(rendered: Document, document: Document, requested: Service, folder: str) -> Service:
    """Reads one service. `requested` is the profile's own; `folder` is the file's real folder."""
    limits = mapping(mapping(mapping(rendered.get("deploy")).get("resources")).get("limits"))
    health = mapping(rendered.get("healthcheck"))
    options = mapping(mapping(rendered.get("logging")).get("options"))
    build = _build(rendered.get("build"), folder)
    return requested._replace(
        image=_text(rendered.get("image")) or None,
        image_type="build" if build else "prebuilt",
        build=build or Build(),
        weights=requested.weights._replace(path=None),
        args=_args(rendered, requested),
        unchecked_args={},
        bench_args={},
        env=dict(_pairs(rendered.get("environment"))),
        mounts=(*_mounts(rendered.get("volumes"), folder), *_devices(rendered.get("devices"))),
        secrets=_secrets(rendered, document, folder),
        ports={str(index): int(port) for index, (_, port) in enumerate(ports(rendered)) if _NUMBER.match(port)},
        health=_health(health),
        resources=Resources(
            memory=_size(limits.get("memory", rendered.get("mem_limit"))),
            pids=limits.get("pids", rendered.get("pids_limit")),
        ),
        security=_security(rendered),
        restart=_text(rendered.get("restart")) or None,
        logging=Logging(max_size=_text(options.get("max-size")) or None),
    )


def mapping(value: Any) -> Document:
    return value if isinstance(value, dict) else {}


def command(rendered: Document) -> list[str]:
    """The command line that starts the container."""
    found: list[str] = []
    for key in ("entrypoint", "command"):
        value = rendered.get(key)
        found += [_text(part) for part in value] if isinstance(value, list) else _text(value).split()
    return found


def ports(rendered: Document) -> Iterator[tuple[str, str]]:
    """The address and the number of each published port; without an address it is published on all of them."""
    for port in listed(rendered.get("ports")):
        if isinstance(port, dict):
            yield _text(port.get("host_ip")) or "0.0.0.0", _text(port.get("published"))  # noqa: S104 - what Compose does
        else:
            outside, _, _ = _text(port).rpartition(":")
            address, _, number = outside.rpartition(":")
            yield address.strip("[]") or "0.0.0.0", number  # noqa: S104 - what Compose does


def groups(rendered: Document) -> dict[str, int]:
    """Groups by number; one that is given by name has a number that no group has."""
    found = {}
    for group in listed(rendered.get("group_add")):
        text = _text(group)
        found[text] = int(text) if _NUMBER.match(text) else -1
    return found


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


def _security(rendered: Document) -> Security:
    options = [_text(option) for option in listed(rendered.get("security_opt"))]
    quiet = [option for option in options if not option.startswith("no-new-privileges")]
    return Security(
        user=_user(rendered.get("user")),
        read_only=rendered.get("read_only") is True,
        cap_drop=tuple(_text(name) for name in listed(rendered.get("cap_drop"))),
        cap_add=tuple(_text(name) for name in listed(rendered.get("cap_add"))),
        no_new_privileges=any(option in _NO_NEW for option in options),
        seccomp=", ".join(quiet) or None,
        ipc="host" if _shared(rendered.get("ipc")) else "private",
        network="host" if _shared(rendered.get("network_mode")) else "own",
        privileged=bool(rendered.get("privileged")),
    )


_NO_NEW = ("no-new-privileges:true", "no-new-privileges=true", "no-new-privileges")


def _shared(value: Any) -> bool:
    return _text(value) == "host" or _text(value).startswith("container:")


def _user(value: Any) -> str | None:
    """The user of a container. One given by name may be root inside the image, so a name never passes as not root."""
    uid, _, gid = _text(value).partition(":")
    if not _NUMBER.match(uid):
        return None
    return f"{uid}:{gid if _NUMBER.match(gid) else 0}"


def _args(rendered: Document, requested: Service) -> dict[str, Any]:
    """The two arguments that rules read. Those of the profile are left out: other checks judge them."""
    found: dict[str, Any] = {}
    started = command(rendered)
    trusted = [requested.args, requested.unchecked_args, *requested.bench_args.values()]
    if "--trust-remote-code" in started and not any("trust_remote_code" in (given or {}) for given in trusted):
        found["trust_remote_code"] = True
    for option, value in pairwise(started):
        if option == "--api-key-file":
            found["api_key_file"] = value
    return found


def _pairs(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        yield from ((str(name), _text(inner)) for name, inner in value.items())
    for entry in value if isinstance(value, list) else ():
        name, _, inner = _text(entry).partition("=")
        yield name, inner


def _mounts(value: Any, folder: str) -> Iterator[Mount]:
    for entry in listed(value):
        if isinstance(entry, dict):
            if entry.get("type") in ("bind", "npipe", None) and entry.get("source"):
                yield Mount(
                    placed(_text(entry["source"]), folder), _text(entry.get("target")), bool(entry.get("read_only"))
                )
            continue
        source, _, rest = _text(entry).partition(":")
        target, _, mode = rest.partition(":")
        if target and source.startswith(("/", ".", "~", "\\")):
            yield Mount(placed(source, folder), target, "ro" in mode.split(","))


def _devices(value: Any) -> Iterator[Mount]:
    for entry in listed(value):
        source = _text(entry.get("source") if isinstance(entry, dict) else entry).partition(":")[0]
        if source.startswith("/"):  # others are names of the container device interface
            yield Mount(source, source)


def _secrets(rendered: Document, document: Document, folder: str) -> dict[str, Secret]:
    known = mapping(document.get("secrets"))
    found = {}
    for entry in listed(rendered.get("secrets")):
        key = _text(entry.get("source") if isinstance(entry, dict) else entry)
        name = _text(entry.get("target") if isinstance(entry, dict) else entry) or key
        file = _text(mapping(known.get(key)).get("file"))
        found[name] = Secret(placed(file, folder) if file else "")
    return {name: secret for name, secret in found.items() if secret.file}


def _build(value: Any, folder: str) -> Build | None:
    if isinstance(value, str):
        value = {"context": value}
    if not isinstance(value, dict):
        return None
    context = _text(value.get("context")) or "."
    return Build(
        context if is_remote(context) else placed(context, folder), _text(value.get("dockerfile")) or None,
        args=dict(_pairs(value.get("args"))),
    )  # fmt: skip


def _health(rendered: Document) -> Health:
    test = rendered.get("test")
    probe = tuple(_text(part) for part in test) if isinstance(test, list) else (_text(test),) if test else ()
    if rendered.get("disable") or probe[:1] == ("NONE",):
        probe = ()
    return Health(test=probe, start_period=_text(rendered.get("start_period")) or None)


def _size(value: Any) -> str | None:
    """A size in our form. Compose also accepts bare bytes, capital letters and `mb`."""
    found = re.match(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*([bkmgt]?)i?b?\Z", _text(value).strip().lower())
    return f"{found[1]}{found[2] or 'b'}" if found else None


def placed(path: str, folder: str) -> str:
    return path if NAMED_PIPE.match(path) else tidied(posixpath.join(folder, path))


def _text(value: Any) -> str:
    """A scalar as Compose reads it: two dollars become one."""
    return "" if value is None else str(value).replace("$$", "$")
