"""How far each engine is, by one quick look at all of them at the same time, so that a slow one delays nothing."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mmcompose.deploy import keys, reach, starts
from mmcompose.deploy.ready import glance
from mmcompose.deploy.target import target

if TYPE_CHECKING:
    from mmcompose.deploy.observe import Deployment, Running
    from mmcompose.deploy.talk import Address
    from mmcompose.deploy.target import Expected
    from mmcompose.model import Stack

WITHIN = 2.0
"""Seconds for all of them together."""

_AT_ONCE = 32


class Look(NamedTuple):
    """One engine to be asked. `fault` is what the last start found wrong with it."""

    container: str
    expected: Expected
    address: Address
    fault: str


class Seen(NamedTuple):
    """How far it is, and what else a person should know."""

    phase: str
    note: str = ""


def glances(root: Path, found: Iterable[Deployment], stack: Stack | None) -> dict[str, Seen]:
    """By container, of those that can be asked from here."""
    looks = [look for one in found for look in _looks(root, one, stack)]
    if not looks:
        return {}
    end = time.monotonic() + WITHIN
    with ThreadPoolExecutor(max_workers=min(len(looks), _AT_ONCE)) as workers:
        seen = workers.map(lambda look: _seen(root, look, end), looks)
        return {look.container: one for look, one in zip(looks, seen, strict=True)}


def _looks(root: Path, deployment: Deployment, stack: Stack | None) -> Iterator[Look]:
    if stack is None or deployment.project != stack.project.name or deployment.profile not in stack.profiles:
        return
    known = {one.service: one for one in target(stack, deployment.profile).services}
    running = [one for one in deployment.engines if one.status == "running"]
    faults = starts.faults(root, deployment.profile, running)
    for one in running:
        expected = known.get(one.service)
        address = reach.address(one, expected.listen) if expected else None
        if expected and address and (expected.probe.health or expected.probe.models):
            yield Look(one.id, expected, address, faults.get(one.id, ""))


def _seen(root: Path, look: Look, end: float) -> Seen:
    """An engine that failed in the last start is sent a request again, to see whether it answers now."""
    try:
        key = keys.key(root, look.expected)
    except keys.BadKeyError as bad:
        return Seen("model", str(bad))
    probe, name, left = look.expected.probe, look.expected.served_name, end - time.monotonic()
    phase = glance(look.address, probe, name, key, within=left, ask=bool(look.fault))
    return Seen(phase, f"the last start found that {look.fault}" if look.fault and phase != "ready" else "")


def of_health(one: Running) -> Seen:
    """The result of Docker's own health check, for an engine that cannot be asked from here."""
    return Seen({"healthy": "ready", "": "ready", "starting": "health"}.get(one.health, one.health))
