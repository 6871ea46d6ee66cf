"""Docker's short forms: `source:target:ro`, `127.0.0.1:8000:8000`, `NAME=value`, `/tmp:size=64m`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mmcompose.core.imports.sources.amounts import size, whole
from mmcompose.core.imports.sources.found import Found, FoundGpus, FoundMount, FoundPort
from mmcompose.model import Origin, Setting

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_DEFAULT_TMPFS = "64m"


def add_volume(found: Found, text: str, origin: Origin, key: str) -> None:
    """`source:target:options`; the colon of a drive of Windows parts nothing."""
    drive = text[:2] if _DRIVE.match(text) else ""
    source, colon, rest = text[len(drive) :].partition(":")
    if not colon:
        found.remarks.left_out(origin, key, f"the volume {text!r} has no name", "write it under caches:, with a name")
        return
    target, _, options = rest.partition(":")
    source = drive + source
    named = not drive and not source.startswith(("/", ".", "~", "$", "\\"))
    found.mounts.append(FoundMount(source, target, "ro" in options.split(","), origin, named))


def add_mount(found: Found, fields: Mapping[str, str], origin: Origin, key: str) -> None:
    """The long form of a volume, a folder or a file system in memory."""
    source, target, limit = fields.get("source", ""), fields.get("target", ""), fields.get("tmpfs-size", "")
    if fields.get("type") == "tmpfs":
        add_tmpfs(found, f"{target}:size={limit}" if limit else target, origin)
    elif source and target:
        read_only = fields.get("read_only") in ("true", "1")
        found.mounts.append(FoundMount(source, target, read_only, origin, fields.get("type") == "volume"))
    else:
        hint = "write it under caches:, with a name"
        found.remarks.left_out(origin, key, f"the mount at {target or 'no path'} names no source and target", hint)


def add_port(found: Found, text: str, origin: Origin, key: str) -> None:
    body, _, protocol = text.partition("/")
    address, outside, inside = "", "", body
    if ":" in body:
        left, _, inside = body.rpartition(":")
        address, _, outside = left.rpartition(":")
    if protocol not in ("", "tcp") or not inside.isdigit() or (outside and not outside.isdigit()):
        hint = "write one line of tcp for each port under ports:"
        found.remarks.left_out(origin, key, f"{text!r} is no single port of tcp", hint)
        return
    found.ports.append(FoundPort(outside, inside, address.strip("[]"), origin))


def add_tmpfs(found: Found, text: str, origin: Origin) -> None:
    path, _, options = text.partition(":")
    sizes = [size(option.partition("=")[2]) for option in options.split(",") if option.startswith("size=")]
    found.values["tmpfs", path] = Setting(next((each for each in sizes if each), _DEFAULT_TMPFS), origin)


def add_device(found: Found, text: str, origin: Origin, key: str) -> None:
    """A name of the container device interface names a GPU; other devices are the host file's."""
    name, _, which = text.partition("=")
    if name == "nvidia.com/gpu":
        ids = found.gpus.ids if found.gpus else ()
        found.gpus = FoundGpus(origin, -1) if which == "all" else FoundGpus(origin, 0, (*ids, which))
        return
    if text.startswith(("/dev/dri", "/dev/kfd")):
        found.gpus = found.gpus or FoundGpus(origin, 1)
    if found.labels:  # a file of ours, whose devices came from the host file
        return
    hint = "name it under machine.devices of the host file"
    found.remarks.left_out(origin, key, f"the device {text} comes from the host file", hint)


def gpus(text: str, origin: Origin) -> FoundGpus | None:
    """`all`, a count, or `device=0,1`."""
    plain = text.strip().strip("\"'")
    if plain in ("all", "-1"):
        return FoundGpus(origin, -1)
    if plain.isdigit():
        return FoundGpus(origin, int(plain))
    fields = dict(part.partition("=")[::2] for part in re.split(r",(?=[a-z]+=)", plain))
    if "device" in fields:
        return FoundGpus(origin, 0, tuple(filter(None, fields["device"].strip("\"'").split(","))))
    count = fields.get("count", "")
    return gpus(count, origin) if count and count != plain else None


def add_ulimit(found: Found, name: str, text: str, origin: Origin, key: str) -> None:
    """A profile has one limit for both, so the soft one must be the hard one."""
    soft, _, hard = text.partition(":")
    number = {"unlimited": -1}.get(soft, whole(soft))
    if number is None or (hard and hard != soft) or number < -1:
        hint = "write one number under resources.ulimits"
        found.remarks.left_out(origin, key, f"a soft and a hard limit of {name}: {text}", hint)
        return
    found.values["resources", "ulimits", name] = Setting(number, origin)


def add_security_option(found: Found, text: str, origin: Origin, key: str) -> None:
    plain = text.replace("=", ":", 1)
    if plain in ("no-new-privileges", "no-new-privileges:true"):
        found.values["security", "no_new_privileges"] = Setting(True, origin)
    elif plain == "seccomp:unconfined":
        found.values["security", "seccomp"] = Setting("unconfined", origin)
    else:
        found.remarks.left_out(origin, key, f"{text!r} has no key in a profile")
