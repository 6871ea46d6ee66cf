"""Single traits on a real Docker Engine: weights by path, wrong flags, changed graphs, networks, secrets, GPUs."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.bed import gpusim
from tests.bed.commands import BedError
from tests.scenarios.stage import Stage
from tests.standin import images as standins
from tests.standin.project import ROOT, TOKEN, USER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bed.engine import Engine
    from tests.bed.project import Project
    from tests.standin.project import Shipped

pytestmark = pytest.mark.docker

QUESTION = {"messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 4}


@pytest.fixture
def own(docker: Engine, new_shipped: Callable[[list[Engine]], Shipped]) -> Shipped:
    """A copy that the test may change."""
    return new_shipped([docker])


def up(stage: Stage, profile: str) -> None:
    """The engine is asked itself: Docker's first health check comes only after five seconds."""
    stage.compose("alone", profile, "up", "--detach")
    stage.await_health(profile)


def ends(stage: Stage, profile: str) -> None:
    """Compose waits for a container that will end, and says how it ended."""
    stage.compose("alone", profile, "up", "--detach", "--wait", "--wait-timeout", "500")


def test_the_real_llama_cpp_serves_weights_by_a_path(
    own: Shipped, stage_for: Callable[[Shipped, str], Stage], tiny_gguf: Path
) -> None:
    own.write(
        "profiles/chat-tiny.yaml",
        "extends: chat-cpu\nmodel: null\nbackend: llamacpp\nserved_name: tiny\n"
        "weights: {path: models/tiny.gguf, format: gguf}\nports: {api: auto}\n",
    )
    own.write("models/.keep", "")
    shutil.copy(tiny_gguf, own.folder / "models/tiny.gguf")
    own.render()
    stage = stage_for(own, "chat-tiny")
    stage.prepare("chat-tiny")
    up(stage, "chat-tiny")
    answer = json.loads(stage.ask("chat-tiny", "/v1/chat/completions", QUESTION))
    assert answer["usage"]["completion_tokens"] > 0
    assert "tiny" in stage.ask("chat-tiny", "/v1/models")
    assert "llamacpp:prompt_tokens_total" in stage.ask("chat-tiny", "/metrics")
    stage.compose("alone", "chat-tiny", "down")


@pytest.mark.heavy
def test_a_wrong_flag_ends_the_container_as_it_would_end_the_engine(
    own: Shipped, stage_for: Callable[[Shipped, str], Stage]
) -> None:
    own.write(
        "profiles/mistaken.yaml",
        "extends: chat-cpu\nports: {api: auto}\nrestart: 'no'\n"
        "unchecked_args: {ctx_sise: {value: 1, reason: a mistake that the flag check would have found}}\n",
    )
    own.render()
    stage = stage_for(own, "mistaken")
    stage.prepare("mistaken")
    with pytest.raises(BedError, match=r"exited \(1\)"):
        ends(stage, "mistaken")
    assert "error: invalid argument: --ctx-sise" in stage.logs(stage.container("mistaken"))


@pytest.mark.heavy
def test_a_stand_in_dies_as_it_is_reported(own: Shipped, stage_for: Callable[[Shipped, str], Stage]) -> None:
    own.write("profiles/short.yaml", "extends: chat-cpu\nports: {api: auto}\nrestart: 'no'\n")
    own.render()
    stage = stage_for(own, "short")
    stage.prepare("short", reported={"STANDIN_FAIL": "crash", "STANDIN_LOAD_SECONDS": "0"})
    with pytest.raises(BedError, match=r"exited \(139\)"):
        ends(stage, "short")
    assert "a test double" in stage.logs(stage.container("short"))


def test_the_oldest_promised_engine_runs_the_same_files(
    docker: Engine,
    old_engine: Engine,
    free_port: Callable[[], int],
    new_shipped: Callable[[list[Engine]], Shipped],
) -> None:
    """An old engine could stumble over the model server's binds, device, groups and alias."""
    stage = Stage(old_engine, docker, new_shipped([old_engine]), free_port)
    stage.prepare("order-accuracy")
    up(stage, "order-accuracy")
    host = stage.inspect(stage.container("order-accuracy"))["HostConfig"]
    assert host["Devices"][0]["PathInContainer"] == "/dev/dri/renderD128"
    assert host["GroupAdd"] == ["992"]
    assert json.loads(stage.ask("order-accuracy", "/v3/chat/completions", QUESTION))["choices"]
    stage.compose("alone", "order-accuracy", "down")


@pytest.fixture
def orders(own: Shipped, stage_for: Callable[[Shipped, str], Stage]) -> Stage:
    stage = stage_for(own, "order-accuracy")
    stage.prepare("order-accuracy")
    up(stage, "order-accuracy")
    return stage


def test_a_changed_graph_reaches_the_container(orders: Stage) -> None:
    before = orders.inspect(orders.container("order-accuracy"))
    up(orders, "order-accuracy")
    assert orders.inspect(orders.container("order-accuracy"))["Id"] == before["Id"]
    profile = orders.shipped.folder / "profiles/order-accuracy.yaml"
    assert "max_num_seqs: 1\n" in profile.read_text()
    profile.write_text(profile.read_text().replace("max_num_seqs: 1\n", "max_num_seqs: 2\n"))
    orders.shipped.render()
    up(orders, "order-accuracy")
    after = orders.inspect(orders.container("order-accuracy"))
    assert after["Id"] != before["Id"]
    assert after["Config"]["Labels"]["mmcompose.config"] != before["Config"]["Labels"]["mmcompose.config"]
    assert "max_num_seqs: 2" in orders.inside(orders.container("order-accuracy"), "cat /config/graph.pbtxt")


@pytest.mark.heavy
def test_another_compose_project_reaches_the_model_server_by_its_alias(orders: Stage, compose_project: Project) -> None:
    network = orders.container("order-accuracy")
    body = json.dumps(QUESTION).replace('"', '\\"')
    compose_project.write(f"""
services:
  app:
    image: {standins.BASE.tag}
    command: [curl, --silent, --show-error, --fail, --data, "{body}", http://ovms-vlm:8000/v3/chat/completions]
    networks: [orders]
networks:
  orders: {{name: {network}, external: true}}
""")
    printed = compose_project.compose("run", "--rm", "--no-TTY", "app")
    assert json.loads(printed)["choices"][0]["message"]["content"]


@pytest.mark.heavy
def test_a_graph_that_the_server_cannot_read_is_never_healthy(orders: Stage) -> None:
    """The state of the model is asked, and not whether a port is open."""
    graph = orders.shipped.folder / "compose/config/order-accuracy/order-accuracy/graph.pbtxt"
    graph.write_text(graph.read_text().replace("cache_size", "block_size"))
    orders.engine.docker("restart", orders.container("order-accuracy"))
    container = orders.container("order-accuracy")
    ask = "for _ in 1 2 3 4 5 6 7 8 9 10; do curl -fs 127.0.0.1:8000/v1/config && break; sleep 0.5; done"
    assert "LOADING_PRECONDITION_FAILED" in orders.inside(container, ask)
    _, check = orders.inspect(container)["Config"]["Healthcheck"]["Test"]
    with pytest.raises(BedError):
        orders.inside(container, check)
    assert "Trying to parse mediapipe graph definition" in orders.logs(container)


def test_the_token_of_the_hub_is_read_by_the_service_that_fetches_alone(
    docker: Engine,
    gpu_engine_of: Callable[[int], Engine],
    free_port: Callable[[], int],
    new_shipped: Callable[[list[Engine]], Shipped],
) -> None:
    engine = gpu_engine_of(2)
    shipped = new_shipped([engine])
    stage = Stage(engine, docker, shipped, free_port)
    stage.prepare("sam3")
    up(stage, "sam3")
    file = shipped.folder / "secrets/hf_token"
    assert (file.stat().st_uid, file.stat().st_mode & 0o777) == (USER, 0o400)
    assert "hf_token" not in stage.inside(stage.container("sam3"), "ls /run; ls /run/secrets 2>/dev/null || true")
    mounts = stage.inspect(stage.container("sam3", "-fetch"))["Mounts"]
    assert "/run/secrets/hf_token" in {mount["Destination"] for mount in mounts}
    for name in (stage.container("sam3"), stage.container("sam3", "-fetch")):
        assert TOKEN not in engine.docker("inspect", name)
        assert TOKEN not in stage.logs(name)
    assert TOKEN not in stage.inside(stage.container("sam3"), "env; cat /proc/1/cmdline")


@pytest.mark.heavy
def test_a_host_with_uuids_hands_out_those_devices(
    docker: Engine,
    gpu_engine_of: Callable[[int], Engine],
    free_port: Callable[[], int],
    new_shipped: Callable[[list[Engine]], Shipped],
) -> None:
    engine = gpu_engine_of(2)
    shipped = new_shipped([engine])
    shipped.write("profiles/hosts/simulated.yaml", (ROOT / "tests/standin/simulated-gpus.yaml").read_text())
    shipped.write("profiles/second.yaml", "extends: chat\nhost: simulated\ngpu: {devices: [1]}\nports: {api: auto}\n")
    shipped.render()
    stage = Stage(engine, docker, shipped, free_port)
    stage.prepare("second")
    up(stage, "second")
    assert gpusim.requested(engine, stage.container("second"))["devices"] == "GPU-simulated-1"
    listed = stage.inside(stage.container("second"), "cat /proc/1/environ | tr '\\0' '\\n' | grep NVIDIA_VISIBLE")
    assert listed.strip() == "NVIDIA_VISIBLE_DEVICES=GPU-simulated-1"


@pytest.mark.heavy
def test_a_profile_for_eight_gpus_is_refused_by_a_machine_with_two(
    docker: Engine,
    gpu_engine_of: Callable[[int], Engine],
    free_port: Callable[[], int],
    new_shipped: Callable[[list[Engine]], Shipped],
) -> None:
    engine = gpu_engine_of(2)
    stage = Stage(engine, docker, new_shipped([engine]), free_port)
    stage.prepare("workbench-vllm")
    with pytest.raises(BedError, match="unknown device"):
        up(stage, "workbench-vllm")
