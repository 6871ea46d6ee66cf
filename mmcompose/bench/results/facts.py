"""Lists the facts that a reader needs before trusting a figure: the place of the measurement, and the warnings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mmcompose.bench.results import knee
from mmcompose.bench.results.figures import figures, notes
from mmcompose.bench.results.metrics import shown
from mmcompose.bench.results.record import Record, at


class Fact(NamedTuple):
    title: str
    text: str


_FACTS = (
    ("measured", ("run", "started")),
    ("status", ("run", "status")),
    ("profile", ("target", "profile")),
    ("model", ("target", "model", "id")),
    ("revision", ("target", "model", "revision")),
    ("engine", ("target", "engine", "name")),
    ("engine version", ("target", "engine", "version")),
    ("engine says", ("target", "server", "version")),
    ("image", ("target", "engine", "image")),
    ("digest", ("target", "engine", "digest")),
    ("endpoint", ("target", "base_url")),
    ("CPU", ("host", "cpu")),
    ("cores", ("host", "cores")),
    ("memory", ("host", "ram_mib")),
    ("kernel", ("host", "kernel")),
    ("Docker", ("host", "docker")),
    ("git commit", ("project", "git_sha")),
    ("profile digest", ("project", "profile_sha256")),
    ("client", ("run", "tool", "version")),
    ("loop", ("run", "client", "loop")),
)
_UNITS = {"memory": " MiB"}


def summary(record: Record) -> dict[str, Any]:
    """One run in a list of many."""
    smoke = any(at(flag, "id") == "smoke" for point in record.points for flag in point.get("validity") or ())
    scores = [f"{each.point} {each.name} {shown(each.value)}" for each in figures(record.points)]
    scores = [f"{score} (smoke)" for score in scores] if smoke else scores
    rates = [rate for point in record.points if (rate := knee.throughput(point))]
    failed = at(record.result, "verdict", "ok") is False and record.status == "complete"
    return {
        "run": record.folder.name,
        "kind": record.kind,
        "name": record.name,
        "started": str(at(record.result, "run", "started") or "")[:19],
        "status": "failed" if failed else record.status,
        "points": len(record.points),
        "best": scores[0] if scores else shown(max(rates), knee.of(record.points).unit) if rates else "-",
    }


def environment(record: Record) -> Iterator[Fact]:
    for title, path in _FACTS:
        value = at(record.result, *path)
        if value is not None and value != "":
            edited = title == "git commit" and at(record.result, "project", "dirty") is True
            dirty = " (with uncommitted changes)" if edited else ""
            yield Fact(title, f"{shortened(str(value))}{_UNITS.get(title, '')}{dirty}")
    for gpu in record.result.get("gpus") or ():
        if isinstance(gpu, Mapping):
            memory = f", {gpu['memory_mib']} MiB" if gpu.get("memory_mib") else ""
            yield Fact(f"GPU {gpu.get('index', '')}".strip(), f"{gpu.get('name')}{memory}, driver {gpu.get('driver')}")
    args = at(record.result, "target", "engine", "args")
    if isinstance(args, list) and args:
        yield Fact("arguments", " ".join(map(str, args)))


def where(record: Record) -> str:
    """The surroundings on one line: engine, release, card or processor, day."""
    gpus = [gpu for gpu in record.result.get("gpus") or () if isinstance(gpu, Mapping)]
    names = dict.fromkeys(str(gpu.get("name")) for gpu in gpus)
    machine = ", ".join(f"{len(gpus)} x {name}" if len(gpus) > 1 else name for name in names)
    parts = [
        " ".join(str(part) for name in ("name", "version") if (part := at(record.result, "target", "engine", name))),
        machine or str(at(record.result, "host", "cpu") or ""),
        str(at(record.result, "run", "started") or "")[:10],
    ]
    return ", ".join(part for part in parts if part)


def shortened(value: str) -> str:
    """The beginning of a hash; the result holds all of it."""
    return re.sub(r"\b([0-9a-f]{12})[0-9a-f]{28,52}\b", r"\1", value)


def warnings(record: Record) -> Iterator[str]:
    """The warnings, the gravest first: an unfinished run, failures, then each point's own flags."""
    run = record.result["run"]
    if record.status != "complete":
        reason = f": {run['exit_reason']}" if run.get("exit_reason") else ""
        yield f"this run is {record.status}{reason}"
    cause = at(record.result, "diagnosis", "cause")
    if cause:
        hint = at(record.result, "diagnosis", "next")
        yield f"the server: {cause}" + (f" (next: {hint})" if hint else "")
    verdict = record.result.get("verdict")
    if isinstance(verdict, Mapping) and verdict.get("ok") is False and record.status == "complete":
        yield from (f"failed: {reason}" for reason in verdict.get("reasons") or ("no reason was given",))
    yield from record.notes
    yield from notes(record.points)
    grouped: dict[tuple[str, str], list[str]] = {}
    for point in record.points:
        for flag in point.get("validity") or ():
            grouped.setdefault((str(at(flag, "id")), str(at(flag, "meaning") or "")), []).append(point["name"])
    for (name, meaning), points in grouped.items():
        yield f"{name} at {', '.join(points)}: {meaning}"


def errors(record: Record) -> list[tuple[str, str, int, str]]:
    """Point, class, count, and an example of the server's text in one line."""
    return [
        (point["name"], str(name), int(count), " ".join(str(at(point, "error_examples", name) or "").split()))
        for point in record.points
        for name, count in sorted((point.get("errors") or {}).items())
        if isinstance(count, int)
    ]


def command(record: Record) -> str:
    """The command that repeats the run."""
    import shlex

    given: Any = at(record.result, "run", "repeat_with") or at(record.result, "run", "command")
    if isinstance(given, str):
        return given
    arguments = [str(one) for one in given] if isinstance(given, list) else []
    return shlex.join(["mmbench", *arguments]) if arguments else ""
