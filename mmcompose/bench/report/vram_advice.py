"""Draws advice from a report: one line for each thing to do. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mmcompose.bench.report.vram import Measured, Report, mb, seconds

_SLOW_LOAD_S = 5.0
HEADROOM = 0.15
"""The part of the available memory for inference buffers and the framework: 10 to 15 per cent."""


def advice(report: Report) -> list[str]:
    return [*_each(report), *_together(report)]


def _each(report: Report) -> Iterator[str]:
    for one in report.results:
        if one.refused:
            continue
        if not one.ok:
            yield _failed(one)
            continue
        if one.actual_mb is not None and one.estimated_mb is not None and one.actual_mb > one.estimated_mb:
            more = mb(one.actual_mb - one.estimated_mb)
            yield (
                f"{one.name} takes {mb(one.actual_mb)}, {more} above its estimate of {mb(one.estimated_mb)}: "
                "`mmcompose bench promote` writes what was measured into the profile"
            )
        if one.actual_mb is not None and round(one.actual_mb) <= 0:
            yield (
                f"{one.name} shows {mb(one.actual_mb)}, which no loaded model takes: look whether it went to the CPU, "
                "and whether this user may read the GPU (nvidia-smi)"
            )
        if one.load_s is not None and one.load_s > _SLOW_LOAD_S:
            yield f"{one.name} needs {seconds(one.load_s)} to load: warm it up before it is asked, or load it lazily"
    unread = [one.name for one in report.loaded if one.actual_mb is None]
    if unread:
        yield (
            f"the memory of {', '.join(unread)} could not be read: run this on the machine with the GPU, "
            "as a user for whom nvidia-smi works"
        )


def _failed(one: Measured) -> str:
    if "out of memory" in one.error.lower():
        return (
            f"{one.name} failed for lack of memory: see in `mmcompose status` and nvidia-smi who holds it, then repeat"
        )
    return f"{one.name} failed: look at its dependencies, its source and the CUDA version; the JSON has the whole error"


def _together(report: Report) -> Iterator[str]:
    available, known = report.available_mb, report.known_mb
    if available is None or not known:
        return
    total, largest = sum(known), max(known)
    keep = f"keep 10-15 % ({mb(0.10 * available)} to {mb(HEADROOM * available)}) free for inference buffers"
    if largest > available * (1 - HEADROOM):
        yield f"the largest takes {mb(largest)} of {mb(available)} available: {keep}"
    elif total > available and len(known) > 1:
        yield (
            f"all together take {mb(total)}, and {mb(available)} are available: "
            "disable some of them, or swap them in one at a time"
        )
    elif total > available * (1 - HEADROOM) and len(known) > 1:
        yield f"all together take {mb(total)} of {mb(available)} available: {keep}"
