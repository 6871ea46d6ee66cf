"""What status knows of engines: at once, however slow or broken they are, and no bare "ready" for one that is not."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from mmcompose.cli.lifecycle.status import _cells
from mmcompose.deploy import glances as looking
from mmcompose.deploy import status
from mmcompose.deploy.docker.observe import Running, deployments
from mmcompose.deploy.glances import glances
from mmcompose.deploy.ready.questions import glance
from mmcompose.deploy.ready.talk import Address
from mmcompose.model import Probe
from tests.deploy.containers import container
from tests.deploy.test_ready import CHAT, MODELS, WELL, events, printed, serving, token
from tests.making import compilation

BOX = {"profiles/hosts/box.yaml": "machine: {accelerator: cpu, memory: 64g, cores: 4, uid: 1000, gid: 1000}\n"}
PROFILE = "model: qwen-small\nhost: box\nbackend: llamacpp\nserved_name: m\nresources: {memory: 1g}\n"
ANSWERS = {"/health": [WELL], "/v1/models": [MODELS], CHAT.path or "": [events(token("Paris"))]}
LONG = 60.0
"""Seconds; a look that takes this long has no end. What is tested takes two."""


def drip(visitor: socket.socket, over: threading.Event) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n" + b"." * 999999:
        visitor.sendall(bytes([byte]))
        if over.wait(0.1):
            return


def go_on(visitor: socket.socket, over: threading.Event) -> None:
    while not over.is_set():
        visitor.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def keep_open(_: socket.socket, over: threading.Event) -> None:
    over.wait(LONG)


@contextmanager
def slow(how: Callable[[socket.socket, threading.Event], None]) -> Iterator[int]:
    """A server that takes every connection and treats it so; its port."""
    over = threading.Event()

    def treat(visitor: socket.socket) -> None:
        with visitor, suppress(OSError):
            how(visitor, over)

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=treat, args=(listening.accept()[0],), daemon=True).start()

    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        threading.Thread(target=serve, daemon=True).start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()


@pytest.mark.parametrize("how", [drip, go_on, keep_open])
def test_a_glance_has_an_end(how: Callable[[socket.socket, threading.Event], None]) -> None:
    began = time.monotonic()
    with slow(how) as port:
        assert glance(Address("127.0.0.1", port), CHAT, "m", within=0.5).phase in ("port", "health")
    assert time.monotonic() - began < LONG / 2


def test_all_engines_are_looked_at_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three that never answer, and a good one, take as long as one of them."""
    monkeypatch.setattr(looking, "WITHIN", 3.0)
    with ExitStack() as servers:
        ports = [servers.enter_context(slow(how)) for how in (drip, go_on, keep_open) for _ in range(4)]
        good, _ = servers.enter_context(serving(ANSWERS))
        ports.append(good.port)
        names = [f"p{index}" for index in range(len(ports))]
        made = compilation({f"profiles/{name}.yaml": PROFILE for name in names} | BOX)
        assert made.stack is not None
        found = deployments(engine(name, port) for name, port in zip(names, ports, strict=True))
        began = time.monotonic()
        seen = glances(tmp_path, found, made.stack)
        took = time.monotonic() - began
    assert took < LONG / 2
    assert [seen[name].phase == "ready" for name in names] == [False] * 12 + [True]


def engine(profile: str, port: int, **facts: Any) -> Running:
    known = {"id": profile, "name": f"mm-{profile}", "started": "2026-11-20T05:52:19Z"}
    known |= {"profile": profile, "service": profile}
    return container(**(known | {"ports": {8080: ("127.0.0.1", port)}} | facts))


class Known:
    def image(self, _: str) -> None:
        return None


def row_of(root: Path, one: Running, stack: Any = None) -> status.ProfileStatus:
    found = deployments([one])
    return status.row(Known(), root, found[0], stack, looking.glances(root, found, stack))  # type: ignore[arg-type]


def stack_of(name: str) -> Any:
    made = compilation({f"profiles/{name}.yaml": PROFILE, **BOX})
    assert made.stack is not None
    return made.stack


@pytest.mark.parametrize(("times", "arguments"), [(1, "restarted once"), (5, "restarted 5 times")])
def test_one_that_dies_and_comes_back_is_no_bare_ready(tmp_path: Path, times: int, arguments: str) -> None:
    row = row_of(tmp_path, engine("chat", 9, restarts=times))
    assert (row.phase, row.restarts) == ("ready", times)
    assert _cells(row, "mm")[1] == f"ready, {arguments}"
    dead = row_of(tmp_path, engine("chat", 9, restarts=times, status="restarting", exit_code=3))
    assert "exit code 3" in dead.notes[0]
    assert "restart" not in _cells(row_of(tmp_path, engine("chat", 9)), "mm")[1]


def test_the_log_of_one_that_died_is_named_by_who_can_show_it(tmp_path: Path) -> None:
    one = engine("chat", 9, restarts=1)
    assert row_of(tmp_path, one, stack_of("chat")).notes[0].endswith("mmcompose logs chat shows why")
    assert row_of(tmp_path, one).notes[0].endswith(f"docker logs {one.name} shows why")


def test_docker_says_unhealthy_and_so_does_status(tmp_path: Path) -> None:
    with serving(ANSWERS) as (address, _):
        one = engine("chat", address.port, health="unhealthy")
        assert row_of(tmp_path, one, stack_of("chat")).phase == "unhealthy"


@pytest.mark.parametrize("reply", [printed({"error": "cuda"}, 400), events({"error": "cuda"})])
def test_one_that_answered_once_and_answers_no_more_is_not_called_ready(tmp_path: Path, reply: Any) -> None:
    replies = [events(token("Paris")), reply, events(token("Paris"))]
    with serving({"/health": [WELL], "/v1/models": [MODELS], CHAT.path or "": replies}) as (address, _):
        one, stack = engine("chat", address.port), stack_of("chat")
        assert row_of(tmp_path, one, stack).phase == "ready"
        row = row_of(tmp_path, one, stack)
        assert row.phase == "token"
        assert "cuda" in row.notes[0]
        assert row.notes[0].endswith("mmcompose test chat")
        assert row_of(tmp_path, one, stack).phase == "ready", "mended"


def test_who_looks_again_and_again_asks_an_engine_that_answers_only_now_and_then(tmp_path: Path) -> None:
    with serving(ANSWERS) as (address, requested):
        found, stack, answered = deployments([engine("chat", address.port)]), stack_of("chat"), dict[str, float]()
        for _ in range(3):
            assert glances(tmp_path, found, stack, answered)["chat"].phase == "ready"
        assert len(requested.bodies) == 1
        answered["chat"] -= 3600
        assert glances(tmp_path, found, stack, answered)["chat"].phase == "ready"
        assert len(requested.bodies) == 2


def test_an_engine_that_is_being_measured_is_left_alone(tmp_path: Path) -> None:
    with serving(ANSWERS) as (address, requested):
        bench = engine("chat", 9, id="b", name="mmcompose-bench-8f213211", role="bench", bench="load")
        found = deployments([engine("chat", address.port), bench])
        assert glances(tmp_path, found, stack_of("chat"))["chat"].phase == "ready"
        assert not requested.bodies


def test_what_an_engine_says_of_its_key_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sesame-open")
    with serving({"/health": [printed({"error": "sesame-open is wrong"}, 401)]}) as (address, _):
        look = looking.EngineLook("c", "p", Expecting("key"), address, ask=True)  # type: ignore[arg-type]
        seen = looking._seen(tmp_path, look, time.monotonic() + 20)
    assert "sesame" not in seen.note
    assert "(secret) is wrong" in seen.note


def test_a_benchmark_beside_an_engine_is_shown(tmp_path: Path) -> None:
    bench = engine("chat", 9, id="b", name="mmcompose-bench-8f213211", role="bench", bench="load")
    row = status.row(Known(), tmp_path, deployments([engine("chat", 9), bench])[0], None, {})  # type: ignore[arg-type]
    assert json.loads(json.dumps(row.data()["measuring"])) == [
        {"name": "load", "container": "mmcompose-bench-8f213211", "since": "2026-11-20T05:52:19Z"}
    ]
    assert row.notes == (
        "is being measured (load) by mmcompose-bench-8f213211; docker stop mmcompose-bench-8f213211 ends that",
    )


def test_a_key_that_cannot_be_sent_is_reported(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a\nb")
    look = looking.EngineLook("c", "p", Expecting("key"), Address("127.0.0.1", 9), ask=True)  # type: ignore[arg-type]
    assert looking._seen(tmp_path, look, time.monotonic() + 1) == (
        "model",
        "key is not one line of plain characters",
    )


class Expecting:
    probe = Probe("chat", "/v1/chat/completions", "/health", "/v1/models")
    served_name = "m"

    def __init__(self, secret: str) -> None:
        self.secret, self.secrets = secret, (secret,)
