"""The stages of the stories: one project for the session, on the engine that each profile needs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.bed import names
from tests.bed.engine import Engine
from tests.bed.project import Project
from tests.scenarios.stage import Stage, needs_gpus
from tests.standin.project import ROOT, Shipped, make

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OCR = "mmcompose-bed/rapidocr:as-shipped"


@pytest.fixture(scope="session")
def in_use() -> list[Engine]:
    """The engines that stages were put on."""
    return []


@pytest.fixture(scope="session")
def new_shipped(in_use: list[Engine]) -> Iterator[Callable[[list[Engine]], Shipped]]:
    """Copies of the shipped profiles, each under a name of its own; what Docker made of them is removed afterwards."""
    made: list[tuple[Shipped, list[Engine]]] = []

    def new(engines: list[Engine]) -> Shipped:
        folder = Path(tempfile.mkdtemp(prefix="mmcompose-scenario-"))
        shipped = make(folder, names.new())
        for engine in engines:
            names.note(Project(engine, shipped.name, shipped.folder))
        made.append((shipped, engines))
        return shipped

    yield new
    for shipped, engines in made:
        for engine in {*engines, *in_use}:
            names.end(Project(engine, shipped.name, shipped.folder))


@pytest.fixture(scope="session")
def ocr_as_shipped(docker: Engine, python_image: str) -> str:
    """The OCR service as it lies in compose/, built by real Docker."""
    from tests.bed import images

    images.build(ROOT / "compose/build/rapidocr", OCR)
    return OCR


@pytest.fixture(scope="session")
def stage_for(
    docker: Engine,
    in_use: list[Engine],
    ocr_as_shipped: str,
    llama_image: str,
    gpu_engine_of: Callable[[int], Engine],
    free_port: Callable[[], int],
) -> Callable[[Shipped, str], Stage]:
    """Profiles that name NVIDIA devices go to an engine with eight simulated ones, all others to the first engine."""
    real = {"ocr-cpu": ocr_as_shipped, "chat-tiny": llama_image}

    def choose(shipped: Shipped, profile: str) -> Stage:
        gpus = needs_gpus(shipped.document(profile))
        engine = gpu_engine_of(8) if gpus else docker
        in_use.append(engine)
        names.note(Project(engine, shipped.name, shipped.folder))
        return Stage(engine, docker, shipped, free_port, real)

    return choose


@pytest.fixture(scope="session")
def shipped(docker: Engine, new_shipped: Callable[..., Shipped]) -> Shipped:
    return new_shipped([docker])
