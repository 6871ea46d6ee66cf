"""The labels of containers: written into compose files, and read back from running containers."""

from __future__ import annotations

_OURS = "mmcompose"

PROJECT = f"{_OURS}.project"
PROFILE = f"{_OURS}.profile"
SERVICE = f"{_OURS}.service"
BACKEND = f"{_OURS}.backend"
MODEL = f"{_OURS}.model"
HOST = f"{_OURS}.host"
GPUS = f"{_OURS}.gpus"
SHARE = f"{_OURS}.share"
VRAM = f"{_OURS}.vram"
MEMORY = f"{_OURS}.memory"
CONFIG = f"{_OURS}.config"
"""The hash of the files that it mounts: Compose does not recreate a container when a mounted file changes."""
ROLE = f"{_OURS}.role"
"""What it does beside an engine, such as `bench`; engines carry none."""
BENCH = f"{_OURS}.bench"
"""What it measures."""
ADDRESS = f"{_OURS}.address"
"""Which server it measures, where that is no profile's."""
LOCK = f"{_OURS}.lock"
"""Begins the labels of the container that stands for a hand-over."""

HELD = frozenset({GPUS, SHARE, VRAM, MEMORY, CONFIG})
"""Labels for the resources that a container holds, and for the files that it was made from."""
