"""Limits, GPUs, health and log of a service of a Compose file."""

from __future__ import annotations

from collections.abc import Mapping

from mmcompose.core.imports.sources import forms
from mmcompose.core.imports.sources.amounts import number, size, span, whole
from mmcompose.core.imports.sources.found import Found, FoundGpus, left_out
from mmcompose.core.imports.sources.rows import Take, each, items, plain, text_of, to
from mmcompose.model import Setting

_LIMITS: Mapping[str, Take] = {
    "memory": to("resources.memory", size),
    "cpus": to("resources.cpus", number),
    "pids": to("resources.pids", whole),
}  # fmt: skip
_HEALTH: Mapping[str, Take] = {
    "interval": to("health.interval", span), "timeout": to("health.timeout", span),
    "retries": to("health.retries", whole), "start_period": to("health.start_period", span),
}  # fmt: skip


def deploy(found: Found, value: Setting, key: str) -> None:
    for name, part in items(value):
        if name != "resources":
            found.remarks.append(left_out(part.place, f"{key}.{name}", "has no key in a profile"))
    for name, part in items(value.at(("resources", "limits"))):
        row = _LIMITS.get(name)
        if row is None:
            found.remarks.append(left_out(part.place, f"{key}.limits.{name}", "has no key in a profile"))
        else:
            row(found, part, f"{key}.limits.{name}")
    for name, part in items(value.at(("resources", "reservations"))):
        if name == "devices":
            for device in each(part):
                _reservation(found, device)
        else:
            hint = "limits are under resources:"
            found.remarks.append(left_out(part.place, f"{key}.reservations.{name}", "a profile reserves nothing", hint))


def _reservation(found: Found, device: Setting) -> None:
    ids, count = device.at(("device_ids",)), device.at(("count",))
    if ids is not None:
        found.gpus = FoundGpus(ids.origin, 0, tuple(plain(item) for item in each(ids)))
    else:
        found.gpus = forms.gpus(plain(count) if count is not None else "all", device.origin)


def gpus(found: Found, value: Setting, key: str) -> None:
    if isinstance(value.value, tuple):
        for device in value.value:
            _reservation(found, device)
        return
    found.gpus = forms.gpus(plain(value), value.origin)
    if found.gpus is None:
        found.remarks.append(left_out(value.place, key, f"{plain(value)!r} names no GPUs", "write gpu: {count: 1}"))


def health(found: Found, value: Setting, key: str) -> None:
    for name, part in items(value):
        if name == "test":
            given = part.value
            test = [plain(item) for item in given] if isinstance(given, tuple) else ["CMD-SHELL", plain(part)]
            found.put("health.test", test, part.origin)
        elif name in _HEALTH:
            _HEALTH[name](found, part, f"{key}.{name}")
        else:
            found.remarks.append(left_out(part.place, f"{key}.{name}", "has no key in a profile"))


def logging(found: Found, value: Setting, key: str) -> None:
    driver = value.at(("driver",))
    if driver is not None and driver.value not in ("json-file", "local"):
        found.remarks.append(left_out(driver.place, f"{key}.driver", "a profile's log is a json-file with a limit"))
        return
    for name, part in items(value.at(("options",))):
        row = {"max-size": to("logging.max_size", size), "max-file": to("logging.max_file", whole)}.get(name)
        if row is None:
            found.remarks.append(left_out(part.place, f"{key}.options.{name}", "has no key in a profile"))
        else:
            row(found, part, f"{key}.options.{name}")


def ulimits(found: Found, value: Setting, key: str) -> None:
    for name, part in items(value):
        limit = (
            ":".join(text_of(part.value, end) for end in ("soft", "hard"))
            if isinstance(part.value, dict)
            else plain(part)
        )
        forms.add_ulimit(found, name, limit, part.origin, f"{key}.{name}")


def runtime(found: Found, value: Setting, key: str) -> None:
    if value.value == "nvidia":
        found.gpus = found.gpus or FoundGpus(value.origin, -1)
    else:
        found.remarks.append(left_out(value.place, key, f"{plain(value)!r} has no key in a profile"))
