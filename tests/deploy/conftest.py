"""Projects for the tests of the runner, on the engines of the bed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.deploy.playground import IMAGE, Playground

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bed.engine import Engine
    from tests.bed.project import Project


@pytest.fixture
def play(python_image: str, compose_project: Project, free_port: Callable[[], int]) -> Playground:
    """A project on the first engine."""
    assert python_image == IMAGE
    return Playground(compose_project, free_port()).set_up()


@pytest.fixture
def play_on(
    python_image: str,
    compose_project_on: Callable[[Engine], Project],
    shared_image: Callable[[str, Engine], str],
    free_port: Callable[[], int],
) -> Callable[[Engine, str], Playground]:
    """A project on any engine, with the host of that name."""

    def make(where: Engine, host: str = "here") -> Playground:
        shared_image(python_image, where)
        return Playground(compose_project_on(where), free_port()).set_up(host)

    return make


@pytest.fixture
def cards(gpu_engine: Engine, play_on: Callable[[Engine, str], Playground]) -> Playground:
    """A project on the engine with two simulated GPUs."""
    return play_on(gpu_engine, "cards")
