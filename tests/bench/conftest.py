"""What the tests share that measure real engines."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.bed import names
from tests.bench.playground import LLAMA, Bench

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.bed.engine import Engine


@pytest.fixture(scope="module")
def project(
    docker: Engine, python_image: str, free_port: Callable[[], int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(text: str, **files: Path) -> Bench:
        name = names.new()
        bench = Bench(docker, tmp_path_factory.mktemp(name), name)
        names.note(bench.project)
        bench.folder.chmod(0o755)
        low = free_port()
        bench.file("mmcompose.yaml", f"name: {name}\nbind: 127.0.0.1\nports: {low}-{low + 9}\nhost: here\n")
        bench.file(
            "profiles/hosts/here.yaml",
            f"machine: {{accelerator: cpu, memory: 6g, cores: 2, uid: {os.getuid()}, gid: {os.getgid()}}}\n",
        )
        bench.file("profiles/job.yaml", text)
        for path in files.values():
            place = bench.folder / "models" / path.name
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(path.read_bytes())
        bench.right("render")
        bench.client()
        made.append(bench)
        return bench

    yield make
    for bench in made:
        names.end(bench.project)


@pytest.fixture(scope="module")
def llama(project: Callable[..., Bench], llama_image: str, tiny_gguf: Path) -> Bench:
    return project(LLAMA.format(image=llama_image, model=tiny_gguf.name), model=tiny_gguf)
