"""Looks at all engines at the same time, once and quickly, so that a slow one delays nothing.

An engine may report health and answer no request, so each gets one request, as small as possible. Only an engine under
a benchmark gets none.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from mmcompose.deploy.docker.observe import Deployment, Running
from mmcompose.deploy.ready import keys, reach
from mmcompose.deploy.ready.questions import glance
from mmcompose.deploy.ready.talk import Address
from mmcompose.deploy.wanted import Expected, expected_of
from mmcompose.model import Stack

WITHIN = 2.0
"""Seconds for all of them together."""

_AT_ONCE = 32
_LASTS = 30.0
"""Seconds for which a repeated look trusts an answer."""
_UNSURE = "it is stuck, or slow, or busy with others: to wait longer for it, type mmcompose test"

Answered = dict[str, float]
"""By container, when it answered a request; the caller keeps it between looks."""


class EngineLook(NamedTuple):
    """One engine to look at; `ask`: also by a request."""

    container: str
    profile: str
    expected: Expected
    address: Address
    ask: bool


class EngineState(NamedTuple):
    """The phase of an engine, and remarks for a person."""

    phase: str
    note: str = ""


def glances(
    root: Path, found: Iterable[Deployment], stack: Stack | None, answered: Answered | None = None
) -> dict[str, EngineState]:
    """The states by container, of the engines within reach; `answered` collects the engines that answered a request."""
    answered = {} if answered is None else answered
    looks = [look for one in found for look in _looks(one, stack, answered)]
    if not looks:
        return {}
    end = time.monotonic() + WITHIN
    with ThreadPoolExecutor(max_workers=min(len(looks), _AT_ONCE)) as workers:
        seen = list(workers.map(lambda look: _seen(root, look, end), looks))
    now = time.monotonic()
    answered |= {
        look.container: now for look, one in zip(looks, seen, strict=True) if look.ask and one.phase == "ready"
    }
    return {look.container: one for look, one in zip(looks, seen, strict=True)}


def _looks(deployment: Deployment, stack: Stack | None, answered: Answered) -> Iterator[EngineLook]:
    known = expected_of(stack, deployment.project, deployment.profile)
    for one in deployment.engines:
        expected = known.get(one.service)
        address = reach.address(one, expected.listen) if expected and one.status == "running" else None
        if expected and address and (expected.probe.health or expected.probe.models):
            fresh = time.monotonic() - answered.get(one.id, float("-inf")) < _LASTS
            yield EngineLook(one.id, deployment.profile, expected, address, ask=not fresh and not deployment.measuring)


def _seen(root: Path, look: EngineLook, end: float) -> EngineState:
    try:
        key = keys.key(root, look.expected)
    except keys.BadKeyError as bad:
        return EngineState("model", str(bad))
    probe, name, left = look.expected.probe, look.expected.served_name, end - time.monotonic()
    found = glance(look.address, probe, name, key, within=left, ask=look.ask)
    if found.phase == "ready":
        return EngineState("ready")
    answer = keys.hiding(root, look.expected.secrets)(found.last_answer)
    return EngineState(found.phase, f"{answer}; {_UNSURE} {look.profile}" if found.phase == "token" else answer)


def of_health(one: Running) -> EngineState:
    """The result of Docker's own health check, for an engine out of our reach."""
    return EngineState({"healthy": "ready", "": "ready", "starting": "health"}.get(one.health, one.health))
