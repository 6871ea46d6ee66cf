"""The engine with simulated GPUs and the old engine."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.bed import engine, gpusim
from tests.bed import spare_engine as spare
from tests.bed.commands import BedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bed.engine import Engine
    from tests.bed.project import Project

pytestmark = pytest.mark.docker


HEAVY = [pytest.mark.heavy]
REQUESTED = [
    pytest.param('driver: nvidia\n              device_ids: ["1"]', "1", id="one device by its id"),
    pytest.param('driver: nvidia\n              device_ids: ["0", "1"]', "0,1", id="two by their ids", marks=HEAVY),
    pytest.param("driver: nvidia\n              count: 1", "0", id="a count takes the first", marks=HEAVY),
    pytest.param("driver: nvidia\n              count: all", "0,1", id="all", marks=HEAVY),
    pytest.param('driver: cdi\n              device_ids: ["nvidia.com/gpu=1"]', "1", id="a device by its CDI name"),
]


@pytest.mark.parametrize(("device", "given"), REQUESTED)
def test_the_engine_hands_over_the_devices_requested(
    *,
    device: str,
    given: str,
    gpu_engine: Engine,
    base_image: str,
    shared_image: Callable[[str, Engine], str],
    compose_project_on: Callable[[Engine], Project],
) -> None:
    project = compose_project_on(gpu_engine)
    project.write(f"""
services:
  gpu:
    image: {shared_image(base_image, gpu_engine)}
    command: [nvidia-smi, -L]
    deploy:
      resources:
        reservations:
          devices:
            - capabilities: [gpu]
              {device}
""")
    project.compose("up", "--detach")
    [container] = project.owned("container")
    assert gpusim.requested(gpu_engine, container)["devices"] == given
    assert gpu_engine.docker("wait", container).strip() == "0"
    listed = gpu_engine.docker("logs", container).splitlines()
    assert [line.split(":")[0] for line in listed] == [f"GPU {index}" for index in given.split(",")]


def test_a_device_that_is_not_simulated_is_refused(
    gpu_engine: Engine, base_image: str, shared_image: Callable[[str, Engine], str]
) -> None:
    image = shared_image(base_image, gpu_engine)
    with pytest.raises(BedError, match="7: unknown device"):
        gpu_engine.docker("run", "--rm", "--gpus", "device=7", image, "true")


def test_published_ports_are_met_inside_the_engines_own_network(
    gpu_engine: Engine,
    llama_image: str,
    shared_image: Callable[[str, Engine], str],
    free_port: Callable[[], int],
    compose_project_on: Callable[[Engine], Project],
) -> None:
    project = compose_project_on(gpu_engine)
    port = free_port()
    project.write(f"""
services:
  web:
    image: {shared_image(llama_image, gpu_engine)}
    entrypoint: [llama-server, --port, "8080"]
    ports: ["127.0.0.1:{port}:8080"]
    healthcheck: {{interval: 1s, timeout: 1s, retries: 30}}
""")
    project.compose("up", "--detach", "--wait")
    inside = [*gpu_engine.inside, "curl", "--silent", "--fail", f"http://127.0.0.1:{port}/health"]
    outside = inside[len(gpu_engine.inside) :]
    assert subprocess.run(inside, capture_output=True, check=False).returncode == 0
    assert subprocess.run(outside, capture_output=True, check=False).returncode != 0


def test_the_first_engine_offers_no_simulated_gpu(docker: Engine, gpu_engine: Engine, base_image: str) -> None:
    with pytest.raises(BedError, match="could not select device driver"):
        docker.docker("run", "--rm", "--gpus", "device=0", base_image, "nvidia-smi", "-L")


def test_the_first_engine_keeps_its_network_while_others_run(
    docker: Engine, gpu_engine: Engine, old_engine: Engine, base_image: str
) -> None:
    assert docker.docker("run", "--rm", base_image, "sh", "-c", "ls /sys/class/net | grep eth0").strip() == "eth0"


@pytest.mark.heavy
def test_the_spare_engine_comes_back_after_a_crash(
    spare_engine: Engine, base_image: str, shared_image: Callable[[str, Engine], str]
) -> None:
    image = shared_image(base_image, spare_engine)
    container = spare_engine.docker("run", "--detach", "--init", image, "sleep", "60").strip()
    try:
        spare.kill()
        assert not engine.answers(spare_engine.host)
    finally:
        again = spare.ensure()
        assert again.docker("inspect", "--format", "{{.State.Running}}", container).strip() == "false"
        again.docker("rm", "--force", container)
    assert again.docker("run", "--rm", image, "echo", "hello").strip() == "hello"


@pytest.mark.heavy
def test_the_old_engine_refuses_a_start_interval(
    old_engine: Engine,
    base_image: str,
    shared_image: Callable[[str, Engine], str],
    compose_project_on: Callable[[Engine], Project],
) -> None:
    assert old_engine.server_version().startswith("20.10.24")
    project = compose_project_on(old_engine)
    project.write(f"""
services:
  web:
    image: {shared_image(base_image, old_engine)}
    command: [sleep, "30"]
    init: true
    healthcheck: {{test: ["CMD", "true"], start_interval: 1s, start_period: 5s}}
""")
    with pytest.raises(BedError, match="start_interval"):
        project.compose("up", "--detach")
    assert "hello" in old_engine.docker("run", "--rm", base_image, "echo", "hello")
