"""vLLM itself in an image, and a small model as it wants it.

Both are made once: 0.9 GB of packages, and an image of 3.7 GB.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.bed import images, models, pins, pip_settings, place
from tests.bed.commands import BedError, run, step
from tests.bed.recipes import Recipe

if TYPE_CHECKING:
    from tests.bed.engine import Engine

HERE = Path(__file__).parent
TAG = "mmcompose-bed/vllm-cpu:0.32.0"
BASE = Recipe("mmcompose-bed/vllm-base:1", pins.HOST_SUITE, ("python3", "python3-venv", "curl", "libgomp1", "libnuma1"))
PYTHON = (3, 11)
"""Of the base image: packages that are downloaded by another one would not fit."""


def ensure(engine: Engine) -> None:
    """The image is built again where its files changed; else all of it comes from the engine's cache."""
    wheels = downloaded()
    images.make(engine, BASE)
    with step(f"image {TAG} built"):
        engine.docker(
            "build", "--quiet", "--tag", TAG, "--build-context", f"wheels={wheels}", HERE, timeout=1200
        )  # fmt: skip


def downloaded() -> Path:
    """A folder with all packages; skips where they cannot be had."""
    wanted = HERE / "requirements.txt"
    folder = place.folder("vllm-wheels")
    done = folder / "done"
    if done.exists() and done.read_text() == wanted.read_text():
        return folder
    if sys.version_info[:2] != PYTHON:
        pytest.skip("packages for Python 3.11 are downloaded by Python 3.11 only")
    try:
        with step("packages of vLLM downloaded"):
            run(*pip_settings.pip(), "download", "--quiet", "--dest", folder, "--requirement", wanted, timeout=1200)
    except BedError as trouble:
        pytest.skip(f"vLLM cannot be downloaded: {trouble}"[:500])
    done.write_text(wanted.read_text())
    return folder


def smollm2(engine: Engine) -> Path:
    """SmolLM2 as a folder of safetensors, made in the image from the bed's GGUF file."""
    return models.kept("SmolLM2-135M-Instruct", lambda half: _convert(engine, models.smollm2(), half))


def _convert(engine: Engine, source: Path, sink: Path) -> None:
    mounts = (f"{HERE}:/code:ro", f"{source.parent}:/models")
    volumes = [term for mount in mounts for term in ("--volume", mount)]
    arguments = ["python", "/code/weights.py", f"/models/{source.name}", f"/models/{sink.name}"]
    engine.docker("run", "--rm", "--network", "none", *volumes, "--entrypoint", arguments[0], TAG, *arguments[1:])
    for path in sink.iterdir():
        path.chmod(0o644)
