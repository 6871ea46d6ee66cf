"""Reads the links that mmcompose.yaml allows, before all other files."""

from __future__ import annotations

import posixpath

from mmcompose.core.read.load import load
from mmcompose.model.paths import SETTINGS


def allowed_links(settings: bytes) -> frozenset[str]:
    """The paths under `allow_links:`. A file with faults allows nothing; another check reports its faults."""
    tree, problems = load("project", SETTINGS, settings)
    found = tree.present(("allow_links",)) if tree is not None and not problems else None
    entries = found.plain() if found is not None else ()
    return frozenset(
        posixpath.normpath(entry["path"])
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and isinstance(entry.get("path"), str) and entry.get("reason")
    )
