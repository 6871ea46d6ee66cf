"""The doctor on real engines: a new one, the oldest one, one with simulated GPUs, and none."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mmcompose.deploy.docker.command import ask
from mmcompose.deploy.doctor.docker_checks import reachable
from mmcompose.deploy.doctor.facts import DockerSeen
from tests.deploy.doctor import small
from tests.deploy.doctor.knowing import known

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bed.engine import Engine
    from tests.bed.project import Project

pytestmark = pytest.mark.docker

NVIDIA = """\
machine:
  accelerator: nvidia
  gpus: [{name: Simulated, vram: 12g}]
  memory: 1g
  cores: 1
  uid: 1000
  gid: 1000
"""


@pytest.fixture
def folder(tmp_path: Path, free_port: Callable[[], int]) -> Path:
    return small.write(tmp_path / "project", free_port())


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[Engine], None]:
    def choose(engine: Engine) -> None:
        if engine.host:
            monkeypatch.setenv("DOCKER_HOST", engine.host)

    return choose


def test_a_new_engine_has_nothing_to_complain_of(docker: Engine, folder: Path) -> None:
    answer = small.doctor(folder)
    assert answer.code == 0, answer.out
    for check in ("docker", "compose", "config", "ports", "secrets", "mounts", "host"):
        assert [level for level, _ in answer.of(check)] == ["ok"], answer.of(check)
    assert docker.server_version() in answer.of("engine")[0][1]


def test_the_oldest_engine_is_good_enough_with_a_note(
    old_engine: Engine, folder: Path, on: Callable[[Engine], None]
) -> None:
    on(old_engine)
    answer = small.doctor(folder)
    assert answer.code == 0, answer.out
    ((level, what),) = answer.of("engine")
    assert (level, "20.10" in what) == ("note", True)


def test_compose_itself_refuses_a_file_that_was_edited(docker: Engine, folder: Path) -> None:
    file = folder / "compose/chat.yaml"
    file.write_text(file.read_text().replace("    image:", "    gpu: 1\n    image:", 1))
    answer = small.doctor(folder)
    assert answer.code == 1
    errors = [what for level, what in answer.of("config") if level == "error"]
    assert [path in what for path, what in zip(("compose.yaml", "compose/chat.yaml"), errors, strict=True)] == [
        True
    ] * 2
    assert all("gpu" in what for what in errors)


def test_the_container_that_holds_a_port_is_named_and_ones_own_is_no_fault(
    compose_project: Project, base_image: str, free_port: Callable[[], int], tmp_path: Path
) -> None:
    port = free_port()
    folder = small.write(tmp_path / "own", port)
    compose_project.write(f"""
services:
  holder:
    image: {base_image}
    container_name: {compose_project.name}-holder
    command: [sleep, "60"]
    init: true
    ports: ["127.0.0.1:{port}:80"]
""")
    compose_project.compose("up", "--detach")
    ((level, what),) = small.doctor(folder).of("ports")
    assert (level, what) == ("error", f"port {port} of chat is taken by container {compose_project.name}-holder")
    compose_project.engine.docker("rename", f"{compose_project.name}-holder", "small-chat")
    try:
        assert [level for level, _ in small.doctor(folder).of("ports")] == ["ok"]
    finally:
        compose_project.engine.docker("rename", "small-chat", f"{compose_project.name}-holder")


@pytest.mark.heavy
def test_the_owner_of_a_volume_is_reported(docker: Engine, base_image: str, folder: Path) -> None:
    mark = f"small{os.getpid()}"
    settings = folder / "mmcompose.yaml"
    settings.write_text(settings.read_text().replace("name: small", f"name: {mark}"))
    assert small.mmcompose(folder, "render").code == 0
    volume = f"{mark}-chat-cache"
    docker.docker("volume", "create", volume)
    try:
        ((level, what),) = small.doctor(folder).of("volumes")
        assert (level, volume in what or "only root may look" in what) == ("note", True)
        docker.docker("run", "--rm", "--network", "none", "--volume", f"{volume}:/v", base_image, "chown", "1000", "/v")
        ((level, what),) = small.doctor(folder).of("volumes")
        assert level == ("ok" if os.getuid() == 0 else "note")
    finally:
        docker.docker("volume", "rm", volume)


def test_cdi_devices_of_a_real_engine_are_seen(
    gpu_engine: Engine, folder: Path, on: Callable[[Engine], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    on(gpu_engine)
    smi = tmp_path / "bin/nvidia-smi"
    smi.parent.mkdir()
    smi.write_text('#!/bin/sh\necho "0, Simulated, GPU-simulated-0, 12288 MiB, 580.65.06, [N/A]"\n')
    smi.chmod(0o755)
    monkeypatch.setenv("PATH", f"{smi.parent}{os.pathsep}{os.environ['PATH']}")
    (folder / "profiles/chat.yaml").write_text((folder / "profiles/chat.yaml").read_text() + "gpu: {count: 1}\n")
    for toolkit, expected in (("nvidia", "warning"), ("cdi", "ok")):
        (folder / "profiles/hosts/here.yaml").write_text(f"{NVIDIA}  toolkit: {toolkit}\n")
        assert small.mmcompose(folder, "render").code == 0
        answer = small.doctor(folder, "chat")
        ((level, _),) = answer.of("gpu-toolkit")
        assert level == expected, answer.of("gpu-toolkit")
        assert [level for level, _ in answer.of("gpu-driver")] == ["ok"]


def test_an_address_where_nobody_listens(docker: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    answer = small.doctor(folder)
    assert answer.code == 1
    ((level, what),) = answer.of("docker")
    assert (level, "unix:///nowhere/docker.sock" in what) == ("error", True)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become a user without rights")
def test_a_user_who_may_not_use_the_socket_learns_of_the_group(docker: Engine) -> None:
    """The doctor's judgement of what the real client says to such a user."""
    nobody = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "HOME=/")
    printed = ask(*nobody, *map(str, docker.command("version", "--format", "{{json .}}")))
    (finding,) = reachable(known(docker=DockerSeen(printed)))
    assert (finding.level, "may not use Docker's socket" in finding.what) == ("error", True), printed
