"""An engine may answer with the very key that it was asked with: no message repeats it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.deploy.ready.verify import verify
from mmcompose.deploy.ready.wait import Waiting
from mmcompose.deploy.wanted import WantedProfile, wanted_profile
from tests.deploy.test_ready import MODELS, WELL, Reply, events, printed, serving, token
from tests.making import compilation

if TYPE_CHECKING:
    from pathlib import Path

KEY = "sesame-open"
FILES = {
    "profiles/chat.yaml": "model: qwen-small\nhost: box\nbackend: llamacpp\nports: {api: 8080}\n",
    "profiles/hosts/box.yaml": "machine: {accelerator: cpu, memory: 16g, cores: 4, uid: 1000, gid: 1000}\n",
}


class Fake:
    """An engine with the one container of the profile."""

    def __init__(self, port: int) -> None:
        self.answer = {
            "Id": "c1",
            "Config": {"Labels": {"mmcompose.project": "mm", "mmcompose.profile": "chat", "mmcompose.service": "chat"}},
            "State": {"Status": "running"},
            "NetworkSettings": {"Ports": {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port)}]}},
        }

    def containers(self, _: Any) -> list[dict[str, Any]]:
        return [self.answer]


@pytest.fixture
def chat(tmp_path: Path) -> WantedProfile:
    (tmp_path / "key").write_text(KEY)
    made = compilation(FILES)
    assert made.stack is not None
    found = wanted_profile(made.stack, "chat")
    [expected] = found.services
    return replace(found, services=(replace(expected, served_name="m", secret="key", secrets=("key",)),))


def script(reply: Reply) -> dict[str, list[Reply]]:
    return {"/health": [WELL], "/v1/models": [MODELS], "/v1/chat/completions": [reply]}


def test_the_first_answer_is_shown_without_the_key_and_without_end(tmp_path: Path, chat: WantedProfile) -> None:
    with serving(script(events(token(f"it is {KEY}, " + "na" * 9000)))) as (address, requested):
        waiting = Waiting(Fake(address.port), chat, tmp_path, 60)  # type: ignore[arg-type]
        reported = [event.text for event in waiting.events() if event.phase == "token" and event.kind == "reached"]
    assert ("/v1/chat/completions", f"Bearer {KEY}") in requested
    assert [text[:15] for text in reported] == ["it is (secret),"]
    assert len(reported[0]) < 1000


def test_the_answer_of_a_test_is_shown_without_the_key(tmp_path: Path, chat: WantedProfile) -> None:
    reply = printed({"choices": [{"message": {"content": f"it is {KEY}"}}]})
    with serving(script(reply)) as (address, _):
        [found] = verify(Fake(address.port), chat, tmp_path, within=60)  # type: ignore[arg-type]
    assert found.answer == "it is (secret)"
