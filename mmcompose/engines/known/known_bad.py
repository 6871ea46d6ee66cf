"""The known faults of each engine: tables of data. The next such fact is a row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from mmcompose.engines.known.folder import fixed, text
from mmcompose.model import Capability, KnownBad


@cache
def shipped(engine: str) -> Mapping[str, KnownBad]:
    """The rows of one engine by name; a profile can lift a row by its name. Read at first use."""
    rows = json.loads(text(engine, "known_bad.json") or "{}")
    return {name: row(value) for name, value in rows.items()}


def row(value: Mapping[str, Any]) -> KnownBad:
    compute = Capability(**value.get("compute", {}))
    return KnownBad(**{**fixed(value), "compute": compute})
