"""Secrets: what can be sent is, what cannot is told by its file's name, and no message ever holds the content."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mmcompose.deploy.doctor.facts import DockerSeen
from mmcompose.deploy.ready import keys, talk
from mmcompose.deploy.ready.keys import BadKeyError
from mmcompose.deploy.ready.wait import FailedError, Waiting
from mmcompose.deploy.start import missing
from mmcompose.deploy.wanted import wanted_profile
from tests.deploy.containers import container
from tests.making import ROOT, compilation

BOX = {"profiles/hosts/box.yaml": "machine: {accelerator: cpu, memory: 16g, cores: 4, uid: 1000, gid: 1000}\n"}
CHAT = {
    "profiles/chat.yaml": """\
model: qwen-small
host: box
backend: llamacpp
ports: {api: 8080}
secrets: {api-key: {file: secrets/api, path_env: LLAMA_API_KEY_FILE}}
"""
}
BAD = {
    "two lines": b"# the key\nsesame-open-93\n",
    "a letter that no header holds": "sesame-€-open-93".encode(),
    "another script": "ключ-sesame-93".encode(),
    "a control character": b"sesame\x1b[2J-open-93",
    "a null byte": b"sesame\0open-93",
    "no text": b"\xff\xfe\x00sesame",
    "far too long": b"sesame-93" * 10000,
}


LLAMACPP = (ROOT / "profiles/backends/llamacpp.yaml").read_text()
ASKING = {"profiles/backends/llamacpp.yaml": LLAMACPP.replace("probe: {", "probe: {secret: api-key, ")}


def stack() -> Any:
    made = compilation({**CHAT, **BOX, **ASKING})
    assert made.stack is not None
    return made.stack


def expected(path: str = "secrets/api") -> Any:
    return SimpleNamespace(secret=path)


def secret(folder: Path, content: bytes, mode: int = 0o400, owner: int = 1000) -> Path:
    place = folder / "secrets/api"
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(content)
    place.chmod(mode)
    os.chown(place, owner, owner)
    return folder


def test_a_line_of_plain_characters_is_a_key_and_nobody_there_is_none(tmp_path: Path) -> None:
    assert keys.key(secret(tmp_path, b"  sesame-open-93\r\n"), expected()) == "sesame-open-93"
    assert keys.key(tmp_path, expected("secrets/none")) is None
    assert keys.key(tmp_path, expected("secrets")) is None
    assert keys.key(secret(tmp_path, b"\n"), expected()) is None
    os.mkfifo(tmp_path / "secrets/pipe")
    assert keys.key(tmp_path, expected("secrets/pipe")) is None


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_what_cannot_be_sent_is_reported_without_what_is_in_it(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(BadKeyError) as bad:
        keys.key(secret(tmp_path, content), expected())
    assert str(bad.value) == "secrets/api is not one line of plain characters"


@pytest.mark.parametrize("key", ["a\nb", "a\rb", "€", "a\0b", "a\x7f"])
def test_not_even_a_request_that_fails_quotes_its_key(key: str) -> None:
    with pytest.raises(talk.NoAnswerError) as nobody:
        talk.get(talk.Address("127.0.0.1", 9), "/", 1, key)
    assert str(nobody.value) == "the key is not one line of plain characters, so no request was sent"


@pytest.mark.parametrize(
    ("content", "mode", "owner", "arguments"),
    [
        *((content, 0o400, 1000, "is not one line of plain characters") for content in BAD.values()),
        (b"", 0o400, 1000, "is empty"),
        (b"sesame-open-93\n", 0o000, 1000, "cannot be read by uid 1000 of the container"),
        (b"sesame-open-93\n", 0o400, 0, "cannot be read by uid 1000 of the container"),
        (None, 0, 0, "is a folder"),
    ],
)
def test_a_secret_of_no_use_is_reported_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, mode: int, owner: int, arguments: str
) -> None:
    monkeypatch.setattr(missing, "_docker", DockerSeen)
    if content is None:
        (tmp_path / "secrets/api").mkdir(parents=True)
    else:
        secret(tmp_path, content, mode, owner)
    with pytest.raises(FailedError) as failed:
        missing.refuse(stack(), "chat", tmp_path)
    cause = failed.value.cause
    assert (cause.name, arguments in cause.line, bool(cause.next)) == ("secret-unusable", True, True), cause
    assert "sesame" not in json.dumps([cause.line, cause.next])


def test_who_reads_is_not_judged_where_docker_moves_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = DockerSeen(info={"SecurityOptions": ["name=rootless"]})
    monkeypatch.setattr(missing, "_docker", lambda: seen)
    missing.refuse(stack(), "chat", secret(tmp_path, b"sesame-open-93", 0o400, 0))
    monkeypatch.setattr(missing, "_docker", lambda: DockerSeen(address="tcp://10.0.0.9:2376"))
    missing.refuse(stack(), "chat", secret(tmp_path, b""))


def test_a_good_secret_needs_no_question_to_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missing, "_docker", lambda: pytest.fail("asked Docker"))
    missing.refuse(stack(), "chat", secret(tmp_path, b"sesame-open-93"))


def test_what_an_engine_prints_of_its_secret_is_not_reported_again(tmp_path: Path) -> None:
    hide = keys.hiding(secret(tmp_path, b"# mine\nsesame-open-93\n"), ["secrets/api", "secrets/none"])
    assert hide("args: --api-key sesame-open-93 --x") == "args: --api-key (secret) --x"
    assert keys.hiding(secret(tmp_path, b"a"), ["secrets/api"])("a cat") == "a cat"


def test_a_key_that_turned_bad_while_it_starts_ends_the_wait(tmp_path: Path) -> None:
    one = container(service="chat", profile="chat", ports={8080: ("127.0.0.1", 9)})
    found = wanted_profile(stack(), "chat")

    class Telling:
        def containers(self, _: Any) -> list[dict[str, Any]]:
            labels = {"mmcompose.project": "mm", "mmcompose.profile": "chat", "mmcompose.service": "chat"}
            ports = {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "9"}]}
            return [{"Id": one.id, "Config": {"Labels": labels}, "State": {"Status": "running"},
                     "NetworkSettings": {"Ports": ports}}]  # fmt: skip

        def logs(self, *_: Any, **__: Any) -> list[str]:
            return []

    with pytest.raises(FailedError) as failed:
        list(Waiting(Telling(), found, secret(tmp_path, BAD["two lines"]), 5).events())  # type: ignore[arg-type]
    assert failed.value.cause.line == "secrets/api is not one line of plain characters"
