"""Decides whether two loads are the same: some differences forbid a comparison, others are worth a remark. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mmcompose.bench.results.record import at

MUST_BE_ALIKE = (
    "mode", "dataset", "input_tokens", "output_tokens", "ignore_eos", "images", "prompt", "max_in_flight",
    "burstiness", "unique_prefix", "dataset_sha256", "shots",
)  # fmt: skip
"""The parts of a point's load that must be equal for a comparison."""
MATTERS_LESS = (
    "concurrency",
    "temperature",
    "extra_body",
    "timeout_s",
    "seed",
    "requests",
    "seconds",
    "warmup_requests",
    "words",
)
_ABOUT_THE_TARGET = (
    ("model", ("target", "model", "id")),
    ("model revision", ("target", "model", "revision")),
    ("engine", ("target", "engine", "name")),
    ("engine version", ("target", "engine", "version")),
    ("engine says", ("target", "server", "version")),
    ("image", ("target", "engine", "image")),
    ("image digest", ("target", "engine", "digest")),
    ("arguments", ("target", "engine", "args")),
    ("endpoint", ("target", "api")),
    ("profile", ("project", "profile_sha256")),
    ("git commit", ("project", "git_sha")),
    ("GPU", ("gpus",)),
    ("CPU", ("host", "cpu")),
    ("kernel", ("host", "kernel")),
    ("Docker", ("host", "docker")),
    ("client", ("run", "tool", "version")),
)


class Difference(NamedTuple):
    what: str
    before: str
    after: str


def loads(before: Mapping[str, Any], after: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[Difference]:
    """The differences between the loads of two points. A value that one of them lacks is no difference."""
    for name in names:
        mine, theirs = before.get(name), after.get(name)
        if mine != theirs and mine is not None and theirs is not None:
            yield Difference(name, short(mine), short(theirs))


def images(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    """The differences between the image files of two results, by their hashes."""
    mine, theirs = at(before, "load", "images"), at(after, "load", "images")
    if isinstance(mine, list) and isinstance(theirs, list) and _hashes(mine) != _hashes(theirs):
        yield Difference("images", f"{len(mine)} files", f"{len(theirs)} other files")


def targets(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for title, path in _ABOUT_THE_TARGET:
        mine, theirs = at(before, *path), at(after, *path)
        if path == ("gpus",):
            mine, theirs = _cards(mine), _cards(theirs)
        if isinstance(mine, list) and isinstance(theirs, list):
            gone, come = [x for x in mine if x not in theirs], [x for x in theirs if x not in mine]
            if mine != theirs:
                yield Difference(title, short(" ".join(map(str, gone))), short(" ".join(map(str, come))))
        elif mine != theirs:
            yield Difference(title, short(mine), short(theirs))


def _cards(gpus: Any) -> str | None:
    names = [f"{at(gpu, 'name')} (driver {at(gpu, 'driver')})" for gpu in gpus or () if isinstance(gpu, Mapping)]
    return ", ".join(names) or None


def _hashes(files: list[Any]) -> list[Any]:
    return sorted(str(at(file, "sha256")) for file in files)


def short(value: Any, most: int = 80) -> str:
    text = "-" if value is None else str(value)
    text = " ".join(text.split())
    return (text if len(text) <= most else text[: most - 1] + "…") or "-"
