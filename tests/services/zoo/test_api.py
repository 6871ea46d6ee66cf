"""The zoo as its one client sees it, over real HTTP and with real processes; only the libraries are a stand-in."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from zoo_service.api import Server
from zoo_service.cage import Cage
from zoo_service.entries import Entry

from tests.services.conftest import SERVICES, eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = SERVICES.parent
WORKER = (sys.executable, "-m", "tests.services.zoo.standin")
SOURCES = ("good", "other", "missing", "no-library", "killed", "ends", "slow")
MODELS = {name: Entry(name, "AutoModel", name, "detection") for name in SOURCES}


@pytest.fixture(autouse=True)
def _found(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [str(ROOT), str(SERVICES / "kit"), str(SERVICES / "zoo/app"), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))


@pytest.fixture
def serve() -> Iterator[Callable[..., httpx.Client]]:
    ends: list[Callable[[], Any]] = []

    def start(timeout: float = 200) -> httpx.Client:
        cage = Cage(timeout, WORKER)
        server = Server(("127.0.0.1", 0), MODELS, cage)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        client = httpx.Client(base_url=f"http://127.0.0.1:{server.server_address[1]}", timeout=300)
        ends.extend([client.close, cage.close, server.shutdown, thread.join, server.server_close])
        return client

    yield start
    for end in ends:
        end()


@pytest.fixture
def zoo(serve: Callable[..., httpx.Client]) -> httpx.Client:
    return serve()


def does(zoo: httpx.Client, name: str, *steps: str) -> dict[str, Any]:
    """The last step's answer."""
    for step in steps:
        answer = zoo.post(f"/models/{name}/{step}")
        assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_it_is_well_before_any_model_is_loaded_and_lists_what_there_is(zoo: httpx.Client) -> None:
    assert zoo.get("/health").json() == {"status": "ok", "holds": None, "state": "empty"}
    assert [model["name"] for model in zoo.get("/models").json()["models"]] == list(SOURCES)
    assert zoo.get("/version").json() == {"version": "0.1.0"}


def test_a_model_is_started_loaded_and_stopped_and_each_step_tells_its_time(zoo: httpx.Client) -> None:
    started = does(zoo, "good", "start")
    assert (started["state"], started["device"], started["standin"]) == ("ready", "cpu", "1.0")
    loaded = does(zoo, "good", "load")
    assert loaded["state"] == "loaded"
    assert loaded["allocated_mib"] is None, "what cannot be read is null"
    assert zoo.get("/health").json()["holds"] == "good"
    stopped = does(zoo, "good", "stop")
    assert (stopped["state"], stopped["exit_code"]) == ("stopped", 0)
    assert min(started["import_s"], loaded["load_s"], stopped["stop_s"]) >= 0


def test_each_model_has_a_process_of_its_own(zoo: httpx.Client) -> None:
    before = children()
    does(zoo, "good", "start", "load")
    first = children() - before
    does(zoo, "good", "stop")
    does(zoo, "other", "start", "load")
    second = children() - before
    assert len(first) == len(second) == 1
    assert first != second


def children() -> set[int]:
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return {int(pid) for task in tasks for pid in task.read_text().split()}


FAILURES = [
    ("missing", ("start", "load"), "OSError: missing is not a local folder"),
    ("no-library", ("start",), "ModuleNotFoundError: No module named 'transformers'"),
    ("killed", ("start", "load"), "was ended by SIGKILL; the machine or the container ran out of memory"),
    ("ends", ("start", "load"), "its process ended with exit code 3"),
]


@pytest.mark.parametrize(("name", "steps", "error"), FAILURES, ids=[row[0] for row in FAILURES])
def test_a_model_that_fails_says_why_in_full_and_the_next_one_loads(
    zoo: httpx.Client, name: str, steps: tuple[str, ...], error: str
) -> None:
    failed = does(zoo, name, *steps)
    assert failed["state"] == "failed"
    assert error in failed["error"]
    assert zoo.get("/health").json()["holds"] is None
    assert does(zoo, "good", "start", "load")["state"] == "loaded"


def test_an_error_is_never_cut(zoo: httpx.Client) -> None:
    assert does(zoo, "missing", "start", "load")["error"].endswith(" at all" * 30)


def test_a_load_that_never_ends_is_ended(serve: Callable[..., httpx.Client]) -> None:
    zoo = serve(timeout=8)  # long enough for a process to begin on a busy machine
    assert does(zoo, "slow", "start", "load")["error"] == "nothing came of it in 8 s"
    assert zoo.get("/health").json()["holds"] is None


def test_a_second_model_waits_for_its_turn(zoo: httpx.Client) -> None:
    does(zoo, "good", "start")
    for path, message in (
        ("/models/other/start", "good is held; stop it first"),
        ("/models/other/load", "other is not ready to be loaded; start it first"),
        ("/models/other/stop", "other is not held; good is"),
    ):
        answer = zoo.post(path)
        assert (answer.status_code, answer.json()["error"]["message"]) == (409, message)


def test_it_is_well_while_a_model_loads_and_says_that_it_is_busy(zoo: httpx.Client) -> None:
    does(zoo, "slow", "start")

    def load() -> None:
        with contextlib.suppress(httpx.TransportError):
            zoo.post("/models/slow/load")

    threading.Thread(target=load, daemon=True).start()
    assert eventually(lambda: zoo.post("/models/slow/stop").status_code == 409)
    assert zoo.get("/health").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/nothing", 404, "there is nothing at GET /nothing"),
        ("POST", "/models/good/feed", 404, "there is nothing at POST /models/good/feed"),
        ("POST", "/models/lion/start", 404, "no model 'lion'; there are good, other"),
        ("POST", "/models/good", 404, "there is nothing at POST"),
    ],
)
def test_what_is_not_offered_is_refused(zoo: httpx.Client, method: str, path: str, status: int, message: str) -> None:
    answer = zoo.request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]["message"].startswith(message)


@pytest.mark.parametrize("header", ["Content-Length: 9999999999", "Content-Length: x", "Transfer-Encoding: chunked"])
def test_a_body_that_may_be_large_is_refused_unread(zoo: httpx.Client, header: str) -> None:
    with socket.create_connection((zoo.base_url.host, zoo.base_url.port or 0), timeout=20) as line:
        line.sendall(f"POST /models/good/start HTTP/1.1\r\nHost: h\r\n{header}\r\n\r\n".encode())
        assert b" 413 " in line.recv(1000)


def test_a_small_body_is_passed_over(zoo: httpx.Client) -> None:
    assert zoo.post("/models/good/start", content=b"{}").status_code == 200
    assert zoo.post("/models/good/load", content=b"x" * 9000).status_code == 200
