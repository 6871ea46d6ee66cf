"""A project whose models come from a double of the hub, on the bed's engine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.bed import images, names
from tests.bench.playground import Bench
from tests.hub import Hub, Repository, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.bed.engine import Engine

MODEL = """
    weights: {repo: org/tiny-GGUF, file: tiny.gguf, format: gguf, size: 1m}
    served_name: tiny
"""
PROFILE = """
    model: tiny
    image: {image}
    engine_version: b9603
    args: {{ctx_size: {context}, parallel: 1, threads: 1}}
    resources: {{memory: 1g}}
    health: {{interval: 1s}}
"""


@pytest.fixture(scope="module")
def hub(docker: Engine, tiny_gguf: Path) -> Iterator[Hub]:
    """It listens where containers reach this machine."""
    gateway = docker.docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}").strip()
    tiny = Repository("org/tiny-GGUF", {"tiny.gguf": tiny_gguf, "README.md": b"Tiny."})
    gated = Repository("org/gated-GGUF", {"tiny.gguf": tiny_gguf}, gated=True)
    old = Repository("org/old-GGUF", {"old.gguf": tiny_gguf.read_bytes() + bytes(1 << 20)})
    with serving(tiny, gated, old, bind="0.0.0.0", shown_as=gateway) as running:
        yield running


@pytest.fixture(scope="module")
def served(
    docker: Engine,
    python_image: str,
    llama_image: str,
    hub: Hub,
    free_port: Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Bench]:
    name = names.new()
    project = Bench(docker, tmp_path_factory.mktemp(name), name)
    names.note(project.project)
    project.folder.chmod(0o755)
    low = free_port()
    project.file("mmcompose.yaml", f"name: {name}\nbind: 127.0.0.1\nports: {low}-{low + 9}\nhost: here\n")
    machine = f"accelerator: cpu, memory: 64g, cores: 2, uid: {os.getuid() or 1000}, gid: {os.getgid() or 1000}"
    project.file("profiles/hosts/here.yaml", f"machine: {{{machine}, hub: '{hub.url}'}}\n")
    project.file("profiles/models/tiny.yaml", MODEL)
    project.file("profiles/chat.yaml", PROFILE.format(image=llama_image, context=512))
    project.file("profiles/other.yaml", PROFILE.format(image=llama_image, context=1024))
    project.right("render")
    tag = (project.folder / "compose/chat.yaml").read_text().partition("mmcompose/fetch:")[2].partition('"')[0]
    images.build(project.folder / "compose/build/fetch", f"mmcompose/fetch:{tag}", engine=docker)
    yield project
    names.end(project.project)
