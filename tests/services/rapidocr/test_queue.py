"""Many at once: in turn, no more than there is room for, and nobody waits for a client that has gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.services.conftest import TEMPLATES, eventually
from tests.services.rapidocr.conftest import asking, data_url, png
from tests.services.rapidocr.test_api import CHAT, TEXT, counted, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.services.rapidocr.standin import StandInRecogniser


def test_as_many_pages_are_read_at_once_as_there_are_workers(
    service: Callable[..., httpx.Client], engine: StandInRecogniser
) -> None:
    client = service(workers=2)
    engine.gate.clear()
    with ThreadPoolExecutor(6) as clients:
        answers = [clients.submit(client.post, CHAT, json=asking(data_url())) for _ in range(6)]
        assert eventually(lambda: counted(client, "ocr_requests_waiting") == 4)
        assert eventually(lambda: counted(client, "ocr_requests_running") == 2)
        engine.gate.set()
    assert {answer.result().status_code for answer in answers} == {200}
    assert engine.most_at_once == 2
    assert counted(client, "ocr_requests_waiting") == 0


def test_requests_are_served_in_the_order_they_came(
    service: Callable[..., httpx.Client], engine: StandInRecogniser
) -> None:
    client = service(workers=1)
    engine.gate.clear()
    widths = [100, 101, 102, 103, 104]
    with ThreadPoolExecutor(5) as clients:
        for place, width in enumerate(widths):
            clients.submit(client.post, "/v1/ocr", files={"file": png((width, 50))})
            waiting = place + 1
            assert eventually(lambda waiting=waiting: admitted(client) == waiting)  # type: ignore[misc]
            assert eventually(lambda: counted(client, "ocr_requests_running") == 1)
            # A place is taken before the body is there, and whose body is there first is first in the line.
            time.sleep(0.2)
        engine.gate.set()
    assert [image.width for image in engine.seen] == widths


def admitted(client: httpx.Client) -> float:
    return counted(client, "ocr_requests_waiting") + counted(client, "ocr_requests_running")


def test_who_finds_no_room_is_told_to_come_back(
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
        with pytest.raises(httpx.TimeoutException):
            httpx.post(f"{client.base_url}{CHAT}", json=asking(data_url(), stream=stream), timeout=0.3)
        assert eventually(lambda: admitted(client) == 1)
        engine.gate.set()
        assert first.result().status_code == 200
    assert len(engine.seen) == 1
    assert counted(client, 'ocr_requests_total{endpoint="chat",outcome="gone"}') == 1


SLOW_SERVICE = """
import ocr_service.__main__ as service
from tests.services.rapidocr.standin import StandInRecogniser
import time

class Slow(StandInRecogniser):
    def read(self, image):
        time.sleep(1.0)
        return super().read(image)

service.load = lambda settings: Slow()
service.main()
"""


def test_sigterm_lets_the_running_request_finish_and_ends_well(free_port: Callable[[], int]) -> None:
    port = free_port()
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20)
    root = str(Path(__file__).parents[3])
    path = os.pathsep.join([str(TEMPLATES / "rapidocr" / "app"), root])
    command = [sys.executable, "-c", SLOW_SERVICE, "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, stderr=subprocess.PIPE) as process:
        answer: list[httpx.Response] = []
        try:
            assert eventually(lambda: healthy(client))
            asking_thread = threading.Thread(target=lambda: answer.append(client.post(CHAT, json=asking(data_url()))))
            asking_thread.start()
            assert eventually(lambda: counted(client, "ocr_requests_running") == 1)
            process.send_signal(signal.SIGTERM)
            asking_thread.join()
            assert process.wait(10) == 0
        finally:
            process.kill()
    assert answer[0].json()["choices"][0]["message"]["content"] == TEXT


def healthy(client: httpx.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False
