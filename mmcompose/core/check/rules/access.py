"""The hardening rules about foreign code and open doors."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from mmcompose.core.place.subject import Around, Breach, Subject
from mmcompose.model import Path

_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_TRUST = ("trust_remote_code", "trust-remote-code")


def foreign_code(subject: Subject, _: Around) -> Iterator[Breach]:
    service = subject.service
    for path in _trusting(subject):
        if not _COMMIT.match(service.weights.revision or ""):
            yield path, "runs code from the model's repository, at no fixed commit", "pin weights.revision to a commit"
        elif path[0] != "unchecked_args" and ".".join(map(str, path)) not in service.why:
            name = ".".join(map(str, path))
            yield path, "runs code from the model's repository without a stated reason", f"write why: {name}"


def _trusting(subject: Subject) -> Iterator[Path]:
    """Yields the settings that let a program run code that lies beside the weights."""
    service = subject.service
    for name in _TRUST:
        if service.args.get(name) is True:
            yield ("args", name)
        unchecked = service.unchecked_args.get(name)
        if unchecked is not None and _on(unchecked.value):
            yield ("unchecked_args", name)
        for kind, given in service.bench_args.items():
            if _on((given or {}).get(name)):
                yield ("bench_args", kind, name)


def _on(value: object) -> bool:
    """Whether a flag is on: a given flag is, unless its value says off; no schema decides for `unchecked_args`."""
    return value is not None and value is not False and str(value).lower() not in ("false", "0", "no", "off")


def open_door(subject: Subject, around: Around) -> Iterator[Breach]:
    service, bind = subject.service, around.project.bind
    if not service.ports or is_loopback(bind) or _asks_for_a_key(subject):
        return
    name = next(iter(service.ports))
    probe, key = subject.engine.probe, "a key under secrets:"
    if probe.secret:
        key = f"a key: secrets: {{{probe.secret}: {{file: secrets/{probe.secret}}}}}"
    elif probe.key_env:
        key = f"a key: secrets: {{api_key: {{file: secrets/api_key, value_env: {probe.key_env}}}}}"
    hint = f"bind to 127.0.0.1 in mmcompose.yaml, or give the engine {key}"
    yield ("ports", name), f"published on {bind} without an API key", hint


def _asks_for_a_key(subject: Subject) -> bool:
    """Whether clients must send a key: the probe's secret, the engine's own variable, or an `api_key_file`."""
    secrets, probe = subject.service.secrets, subject.engine.probe
    if probe.secret in secrets:
        return True
    if probe.key_env and any(secret.value_env == probe.key_env for secret in secrets.values()):
        return True
    file = subject.service.args.get("api_key_file")
    return isinstance(file, str) and file.removeprefix("/run/secrets/") in secrets


def is_loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback
