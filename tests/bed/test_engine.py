"""The engine of the bed does what the project's tests rely on."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.bed import engine
from tests.bed.commands import BedError

if TYPE_CHECKING:
    from tests.bed.engine import Engine
    from tests.bed.project import Project

pytestmark = pytest.mark.docker


def test_the_engine_answers_with_compose_and_buildx(docker: Engine) -> None:
    assert docker.server_version()
    assert docker.docker("compose", "version", "--short").lstrip("v").startswith("2.")
    assert "buildx" in docker.docker("buildx", "version")


def test_a_container_runs_and_reaches_nothing_when_it_may_not(docker: Engine, base_image: str) -> None:
    printed = docker.docker("run", "--rm", "--network", "none", base_image, "sh", "-c", "echo hello; ls /sys/class/net")
    assert printed.split() == ["hello", "lo"]


def test_a_container_over_its_memory_limit_is_killed(docker: Engine, base_image: str) -> None:
    greedy = "head -c 200m /dev/zero | tail -c 200m >/dev/null"
    name = f"mmcompose-bed-greedy-{id(greedy)}"
    limits = ("--memory", "32m", "--memory-swap", "32m", "--network", "none")
    docker.docker("run", "--detach", "--name", name, *limits, base_image, "sh", "-c", f"exec sh -c '{greedy}'")
    try:
        assert docker.docker("wait", name).strip() == "137"
        for _ in range(3000):  # the engine hears of it by an event of its own, which may come after the end
            if docker.docker("inspect", "--format", "{{.State.OOMKilled}}", name).strip() == "true":
                break
            time.sleep(0.1)
        assert docker.docker("inspect", "--format", "{{.State.OOMKilled}}", name).strip() == "true"
    finally:
        docker.docker("rm", "--force", name)


def test_an_init_process_can_be_requested(docker: Engine, base_image: str) -> None:
    first = docker.docker("run", "--rm", "--init", "--network", "none", base_image, "cat", "/proc/1/comm")
    assert "init" in first


@pytest.mark.heavy
def test_two_set_ups_at_once_both_succeed(docker: Engine) -> None:
    command = [sys.executable, "-m", "tests.bed", "up", "--images", "base"]
    with ThreadPoolExecutor() as both:
        runs = list(both.map(lambda _: subprocess.run(command, capture_output=True, check=False), range(2)))
    assert [done.returncode for done in runs] == [0, 0], [done.stderr for done in runs]


def test_a_failing_command_is_reported_with_its_own_text(docker: Engine) -> None:
    with pytest.raises(BedError, match="No such object: mmcompose-bed-nothing"):
        docker.docker("inspect", "mmcompose-bed-nothing")


def test_an_address_where_nobody_listens_does_not_answer() -> None:
    assert not engine.answers("unix:///nowhere/docker.sock")


def test_a_project_is_removed_whole_even_after_a_failed_start(
    docker: Engine, base_image: str, compose_project: Project
) -> None:
    compose_project.write(f"""
services:
  sleeper:
    image: {base_image}
    command: [sleep, "60"]
    init: true
    volumes: ["data:/data"]
  broken:
    image: mmcompose-bed/none:1
    pull_policy: never
volumes:
  data:
""")
    compose_project.compose("up", "--detach", "sleeper")
    with pytest.raises(BedError, match="mmcompose-bed/none"):
        compose_project.compose("up", "--detach")
    assert [len(compose_project.owned(kind)) for kind in ("container", "network", "volume")] == [1, 1, 1]
    compose_project.remove()
    assert [len(compose_project.owned(kind)) for kind in ("container", "network", "volume")] == [0, 0, 0]
