"""Every cause of a failed start that a machine without a GPU can provoke, provoked for real."""

from __future__ import annotations

import re
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from mmcompose.deploy.causes.recognise import NOT_PULLED
from tests.bed.recipes import LLAMA, RECIPES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _pytest.mark.structures import ParameterSet

    from tests.deploy.playground import Playground

pytestmark = pytest.mark.docker

RAW = f"""\
title: llama.cpp with any flags
accelerators: [cpu]
image: {LLAMA}
listen: {{api: 8080}}
ports: {{api: auto}}
resources: {{memory: 512m}}
probe: {{kind: chat, path: /v1/chat/completions, health: /health, models: /v1/models}}
health: {{test: [CMD, curl, -fsS, "http://127.0.0.1:8080/health"]}}
"""
RAW_TEMPLATE = """\
  {{ unit.name }}:
{{ part.head(unit) }}
{{ part.entrypoint(unit, ["/app/llama-server"]) }}
    command:
{{ part.arguments(unit) }}
{{ part.tail(unit) }}
"""


@pytest.fixture
def llama(play: Playground, llama_image: str, tiny_gguf: Path) -> Playground:
    """The real llama.cpp server, told whatever a test likes."""
    assert llama_image == LLAMA
    play.project.write(RAW, "profiles/backends/raw.yaml")
    play.project.write(RAW_TEMPLATE, "templates/raw/service.yaml.j2")
    model = play.folder / "models" / "tiny.gguf"
    model.parent.mkdir()
    model.write_bytes(tiny_gguf.read_bytes())
    (play.folder / "models" / "broken.gguf").write_bytes(b"GGUF" + b"\x00" * 64)
    (play.folder / "models" / "closed.gguf").write_bytes(model.read_bytes())
    (play.folder / "models" / "closed.gguf").chmod(0o600)
    return play


MODELS = "backend: raw\nmounts: [{source: models, target: /models}]"


def heavy(*values: object) -> ParameterSet:
    return pytest.param(*values, marks=pytest.mark.heavy)


@pytest.mark.parametrize(
    ("args", "cause", "printed"),
    [
        ({"no_such_flag": 1}, "unknown-flag", "the engine does not know --no-such-flag"),
        ({"model": "/models/broken.gguf"}, "model-broken", "the file of the model is broken"),
        heavy({"model": "/models/nosuch.gguf"}, "model-not-found", "the model was not found: /models/nosuch.gguf"),
        heavy({"model": "/models/closed.gguf"}, "permission-denied", "may not touch /models/closed.gguf"),
        heavy({"model": "/models/tiny.gguf", "ctx_size": "many"}, "bad-value", "refuses the value of --ctx-size"),
        heavy({"hf_repo": "ggml-org/models", "hf_file": "tiny.gguf"}, "no-network", "does not reach the hub"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_what_the_real_llama_server_says_is_understood(
    llama: Playground, args: dict[str, object], cause: str, printed: str
) -> None:
    answer = llama.profile("chat", MODELS, **args).render().up("chat")
    assert answer.code == 4
    assert (answer.failure["cause"], printed in answer.failure["text"]) == (cause, True), answer.failure
    assert llama.running() == {"chat": "exited"}, "an engine that cannot start is not left restarting for ever"


@pytest.mark.parametrize(
    ("text", "args", "cause", "printed"),
    [
        (f"image: {RECIPES['base'].tag}", {}, "program-missing", "has no program python3"),
        ("mounts: [{source: nowhere/at/all, target: /models}]", {}, "mount-missing", "nowhere/at/all is not on"),
        ("host: cards\ngpu: {count: 1}", {}, "gpu-toolkit-missing", "NVIDIA Container Toolkit is missing"),
        ("host: igpu\ngpu: {count: 1}", {}, "device-missing", "device /dev/dri/renderD199 is not on this machine"),
        ("host: big\nresources: {cpus: 500}", {}, "cpu-limit", "cores of this machine"),
        ("resources: {memory: 64m}", {"eat": 200}, "host-memory", "the kernel killed it"),
        heavy("", {"write": "/nowhere"}, "read-only", "the engine writes outside its cache: /nowhere"),
        heavy("", {"read": "/etc/shadow"}, "permission-denied", "may not touch /etc/shadow"),
        heavy("", {"say": "a line", "die_after": 0.1}, "restart-loop", "it starts and dies again and again ("),
        ('restart: "no"', {"die_after": 0.1, "code": 7}, "exited", "it stopped by itself with exit code 7"),
        heavy("health: {start_period: 1s}", {"never_healthy": True}, "unhealthy", "its health check failed too often"),
        heavy("", {"refuse": 400}, "engine-refused", "/v1/chat/completions answered 400"),
        heavy("", {"say": "huggingface_hub.errors.GatedRepoError: 401", "die_after": 0}, "gated-model", "gated"),
    ],
    ids=lambda value: value if isinstance(value, str) and re.fullmatch(r"[a-z-]+", value) else "",
)
def test_what_docker_and_the_kernel_do_is_understood(
    play: Playground, base_image: str, text: str, args: dict[str, object], cause: str, printed: str
) -> None:
    answer = play.profile("chat", text, **args).render().up("chat")
    assert answer.code == 4
    assert (answer.failure["cause"], printed in answer.failure["text"]) == (cause, True), answer.failure
    assert answer.failure["next"]


def test_an_image_that_cannot_be_pulled_is_named_whatever_kept_it(play: Playground) -> None:
    answer = play.profile("chat", "image: nosuch/engine:v1").render().up("chat")
    assert (answer.code, answer.failure["cause"] in NOT_PULLED) == (4, True), answer.failure
    assert "nosuch/engine:v1" in answer.failure["text"]


def test_the_network_of_a_start_that_docker_refused_goes_with_it(play: Playground) -> None:
    play.profile("chat", "host: cards\ngpu: {count: 1}").render()
    assert play.up("chat").code == 4
    assert play.running() == {}
    assert play.project.owned("network") == []


@pytest.mark.parametrize("parts", [("down", "chat"), ("stop-all",)], ids=" ".join)
def test_a_network_that_was_left_goes_too(play: Playground, parts: tuple[str, ...]) -> None:
    play.profile("chat").render()
    labels = {"com.docker.compose.project": play.name, "com.docker.compose.network": "chat"}
    options = [f"--label={name}={value}" for name, value in labels.items()]
    play.engine.docker("network", "create", *options, f"{play.name}_chat")
    assert play.project.owned("network")
    assert play.run(*parts).code == 0
    assert play.project.owned("network") == []


@pytest.mark.heavy
def test_an_engine_that_is_not_ready_in_time_goes_on_loading_and_says_what_was_noticed(play: Playground) -> None:
    answer = play.profile("chat", never_healthy=True).render().up("chat", timeout=12)
    assert answer.failure["cause"] == "not-ready"
    assert '/health answered 503: {"status": "loading"}' in answer.failure["text"]
    assert play.running() == {"chat": "running"}


def test_a_process_that_holds_the_port_is_named(play: Playground) -> None:
    play.profile("chat", f"ports: {{api: {play.port}}}").render()
    with listening(play.port):
        answer = play.up("chat")
    assert answer.failure["cause"] == "port-taken"
    assert re.search(rf"port {play.port} is taken by process \d+ \(", answer.failure["text"])
    assert play.up("chat").code == 0, "free again, it comes up"


def test_a_container_that_holds_the_port_is_named(play: Playground, base_image: str) -> None:
    play.profile("chat", f"ports: {{api: {play.port}}}").render()
    stranger = f"{play.name}-stranger"
    options = ("--detach", "--name", stranger, "--label", f"com.docker.compose.project={play.name}")
    play.engine.docker("run", *options, "--publish", f"127.0.0.1:{play.port}:80", base_image, "sleep", "60")
    answer = play.up("chat")
    assert answer.failure["cause"] == "port-taken"
    assert f"is taken by container {stranger}" in answer.failure["text"]


def test_a_name_that_a_stranger_took_is_reported(play: Playground, base_image: str) -> None:
    play.profile("chat").render()
    label = f"com.docker.compose.project={play.name}"
    play.engine.docker("create", "--name", f"{play.name}-chat", "--label", label, base_image)
    answer = play.up("chat")
    assert answer.failure["cause"] == "name-taken"
    assert answer.failure["next"] == f"docker rm -f {play.name}-chat"


def test_without_docker_every_command_says_so(play: Playground, monkeypatch: pytest.MonkeyPatch) -> None:
    play.profile("chat").render()
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    for arguments in (("up", "chat"), ("status",), ("down", "chat"), ("logs", "chat"), ("stop-all",)):
        answer = play.run(*arguments)
        assert (answer.code, "Docker does not answer" in answer.err) == (4, True), answer


def test_without_a_docker_program_it_is_reported_what_to_install(
    play: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    play.profile("chat").render()
    monkeypatch.setenv("PATH", "/nowhere")
    answer = play.run("up", "chat")
    assert (answer.code, "Docker is not installed" in answer.err) == (4, True), answer


@contextmanager
def listening(port: int) -> Iterator[None]:
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", port))
        held.listen()
        yield
