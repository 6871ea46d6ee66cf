"""What is known not to work, engine by engine: tables in the data of the engines. The next such fact is a row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from mmcompose.model import Capability, KnownBad

_DATA = resources.files("mmcompose.engines") / "data" / "known_bad"


@cache
def shipped(engine: str) -> Mapping[str, KnownBad]:
    """The rows of one engine by their names, under which they can be lifted; read on demand."""
    table = _DATA / f"{engine}.json"
    if "/" in engine or not table.is_file():
        return {}
    return {name: row(value) for name, value in json.loads(table.read_text(encoding="utf-8")).items()}


def row(value: Mapping[str, Any]) -> KnownBad:
    compute = Capability(**value.get("compute", {}))
    return KnownBad(**{**value, "compute": compute, "models": tuple(value.get("models", ()))})
