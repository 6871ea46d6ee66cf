"""What a test asks the bed for. Each fixture sets up what is missing, or skips by name where that cannot be done."""

from __future__ import annotations

import random
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from tests.bed import browser, engine, gpusim, images, models, names, old_engine
from tests.bed import spare_engine as spare
from tests.bed.commands import NotHereError
from tests.bed.engine import Engine
from tests.bed.project import Project
from tests.bed.recipes import BUILT, LLAMA, RECIPES
from tests.lanes import slice_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Have = TypeVar("Have")


def had(ensure: Callable[[], Have]) -> Have:
    """A thing of the bed's, or a skip that says what is missing. A set-up that breaks is an error, never a skip."""
    try:
        return ensure()
    except NotHereError as missing:
        pytest.skip(str(missing))


def cleared(ensure: Callable[[], Engine]) -> Engine:
    """An engine without what a session left there that was killed."""
    found = had(ensure)
    names.clear(found)
    return found


@pytest.fixture(scope="session")
def docker() -> Engine:
    """A Docker Engine that answers, with Compose and buildx; the host is the environment's own."""
    return cleared(engine.ensure)


@pytest.fixture(scope="session")
def base_image(docker: Engine) -> str:
    """A plain Debian on the first engine."""
    images.ensure(docker, ["base"])
    return RECIPES["base"].tag


@pytest.fixture(scope="session")
def python_image(docker: Engine) -> str:
    """The Python image that the project's Dockerfiles start from."""
    images.ensure(docker, ["python"])
    return RECIPES["python"].tag


@pytest.fixture(scope="session")
def llama_image(docker: Engine) -> str:
    """A real llama.cpp server under the bed's own name: listens on 8080, entrypoint /app/llama-server."""
    images.ensure(docker, ["llama"])
    return LLAMA


@pytest.fixture(scope="session")
def ocr_image(docker: Engine) -> str:
    """The project's own OCR service, built from compose/build/rapidocr."""
    images.ensure_built(docker, ["ocr"])
    return BUILT["ocr"].tag


@pytest.fixture(scope="session", name="browser")
def a_browser(request: pytest.FixtureRequest) -> browser.Browser:
    """A real Chromium."""
    return browser.local() or browser.in_a_container(request.getfixturevalue("docker"))


@pytest.fixture(scope="session")
def tiny_gguf() -> Path:
    """A model of 0.4 MB that loads at once and answers noise."""
    pytest.importorskip("gguf", reason="the development dependencies are not installed")
    return models.tiny_gguf()


@pytest.fixture(scope="session")
def smollm2() -> Path:
    """A real small model, 98 MB."""
    return models.smollm2()


@pytest.fixture(scope="session")
def gpu_engine() -> Engine:
    """An engine with two simulated GPUs; gpusim.asked(engine, container) tells what a container was given."""
    return cleared(gpusim.ensure)


@pytest.fixture(scope="session")
def gpu_engine_of() -> Callable[[int], Engine]:
    """An engine with as many simulated GPUs as asked for."""
    return lambda gpus: cleared(lambda: gpusim.ensure(gpus))


@pytest.fixture(scope="session", name="old_engine")
def oldest_engine() -> Engine:
    """Docker Engine 20.10."""
    return cleared(old_engine.ensure)


@pytest.fixture
def spare_engine() -> Engine:
    """An engine of the newest version that the test may kill (spare_engine.kill) and start again (ensure)."""
    return cleared(spare.ensure)


@pytest.fixture(scope="session")
def shared_image(docker: Engine) -> Callable[[str, Engine], str]:
    """Have an image of the first engine's on another engine too."""

    def share(tag: str, sink: Engine) -> str:
        images.share(tag, docker, sink)
        return tag

    return share


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """A port nobody listens on, another one at each call; below those that the kernel gives to clients."""
    left = list(slice_of(range(20000, 32000)))
    random.shuffle(left)

    def pick() -> int:
        while not bindable(port := left.pop()):
            pass
        return port

    return pick


def bindable(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return False
        return True


@pytest.fixture
def compose_project_on() -> Iterator[Callable[[Engine], Project]]:
    """Projects with names of their own on any engine; everything under those names is removed afterwards."""
    made: list[Project] = []

    def make(where: Engine) -> Project:
        folder = Path(tempfile.mkdtemp(prefix="mmcompose-test-"))
        folder.chmod(0o755)
        made.append(names.note(Project(where, names.new(), folder)))
        return made[-1]

    yield make
    for project in made:
        names.end(project)


@pytest.fixture
def compose_project(docker: Engine, compose_project_on: Callable[[Engine], Project]) -> Project:
    """A Compose project on the first engine."""
    return compose_project_on(docker)
