"""Paths and names in a project that several rooms read and write. `model.targets` has those of rendered files."""

from __future__ import annotations

OURS = "mmcompose:"
"""Begins a build context that comes with mmcompose: `mmcompose:rapidocr`."""

SETTINGS = "mmcompose.yaml"
MODEL_LOCK = ".lock.yaml"
"""Ends the name of the file with the hashes of a model, which no render reads."""
PRIVATE = ".mmcompose"
"""What is kept beside the project and never committed."""
RESULTS = "benchmarks/results"
FETCH = "fetch"
"""The folder in `services/` of the program that gets weights, and its build folder."""
EVALS = "eval"
"""The folder in `services/` of the image that evals run in, and its build folder."""


def image(folder: str, content: str) -> str:
    """The image that is built from a folder of ours, tagged by the hash of its content."""
    return f"mmcompose/{folder}:{content[:12] or '0'}"


def below(path: str, folder: str) -> bool:
    """Whether a path is this folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def is_remote(context: str) -> bool:
    """Whether a build context is a git URL, and no folder of the machine."""
    return "://" in context or context.startswith("git@")


def of_profile(name: str) -> str:
    return f"profiles/{name}.yaml"


def of_host(name: str) -> str:
    return f"profiles/hosts/{name}.yaml"
