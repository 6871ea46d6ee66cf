"""Takes what `docker run` and Compose both write of a container, in their long forms and their short ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mmcompose.core.imports.sources import forms
from mmcompose.core.imports.sources.amounts import size, span, whole
from mmcompose.core.imports.sources.found import HUB_TOKENS, Found, FoundGpus
from mmcompose.core.imports.sources.tree import Take, each, pairs, plain, take, text_of, to
from mmcompose.model import Setting, labels

OUR_LABELS = "mmcompose."


def env(found: Found, value: Setting, key: str) -> None:
    """A token of the hub becomes a secret, whatever its value."""
    for name, item in pairs(value):
        if item.value is not None or name in HUB_TOKENS:
            found.env[name] = item._replace(value=plain(item))
        else:
            hint = f"write env: {{{name}: …}}"
            found.remarks.left_out(item.place, key, f"{name} takes its value from the shell", hint)


def volumes(found: Found, value: Setting, key: str) -> None:
    for item in each(value):
        if not isinstance(item.value, dict):
            forms.add_volume(found, plain(item), item.origin, key)
            continue
        part = {name: plain(each_) for name, each_ in item.value.items()}
        part["tmpfs-size"] = plain(item.at(("tmpfs", "size")))
        forms.add_mount(found, part, item.origin, key)


def ports(found: Found, value: Setting, key: str) -> None:
    for item in each(value):
        text = plain(item)
        if isinstance(item.value, dict):
            address, outside = text_of(item.value, "host_ip"), text_of(item.value, "published")
            before = f"{address}:{outside}:" if address else f"{outside}:" if outside else ""
            text = f"{before}{text_of(item.value, 'target')}/{text_of(item.value, 'protocol') or 'tcp'}"
        forms.add_port(found, text, item.origin, key)


def tmpfs(found: Found, value: Setting, _: str) -> None:
    for item in each(value):
        forms.add_tmpfs(found, plain(item), item.origin)


def devices(found: Found, value: Setting, key: str) -> None:
    for item in each(value):
        device = text_of(item.value, "source") if isinstance(item.value, dict) else plain(item)
        forms.add_device(found, device, item.origin, key)


def security_options(found: Found, value: Setting, key: str) -> None:
    for item in each(value):
        forms.add_security_option(found, plain(item), item.origin, key)


def ulimits(found: Found, value: Setting, key: str) -> None:
    for name, part in pairs(value):
        ends = part.value if isinstance(part.value, dict) else None
        limit = ":".join(text_of(ends, end) for end in ("soft", "hard")) if ends is not None else plain(part)
        forms.add_ulimit(found, name, limit, part.origin, key)


def gpus(found: Found, value: Setting, key: str) -> None:
    if isinstance(value.value, tuple):
        reserved_gpus(found, value, key)
        return
    found.gpus = forms.gpus(plain(value), value.origin) or found.gpus
    if found.gpus is None:
        found.remarks.left_out(value.place, key, f"{plain(value)!r} names no GPUs", "write gpu: {count: 1}")


def reserved_gpus(found: Found, value: Setting, _: str) -> None:
    for device in each(value):
        ids, count = device.at(("device_ids",)), device.at(("count",))
        if ids is not None:
            found.gpus = FoundGpus(ids.origin, 0, tuple(plain(item) for item in each(ids)))
        else:
            found.gpus = forms.gpus("all" if count is None else plain(count), device.origin)


def network(found: Found, value: Setting, key: str) -> None:
    if value.value == "host":
        found.put("security.network", "host", value.origin)
    elif value.value not in ("bridge", "default", found.labels.get(labels.PROFILE)):
        hint = "a profile has a network of its own, which others join"
        found.remarks.left_out(value.place, key, f"the network {plain(value)} is not joined", hint)


def other_labels(found: Found, value: Setting, key: str) -> None:
    for name, item in pairs(value):
        if not name.startswith(OUR_LABELS):
            found.remarks.left_out(item.place, f"{key}.{name}", "a profile has no labels")


def health_test(found: Found, value: Setting, _: str) -> None:
    several = isinstance(value.value, tuple)
    test = [plain(item) for item in each(value)]
    found.put("health.test", test if several else ["CMD-SHELL", *test], value.origin)


def log_options(found: Found, value: Setting, key: str) -> None:
    take(found, value, key, _LOG)


def ipc(value: Any) -> str | None:
    return value if value in ("host", "private") else None


_LOG: Mapping[str, Take] = {"max-size": to("logging.max_size", size), "max-file": to("logging.max_file", whole)}
HEALTH: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "interval": ("health.interval", span), "timeout": ("health.timeout", span),
    "retries": ("health.retries", whole), "start_period": ("health.start_period", span),
}  # fmt: skip
