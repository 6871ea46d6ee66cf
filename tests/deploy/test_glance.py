"""One quick look at an engine tells how far it is, and an engine that answers no request is not ready."""

from __future__ import annotations

import pytest

from mmcompose.deploy.ready.questions import glance
from tests.deploy.test_ready import CHAT, MODELS, NOTHING, WELL, Reply, Script, events, printed, serving, token


@pytest.mark.parametrize(
    ("script", "phase"),
    [
        ({"/health": [printed({}, 503)]}, "health"),
        ({"/health": [WELL], "/v1/models": [printed({"data": []})]}, "model"),
        ({"/health": [WELL], "/v1/models": [printed({}, 404)]}, "model"),
        ({"/health": [WELL], "/v1/models": [MODELS]}, "ready"),
    ],
)
def test_a_glance_tells_the_phase_and_can_do_without_a_request(script: Script, phase: str) -> None:
    with serving(script) as (address, requested):
        assert glance(address, CHAT, "m", ask=False).phase == phase
    assert all(path != "/v1/chat/completions" for path, _ in requested)


@pytest.mark.parametrize(
    ("replies", "phase", "arguments"),
    [
        ([events(token("Paris"))], "ready", ""),
        ([events(NOTHING), events(token("so"))], "ready", ""),
        ([printed({"error": "cuda"}, 500)], "token", "answered 500"),
        ([printed({"error": "busy"}, 503)], "token", "answered 503"),
        ([printed({"error": "no"}, 400)], "token", "answered 400"),
        ([(200, "text/html", b"<html>come back later</html>")], "token", "come back later"),
    ],
)
def test_an_engine_is_ready_only_if_it_answers_a_request(replies: list[Reply], phase: str, arguments: str) -> None:
    with serving({"/health": [WELL], "/v1/models": [MODELS], "/v1/chat/completions": replies}) as (address, _):
        found = glance(address, CHAT, "m", within=3 if "503" in arguments else 20)
    assert found.phase == phase
    assert arguments in found.last_answer


def test_a_model_that_hangs_is_not_ready() -> None:
    with serving({"/health": [WELL], "/v1/models": [MODELS]}, silent="/v1/chat/completions") as (address, _):
        found = glance(address, CHAT, "m", within=1.0)
    assert found.phase == "token"
    assert "/v1/chat/completions" in found.last_answer
