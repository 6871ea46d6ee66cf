"""Writes the results of runs that mmcompose itself begins; the client writes its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mmcompose.bench.results.record import MINOR, RESULT, SCHEMA
from mmcompose.bench.whole_files import replace

_BLOCKS = ("target", "host", "gpus", "project")


def begun(kind: str, run: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """A result without points. `known` has blocks about the place."""
    target = {"base_url": "", **(known.get("target") or {})}
    blocks = {**{name: known.get(name) for name in _BLOCKS}, "target": target}
    return {"schema": SCHEMA, "schema_minor": MINOR, "kind": kind, "run": dict(run), **blocks, "points": []}


def write(folder: Path, result: Mapping[str, Any]) -> None:
    """Replaces the result whole. Raises OSError."""
    replace(folder / RESULT, json.dumps(result, indent=1, ensure_ascii=False) + "\n")


def stamp(moment: datetime | None = None) -> str:
    """A moment as results have it; without one, now."""
    return (moment or datetime.now(UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
