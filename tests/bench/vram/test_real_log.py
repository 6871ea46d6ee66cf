"""A real llama.cpp server tells the sizes of its buffers, in the words that are looked for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from mmcompose.bench.vram.engine_log import figures
from mmcompose.engines.known.engine import known
from tests.bed.commands import run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bed.engine import Engine

pytestmark = pytest.mark.docker


def log_of(docker: Engine, container: str) -> list[str]:
    """Both streams, when it serves or after a while."""
    arguments = [str(term) for term in docker.command("logs", container)]
    end = time.monotonic() + 300
    while True:
        text = run("sh", "-c", '"$@" 2>&1', "--", *arguments, env=docker.environment())
        if "listening" in text or time.monotonic() > end:
            return text.splitlines()
        time.sleep(0.2)


@pytest.mark.parametrize(("verbosity", "reported"), [("4", True), ("3", False)])
def test_llama_cpp_tells_its_buffers_at_the_verbosity_that_we_name(
    docker: Engine, llama_image: str, tiny_gguf: Path, verbosity: str, reported: bool
) -> None:
    line = ("--model", "/m.gguf", "--host", "0.0.0.0", "--log-verbosity", verbosity)
    container = docker.docker("run", "-d", "-v", f"{tiny_gguf}:/m.gguf:ro", llama_image, *line).strip()
    try:
        found = figures(known("llamacpp"), log_of(docker, container))
    finally:
        docker.docker("rm", "--force", container)
    assert ("host_weights_mib" in found and "host_kv_cache_mib" in found) is reported
    assert "weights_mib" not in found, "nothing is on a GPU here"
