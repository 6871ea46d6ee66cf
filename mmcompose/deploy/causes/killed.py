"""Explains a kill by the kernel for lack of memory: the limit, the peak, and a better number."""

from __future__ import annotations

from itertools import pairwise

from mmcompose.core.sizes import spoken
from mmcompose.deploy.causes.evidence import Evidence
from mmcompose.deploy.causes.reckon import FUNCTIONS
from mmcompose.engines.known.engine import all_known


def by_the_kernel(evidence: Evidence) -> tuple[str, str, str]:
    """The cause's name, its line, and the next command."""
    limit, peak = evidence.limit, evidence.memory_peak
    line = "the container ran out of memory: the kernel killed it"
    if limit:
        line += f" at its limit of {spoken(limit)}"
    if peak:
        line += f" (its peak was {spoken(peak)})" if limit else f" (it had taken {spoken(peak)})"
    size = FUNCTIONS["more_memory"](str(limit)) if limit else "SIZE"
    more = f"mmcompose up {evidence.profile} --set resources.memory={size}"
    if flag := _offload(evidence.container.command if evidence.container else ()):
        key = flag[0].removeprefix("--").replace("-", "_")
        line += f"; {flag[0]} {flag[1]} asks for that many GiB of it"
        less = f"{float(flag[1]) / 2:g}"
        return "host-memory", line, f"mmcompose up {evidence.profile} --set args.{key}={less}, or more: {more}"
    return "host-memory", line, more


def _offload(command: tuple[str, ...]) -> tuple[str, str] | None:
    """The flag that takes memory of the machine, and its value: a smaller one is the first remedy."""
    flags = {f"--{name}" for one in all_known() for name in one.host_gib}
    parts = [argument for one in command for argument in one.split("=", 1)] if command else []
    for flag, value in pairwise(parts):
        if flag[:2] + flag[2:].replace("-", "_") in flags and value.replace(".", "", 1).isdigit() and float(value) > 0:
            return flag.replace("_", "-"), value
    return None
