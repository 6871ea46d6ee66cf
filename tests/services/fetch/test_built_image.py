"""The real thing: in its own image and as a folder in another, hardened as it is deployed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.bed import images
from tests.bed.commands import BedError
from tests.hub import Hub, Repository, serving
from tests.services.conftest import SERVICES, eventually
from tests.services.fetch.weights import MODEL, safetensors

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bed.engine import Engine

pytestmark = pytest.mark.docker

TAG = "mmcompose-bed/fetch:test"
USER = str(os.getuid() or 1000)
HARDENED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user", f"{USER}:{USER}")
NOTHING = "org/name at main: nothing to do\n"


@pytest.fixture(scope="module")
def image(docker: Engine, python_image: str) -> str:
    images.build(SERVICES / "fetch", TAG)
    return TAG


@pytest.fixture
def run(docker: Engine, tmp_path: Path) -> Callable[..., str]:
    """`docker run` with a store of this test; the double is asked over the host's own network."""
    store = tmp_path / "store"
    store.mkdir()
    store.chmod(0o777)

    def start(hub: Hub, *line: str, more: tuple[str, ...] = ()) -> str:
        mount = ("--volume", f"{store}:/store", "--network", "host", "--env", f"HF_ENDPOINT={hub.url}")
        command = ("fetch", "--store", "/store", "--repo", "org/name")
        return docker.docker("run", *HARDENED, *mount, *more, *line, *command)

    return start


def test_its_own_image_fetches_with_a_read_only_root(run: Callable[..., str], image: str, tmp_path: Path) -> None:
    with serving(Repository("org/name", MODEL)) as hub:
        assert run(hub, image, more=("--rm",)).endswith("in 4 files are there\n")
        assert run(hub, image, more=("--rm",)) == NOTHING
    assert {path.read_bytes() for path in (tmp_path / "store").glob("models--*/blobs/*")} == set(MODEL.values())


def test_another_image_runs_the_folder(run: Callable[..., str], python_image: str) -> None:
    """As in the image of an engine: the folder is mounted, and that image's own Python runs it."""
    folder = ("--rm", "--volume", f"{SERVICES / 'fetch'}:/opt/fetch:ro", "--env", "PYTHONPATH=/opt/fetch")
    with serving(Repository("org/name", MODEL)) as hub:
        run(hub, python_image, "python3", "-m", "mmfetch", more=folder)
        assert run(hub, python_image, "python3", "-m", "mmfetch", more=folder) == NOTHING


def test_the_first_process_of_a_container_stops_at_once(
    docker: Engine, run: Callable[..., str], image: str, tmp_path: Path
) -> None:
    with serving(Repository("org/name", {"model.safetensors": safetensors(800_000)})) as hub:
        hub.faults.pause_at = 500_000
        container = run(hub, image, more=("--detach",)).strip()
        try:
            parts = (tmp_path / "store/.mmcompose/partial").glob
            assert eventually(lambda: any(part.stat().st_size > 100_000 for part in parts("*/*")), 120)
            docker.docker("stop", "--time", "60", container)
            assert docker.docker("inspect", "--format", "{{.State.ExitCode}}", container).strip() == "143"
        finally:
            docker.docker("rm", "--force", container)


def test_a_failure_is_one_line_and_its_code(run: Callable[..., str], image: str) -> None:
    with serving(Repository("org/name", MODEL, gated=True)) as hub, pytest.raises(BedError, match="org/name is gated"):
        run(hub, image, more=("--rm",))
