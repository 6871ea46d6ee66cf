"""Paths and names in a project that several rooms read and write. `model.targets` has those of rendered files."""

from __future__ import annotations

OURS = "mmcompose:"
"""Begins a build context that comes with mmcompose: `mmcompose:rapidocr`."""

SETTINGS = "mmcompose.yaml"
PRIVATE = ".mmcompose"
"""What is kept beside the project and never committed."""
RESULTS = "benchmarks/results"


def of_profile(name: str) -> str:
    return f"profiles/{name}.yaml"


def of_host(name: str) -> str:
    return f"profiles/hosts/{name}.yaml"
