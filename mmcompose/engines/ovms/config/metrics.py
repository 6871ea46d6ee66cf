"""Checks the names of the server's metrics, in a config.json and in a profile alike."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from mmcompose.engines.flags.nearest import did_you_mean
from mmcompose.engines.known.metrics import table
from mmcompose.engines.ovms.catalogue import find_release
from mmcompose.engines.ovms.releases import Release
from mmcompose.model import Fault


class MetricFault(NamedTuple):
    message: str
    hint: str = ""
    unknown: bool = False
    """A later release may know it."""


def metric_fault(name: str, before: Collection[str], release: Release) -> MetricFault | None:
    """The server's objection to one name, after those `before` it in the list."""
    known = _known()
    since = known.get(name)
    if since is None:
        return MetricFault(f"the server has no metric {name!r}", did_you_mean(name, known), unknown=True)
    if lacking := release.lacks(since, None):
        return MetricFault(f"{name} {lacking}")
    if name in before:
        return MetricFault(f"{name} is listed twice, which the server refuses")
    return None


def _known() -> dict[str, str]:
    """Each name that may be enabled, and the release that introduced it."""
    found = table("ovms")
    return {row.name: row.since or "" for row in found.rows} if found else {}


def check_metrics(names: Sequence[str], release: str) -> Iterator[Fault]:
    """Checks the `metrics:` of a profile's graph. The check of the graph reports an unknown release."""
    settled = find_release(release)
    if not isinstance(settled, Release):
        return
    for index, name in enumerate(names):
        fault = metric_fault(name, names[:index], settled)
        if fault:
            yield Fault.of(f"metrics[{index}]", fault.message, fault.hint, "ovms-metric")
