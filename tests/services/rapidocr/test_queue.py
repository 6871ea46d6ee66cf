"""Many at once: in turn, no more than there is room for, and nobody waits for a client that has gone."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from service_kit.pool import Pool

from tests.services.conftest import SERVICES, eventually
from tests.services.rapidocr.conftest import asking, data_url, png
from tests.services.rapidocr.test_api import CHAT, TEXT, counted, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.services.rapidocr.standin import StandInRecogniser


def test_as_many_pages_are_read_at_once_as_there_are_workers(
    service: Callable[..., httpx.Client], engine: StandInRecogniser
) -> None:
    client = service(workers=2)
    engine.gate.clear()
    with ThreadPoolExecutor(6) as clients:
        answers = [clients.submit(client.post, CHAT, json=asking(data_url())) for _ in range(6)]
        assert eventually(lambda: counted(client, "ocr_requests_waiting") == 4)
        assert eventually(lambda: engine.at_once == 2)
        engine.gate.set()
    assert {answer.result().status_code for answer in answers} == {200}
    assert engine.most_at_once == 2
    assert counted(client, "ocr_requests_waiting") == 0


def test_requests_are_served_in_the_order_they_came(
    service: Callable[..., httpx.Client], engine: StandInRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    lined_up: list[object] = []
    run = Pool.run

    async def noted(pool: Pool[Any], job: Callable[[Any], Any]) -> Any:
        """A request is in the line when its job is: before that its picture is looked at, beside those of others."""
        running = asyncio.ensure_future(run(pool, job))
        await asyncio.sleep(0)
        lined_up.append(job)
        return await running

    monkeypatch.setattr(Pool, "run", noted)
    client = service(workers=1)
    engine.gate.clear()
    widths = [100, 101, 102, 103, 104]
    with ExitStack() as lines:
        for place, width in enumerate(widths, 1):
            lines.enter_context(sent(client, "/v1/ocr", files={"file": png((width, 50))}))
            assert eventually(lambda place=place: len(lined_up) == place)  # type: ignore[misc]
        engine.gate.set()
        assert eventually(lambda: len(engine.seen) == len(widths))
    assert [image.width for image in engine.seen] == widths


@contextmanager
def sent(client: httpx.Client, path: str, **what: Any) -> Iterator[None]:
    """A request whose head and body leave in one piece: whose place is taken first has its body there first too."""
    request = client.build_request("POST", path, **what)
    head = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in request.headers.items())]
    with socket.create_connection((client.base_url.host, client.base_url.port or 80)) as line:
        line.sendall("\r\n".join([*head, "", ""]).encode() + request.read())
        yield


def admitted(client: httpx.Client) -> float:
    """Of one look: who stops waiting between two would be counted twice."""
    pairs = [line.rpartition(" ") for line in client.get("/metrics").text.splitlines()]
    return sum(float(value) for name, _, value in pairs if name in {"ocr_requests_waiting", "ocr_requests_running"})


def test_a_request_without_room_is_invited_to_come_back(
    service: Callable[..., httpx.Client], engine: StandInRecogniser
) -> None:
    client = service(workers=1, max_waiting=1)
    engine.gate.clear()
    with ThreadPoolExecutor(2) as clients:
        held = [clients.submit(client.post, CHAT, json=asking(data_url())) for _ in range(2)]
        assert eventually(lambda: admitted(client) == 2)
        full = client.post(CHAT, json=asking(data_url()))
        assert refusal(full) == (503, "all 2 places are taken, try again later")
        assert full.headers["retry-after"] == "1"
        engine.gate.set()
    assert [answer.result().status_code for answer in held] == [200, 200]
    assert client.post(CHAT, json=asking(data_url())).status_code == 200


@pytest.mark.parametrize("stream", [False, True])
def test_the_work_of_a_client_that_left_is_dropped(
    service: Callable[..., httpx.Client], engine: StandInRecogniser, stream: bool
) -> None:
    client = service(workers=1)
    engine.gate.clear()
    with ThreadPoolExecutor(1) as clients:
        first = clients.submit(client.post, CHAT, json=asking(data_url()))
        assert eventually(lambda: counted(client, "ocr_requests_running") == 1)
        with sent(client, CHAT, json=asking(data_url(), stream=stream)):
            assert eventually(lambda: admitted(client) == 2)
        assert eventually(lambda: admitted(client) == 1)
        engine.gate.set()
        assert first.result().status_code == 200
    assert len(engine.seen) == 1
    assert counted(client, 'ocr_requests_total{endpoint="chat",outcome="gone"}') == 1


SLOW_SERVICE = """
import ocr_service.__main__ as service
from tests.services.rapidocr.standin import StandInRecogniser
import os, pathlib, time

class Slow(StandInRecogniser):
    def read(self, image):
        while not pathlib.Path(os.environ["GATE"]).exists():
            time.sleep(0.01)
        return super().read(image)

service.load = lambda settings: Slow()
service.main()
"""


def test_sigterm_lets_the_running_request_finish_and_ends_well(free_port: Callable[[], int], tmp_path: Path) -> None:
    port = free_port()
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=300)
    root = str(Path(__file__).parents[3])
    path = os.pathsep.join([str(SERVICES / "kit"), str(SERVICES / "rapidocr/app"), root])
    command = [sys.executable, "-c", SLOW_SERVICE, "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": path, "GATE": str(tmp_path / "gate")}
    with client, subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as process:
        answer: list[httpx.Response] = []
        try:
            assert eventually(lambda: healthy(client))
            asking_thread = threading.Thread(target=lambda: answer.append(client.post(CHAT, json=asking(data_url()))))
            asking_thread.start()
            assert eventually(lambda: counted(client, "ocr_requests_running") == 1)
            process.send_signal(signal.SIGTERM)
            (tmp_path / "gate").touch()
            asking_thread.join()
            assert process.wait(300) == 0
        finally:
            process.kill()
    assert answer[0].json()["choices"][0]["message"]["content"] == TEXT


def healthy(client: httpx.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False
