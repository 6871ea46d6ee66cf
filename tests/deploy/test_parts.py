"""Small parts of the runner, each alone: what is read, what is picked, what is still there, what is drawn."""

from __future__ import annotations

import io
import os
import socket
import sys
import types
from collections.abc import Sequence
from typing import Any

import pytest
from PIL import Image

from mmcompose.core.pipeline import Compilation
from mmcompose.deploy import pick
from mmcompose.deploy.docker import ports
from mmcompose.deploy.docker.observe import deployments, read
from mmcompose.deploy.handover import gone
from mmcompose.deploy.machine import nvml
from mmcompose.deploy.ready import picture, reach
from mmcompose.deploy.status import phase
from mmcompose.deploy.wanted import wanted_profile
from mmcompose.files.gather import compile as compiling
from tests.deploy.containers import container
from tests.making import ROOT


@pytest.fixture(scope="module")
def shipped() -> Compilation:
    return compiling.at(ROOT)


def test_the_least_that_an_engine_can_tell_is_enough() -> None:
    found = read({"Id": "x"})
    assert (found.name, found.status, found.ports, found.gpus, found.started) == ("", "", {}, (), "")


def test_a_container_is_read_whole() -> None:
    found = container()
    assert (found.profile, found.gpus, found.share) == ("ocr", ("0",), "exclusive")
    assert found.ports == {8000: ("127.0.0.1", 8000)}
    assert found.started_by == "mmcompose"


@pytest.mark.parametrize(
    ("label", "vram"),
    [("4g", 4 << 30), ("1.5g", 3 << 29), ("", None), ("much", None), ("9" * 5000 + "g", None), ("4gb", None)],
)
def test_the_promise_of_a_label_is_read_whatever_somebody_wrote(label: str, vram: int | None) -> None:
    assert read({"Id": "x", "Config": {"Labels": {"mmcompose.vram": label}}}).vram == vram


@pytest.mark.parametrize(
    ("project", "files", "by"),
    [
        ("mm", ("/p/compose.yaml",), "docker compose at the root"),
        ("mm", ("/p/.mmcompose/ocr.yaml", "/p/.mmcompose/profiles/ocr.yaml"), "mmcompose"),
        ("mm-ocr", ("/p/compose/ocr.yaml",), "docker compose, as project mm-ocr"),
        ("", ("",), "docker run"),
    ],
)
def test_its_starter_is_reported(project: str, files: tuple[str, ...], by: str) -> None:
    assert container(compose_project=project, compose_files=files).started_by == by


def test_the_targets_of_all_shipped_profiles_name_the_gpus_that_their_files_do(shipped: Compilation) -> None:
    """Owners are found by the labels that the compiler wrote; the plan must speak of the same cards."""
    assert shipped.stack is not None
    for name in shipped.profiles:
        text, faults = shipped.rendered(name)
        assert not faults
        for service in wanted_profile(shipped.stack, name).services:
            written = f'"mmcompose.gpus": "{",".join(service.gpus)}"'
            assert (written in text[f"compose/{name}.yaml"]) == bool(service.gpus), name
            assert f'container_name: "{service.container}"' in text[f"compose/{name}.yaml"]


def test_every_shipped_backend_names_its_question(shipped: Compilation) -> None:
    """Without a probe `up` could only wait for Docker's own health check, which is asked every ten seconds."""
    for profile in shipped.profiles.values():
        for engine in profile.engines.values():
            assert engine.probe.health or engine.probe.models, engine.name
            assert (engine.probe.kind == "none") == (engine.probe.path is None), engine.name


def test_a_profile_is_found_by_its_name_or_by_any_name_of_its_model(shipped: Compilation) -> None:
    profiles = shipped.profiles
    assert pick.matching(profiles, "ocr") == ["ocr"]
    assert pick.matching(profiles, "ZAI-org/glm-ocr") == ["ocr"]
    assert pick.matching(profiles, "qwen-small") == ["chat", "chat-cpu"]
    assert pick.matching(profiles, "deepseek-ai/DeepSeek-OCR-2", "ocr") == ["ocr-deepseek"]
    assert pick.matching(profiles, "chat", "ocr") == []
    assert pick.matching(profiles, "GLM") == [], "half a name is not a name"


@pytest.mark.parametrize(
    ("facts", "address"),
    [
        ({"ports": {8000: ("127.0.0.1", 8100)}}, "127.0.0.1:8100"),
        ({"ports": {8000: ("0.0.0.0", 8100)}}, "127.0.0.1:8100"),
        ({"ports": {8000: ("::", 8100)}}, "[::1]:8100"),
        ({"ports": {}, "network_mode": "host"}, "127.0.0.1:8000"),
        ({"ports": {}, "addresses": ("172.18.0.2",)}, "172.18.0.2:8000"),
        ({"ports": {}}, "None"),
    ],
)
def test_an_engine_is_questioned_where_it_can_be_reached(facts: dict[str, Any], address: str) -> None:
    assert str(reach.address(container(**facts), 8000)) == address


@pytest.mark.parametrize(
    ("host", "outside", "address"),
    [
        ("tcp://box:2375", "0.0.0.0", "box:8100"),
        ("ssh://ann@box", "", "box:8100"),
        ("ssh://ann@box:22", "127.0.0.1", "None"),
        ("unix:///run/other.sock", "127.0.0.1", "127.0.0.1:8100"),
    ],
)
def test_an_engine_of_another_machine_is_questioned_there(
    host: str, outside: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    assert str(reach.address(container(ports={8000: (outside, 8100)}), 8000)) == address


@pytest.mark.parametrize(
    ("states", "term"),
    [
        (("exited",), "stopped"),
        (("running",), "ready"),
        (("running", "exited"), "failed"),
        (("restarting",), "failed"),
        (("running", "paused"), "paused"),
    ],
)
def test_a_profile_is_as_far_as_its_slowest_engine(states: Sequence[str], term: str) -> None:
    both = [container(id=str(index), status=state) for index, state in enumerate(states)]
    assert phase(deployments(both)[0], {}) == term


def test_one_that_died_is_not_one_that_was_stopped() -> None:
    assert phase(deployments([container(status="exited", exit_code=1)])[0], {}) == "failed"
    assert phase(deployments([container(status="exited", exit_code=143)])[0], {}) == "stopped"


def test_the_picture_is_a_png_with_dark_letters_on_white() -> None:
    drawn = Image.open(io.BytesIO(picture.png()))
    assert (drawn.format, drawn.mode) == ("PNG", "L")
    darkest, lightest = drawn.getextrema()
    assert (darkest, lightest) == (0x10, 0xFF)
    assert drawn.size[0] > 3 * drawn.size[1] > 100


def test_a_process_that_listens_is_named() -> None:
    class Nothing:
        def containers(self, _: object) -> list[dict[str, Any]]:
            return []

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        found = ports.holders(Nothing(), [port, 1])  # type: ignore[arg-type]
    assert found[port].startswith(f"process {os.getpid()} (")
    assert set(found) == {port}


class Stopping:
    """A container that takes some looks to be gone."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def inspect(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        self.looks -= 1
        return [{"Name": "/mm-ocr", "State": {"Status": "running" if self.looks > 0 else "exited"}}]


def test_stopped_is_not_gone_until_the_container_and_its_gpu_memory_are() -> None:
    holding = [{7, 9}, {9}, set()]
    passed: list[float] = []

    def holders() -> set[int]:
        return holding.pop(0)

    left = gone.wait(Stopping(3), ["c"], [7, 8], 60, holders=holders, now=lambda: sum(passed), sleep=passed.append)  # type: ignore[arg-type]
    assert left == []
    assert holding == [set()], "process 9 is somebody else's"


def test_what_is_left_after_the_time_is_reported() -> None:
    passed: list[float] = []
    stuck = gone.wait(Stopping(99999), ["c"], [], 3, now=lambda: sum(passed), sleep=passed.append)  # type: ignore[arg-type]
    assert stuck == ["container mm-ocr is running"]
    kept = gone.wait(Stopping(0), ["c"], [7], 3, holders=lambda: {7}, now=lambda: sum(passed), sleep=passed.append)  # type: ignore[arg-type]
    assert kept == ["process 7 holds GPU memory"]


def test_nvml_tells_who_holds_gpu_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A double of the library with two cards, one of which does not tell of graphics."""

    class NVMLError(Exception):
        pass

    def graphics(card: int) -> list[Any]:
        if card:
            raise NVMLError
        return [types.SimpleNamespace(pid=3)]

    double = types.SimpleNamespace(
        NVMLError=NVMLError,
        nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: 2,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetComputeRunningProcesses=lambda card: [types.SimpleNamespace(pid=card + 10)],
        nvmlDeviceGetGraphicsRunningProcesses=graphics,
    )
    monkeypatch.setitem(sys.modules, "pynvml", double)
    holders = nvml.holders()
    assert holders is not None
    assert holders() == {3, 10, 11}


def test_without_nvml_nothing_is_claimed_about_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert nvml.holders() is None
