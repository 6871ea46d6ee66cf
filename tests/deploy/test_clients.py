"""The lines that tell a person how to ask an engine that is ready."""

from __future__ import annotations

import json
import shlex
import subprocess

import pytest

from mmcompose.deploy.ready.clients import Client, client
from mmcompose.deploy.wanted import Expected
from mmcompose.model import Probe


def requested(
    kind: str = "chat",
    path: str | None = "/v1/chat/completions",
    secret: str | None = None,
    model: str = "it's mine",
) -> Client | None:
    expected = Expected(
        "ocr", "mm-ocr", "image", "prebuilt", None, (), "shared", 8000, {}, Probe(kind, path), "m", secret
    )
    return client(expected, "127.0.0.1:8100", model)


def test_the_line_to_paste_is_one_request_that_the_shell_takes_as_it_is() -> None:
    found = requested()
    assert found is not None
    assert (found.base_url, found.model) == ("http://127.0.0.1:8100/v1", "it's mine")
    arguments = shlex.split(found.paste)
    assert arguments[:3] == ["curl", "-s", "http://127.0.0.1:8100/v1/chat/completions"]
    body = json.loads(arguments[arguments.index("-d") + 1])
    assert (body["model"], body["max_tokens"]) == ("it's mine", 100)


def test_a_key_is_read_from_its_file_and_never_shown() -> None:
    found = requested(secret="secrets/api key")
    assert found is not None
    assert "\"Authorization: Bearer $(cat 'secrets/api key')\"" in found.paste


def test_a_page_goes_through_a_pipe_for_it_is_longer_than_an_argument_may_be() -> None:
    found = requested("ocr")
    assert found is not None
    assert found.paste.startswith("(printf ")
    assert "base64 -w0 PAGE.jpg" in found.paste
    assert found.paste.endswith(" -d @-")


def test_a_page_is_sent_to_a_model_with_any_name() -> None:
    """A real shell makes the request, with a picture of one byte."""
    name = "o'rg/m@main; $(id) `id` base64,@"
    found = requested("ocr", model=name)
    assert found is not None
    made = found.paste.partition(" | ")[0].replace("base64 -w0 PAGE.jpg", "printf QQ==")
    printed = subprocess.run(["bash", "-c", made], capture_output=True, check=True).stdout
    body = json.loads(printed)
    assert body["model"] == name
    assert body["messages"][0]["content"][1]["image_url"]["url"] == "data:image/jpeg;base64,QQ=="


def test_the_base_url_is_that_of_the_engine() -> None:
    found = requested(path="/v3/chat/completions")
    assert found is not None
    assert found.base_url == "http://127.0.0.1:8100/v3"


@pytest.mark.parametrize("path", [None, "/segment"])
def test_an_engine_without_a_chat_has_no_such_lines(path: str | None) -> None:
    assert requested("segment", path) is None
