"""A start that fetches weights shows how that gets on, and never waits for it where somebody waits for nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from mmcompose.deploy.causes.evidence import Evidence
from mmcompose.deploy.causes.recognise import recognise
from mmcompose.deploy.docker.engine import DockerEngine
from mmcompose.deploy.docker.observe import Deployment
from mmcompose.deploy.handover.failures import _left
from mmcompose.deploy.ready.events import Event
from mmcompose.deploy.start import weights
from mmcompose.deploy.start.weights import Fetching
from mmcompose.deploy.status import phase
from mmcompose.deploy.wanted import WantedProfile
from tests.deploy.containers import container

CHAT = WantedProfile("mm", "chat", "box", (), {"mm-chat-fetch": ""})
AT_WORK = container(id="f", name="mm-chat-fetch", profile="chat", service="chat", role="fetch", status="running")
WAITS = container(id="e", name="mm-chat", profile="chat", service="chat", status="created")


class Docker(DockerEngine):
    """Its one log has one line and no end before `over`."""

    def __init__(self) -> None:
        self.over = threading.Event()

    def logs(self, container: str, **_: Any) -> Iterator[str]:
        yield "1 MB of 2 MB"
        self.over.wait(60)


@pytest.fixture
def docker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Docker]:
    monkeypatch.setattr(weights, "observe", lambda *_: [AT_WORK, WAITS])
    monkeypatch.setattr("mmcompose.deploy.handover.failures.observe", lambda *_: [AT_WORK, WAITS])
    found = Docker()
    yield found
    found.over.set()


def line(text: str) -> Event:
    return Event("line", "chat", text=f" Container {text}")


def _broken_off(fetching: Fetching, how: BaseException) -> None:
    with fetching:
        fetching(line("mm-chat-fetch  Started"))
        raise how


def test_an_interruption_does_not_wait_for_the_download(docker: Docker) -> None:
    fetching = Fetching(docker, CHAT, lambda _: None)
    with pytest.raises(KeyboardInterrupt):
        _broken_off(fetching, KeyboardInterrupt())
    assert not docker.over.is_set()


def test_a_failure_does_not_wait_for_the_download_of_another_service(
    docker: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "_AFTER_FAILURE", 0.01)
    fetching = Fetching(docker, CHAT, lambda _: None)
    with pytest.raises(ValueError, match="refused"):
        _broken_off(fetching, ValueError("refused"))
    assert not docker.over.is_set()


@pytest.mark.parametrize("seen", [["Started", "Waiting"], ["Running", "Waiting"], ["Waiting"]])
def test_a_download_is_followed_once_whoever_began_it(docker: Docker, seen: list[str]) -> None:
    events: list[Event] = []
    fetching = Fetching(docker, CHAT, events.append)
    with fetching:
        for what in seen:
            fetching(line(f"mm-chat-fetch  {what}"))
        docker.over.set()
        fetching(line("mm-chat  Started"))
    assert [(one.kind, one.phase) for one in events if one.phase] == [
        ("phase", "weights"),
        ("tick", "weights"),
        ("reached", "weights"),
    ]


def test_status_tells_that_weights_are_fetched() -> None:
    assert phase(Deployment("mm", "chat", (AT_WORK, WAITS)), {}) == "weights"


def test_an_interrupted_start_says_that_the_download_goes_on_and_the_engine_waits(docker: Docker) -> None:
    assert _left(docker, CHAT).startswith("chat goes on fetching its weights: mmcompose up chat starts it then")


REFUSED = (
    "asking http://hub for the files of org/gated at main",
    "mmfetch: org/gated is gated, and there is no token",
    "  accept its licence at http://hub/org/gated, and write a token to secrets/hf_token",
)


@pytest.mark.parametrize(
    ("log", "cause", "following"),
    [
        (REFUSED, "org/gated is gated, and there is no token", "accept its licence at http://hub/org/gated"),
        (("mmfetch: stopped; what has arrived is kept",), "stopped; what has arrived", "mmcompose up chat goes on"),
    ],
)
def test_the_cause_is_the_message_of_the_program_that_fetches(log: tuple[str, ...], cause: str, following: str) -> None:
    ended = container(role="fetch", status="exited", exit_code=3)
    refusal = 'service "fetch-chat" didn\'t complete successfully: exit 3'
    found = recognise(Evidence(profile="chat", container=ended, refusal=refusal, log=log))
    assert found.name == "weights-not-fetched"
    assert found.line.startswith(f"the weights were not fetched: {cause}")
    assert found.next.startswith(following)
