from __future__ import annotations

import base64
import hashlib
import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from benchmarks.mmbench.images import ImageError, load_images, pixels
from benchmarks.mmbench.prompts import Length, random_text, sampling
from benchmarks.mmbench.target import BadTargetError, Target
from benchmarks.mmbench.workload import ImageLoad, TextLoad

from .serving import RECEIPTS

TARGET = Target.parse("http://host:9")


def body_of(buffers: list[bytes]) -> dict[str, Any]:
    head, _, body = b"".join(buffers).partition(b"\r\n\r\n")
    length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    assert int(length.split(b":")[1]) == len(body)
    described: dict[str, Any] = json.loads(body)
    return described


@pytest.mark.parametrize("api", ["chat", "completions", "llamacpp"])
@pytest.mark.parametrize("unique", [True, False])
def test_every_body_is_json_of_its_api_with_the_length_it_says(api: str, unique: bool) -> None:
    load = TextLoad(
        TARGET, api, "m", length=20, options=sampling(api, 7, True, 0.0, {"top_k": 1}), seed=1, unique=unique
    )
    plans = [load.plan(index) for index in range(100)]
    bodies = [body_of(plan.buffers) for plan in plans]
    texts = [each["messages"][0]["content"] if api == "chat" else each["prompt"] for each in bodies]
    assert (len(set(texts)) == 100) == unique
    if unique:
        assert len({text[:6] for text in texts}) > 90, (
            "prompts must differ from the beginning, or a prefix cache answers"
        )
    assert {each.get("max_tokens", each.get("n_predict")) for each in bodies} == {7}
    assert all(
        each["stream"] and each["ignore_eos"] and each["top_k"] == 1 and each["temperature"] == 0 for each in bodies
    )
    assert [plan.body_bytes for plan in plans] == [len(b"".join(p.buffers).partition(b"\r\n\r\n")[2]) for p in plans]


def test_the_same_seed_sends_the_same_bytes() -> None:
    first, again = (
        [TextLoad(TARGET, "chat", "m", length=5, options={}, seed=seed).plan(i).buffers for i in range(5)]
        for seed in (3, 3)
    )
    assert first == again


@pytest.mark.parametrize("unique", [True, False])
def test_images_are_sent_byte_for_byte_and_in_turn(unique: bool) -> None:
    images = load_images(str(RECEIPTS))
    load = ImageLoad(TARGET, "m", images, prompt="read \0 this", options={"max_tokens": 5}, unique=unique)
    for index, image in enumerate([*images, *images]):
        plan = load.plan(index)
        assert plan.label == image.name
        parts = body_of(plan.buffers)["messages"][0]["content"]
        url = next(part["image_url"]["url"] for part in parts if part["type"] == "image_url")
        kind, _, data = url.partition(",")
        assert kind == "data:image/jpeg;base64"
        assert base64.b64decode(data) == (RECEIPTS / image.name).read_bytes()
        assert parts[-1]["text"] == "read \0 this"
        assert len(parts) == (3 if unique else 2)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_pixels_are_read_from_the_header(kind: str) -> None:
    for mode in ({"lossless": True}, {"lossless": False}) if kind == "WEBP" else ({},):
        text = BytesIO()
        Pillow.new("RGB", (321, 123)).save(text, kind, **mode)
        assert pixels(text.getvalue()) == (321, 123)


@given(st.binary(max_size=60), st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF0000WEBPVP8X"]))
def test_a_broken_header_has_no_pixels_and_no_traceback(data: bytes, start: bytes) -> None:
    found = pixels(start + data)
    assert found is None or len(found) == 2


def test_an_image_is_described_by_what_it_is(tmp_path: Path) -> None:
    data = (RECEIPTS / "receipt-1.jpg").read_bytes()
    path = tmp_path / "named.png"
    path.write_bytes(data)
    (image,) = load_images(str(path))
    described = image.described()
    assert image.media_type == "image/jpeg"
    assert described["sha256"] == hashlib.sha256(data).hexdigest()
    assert (described["bytes"], described["width"]) == (len(data), 620)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [("a.jpg", b"text", "not a JPEG"), ("folder", None, "no images"), ("none", None, "no such")],
)
def test_a_file_that_is_no_image_is_refused(tmp_path: Path, name: str, data: bytes | None, message: str) -> None:
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    elif name == "folder":
        path.mkdir()
    with pytest.raises(ImageError, match=message):
        load_images(str(path))


def test_prompt_lengths_are_fitted_to_what_the_server_counts() -> None:
    length = Length.fit((16, 10 + 24), (144, 10 + 216))
    assert length.fitted
    assert length.for_tokens(1024) == round((1024 - 10) / 1.5)
    assert Length.fit((16, 5), (144, 5)) == Length()
    assert Length().for_tokens(32) == 32


def test_a_random_text_has_the_requested_length() -> None:
    import random

    assert len(random_text(500, random.Random(1)).split()) == 500


@pytest.mark.parametrize(
    ("url", "chat"),
    [
        ("http://h:1", "/v1/chat/completions"),
        ("h:1", "/v1/chat/completions"),
        ("http://h:1/v1/", "/v1/chat/completions"),
        ("https://h/v3", "/v3/chat/completions"),
        ("http://[::1]:5/gate/v1", "/gate/v1/chat/completions"),
    ],
)
def test_a_base_url_leads_to_its_paths(url: str, chat: str) -> None:
    target = Target.parse(url)
    assert target.endpoint("chat") == chat
    assert not target.endpoint("llamacpp").startswith("/v")


@pytest.mark.parametrize(
    "url",
    ["", "ftp://h", "http://", "http://h:port", "http://h:99999", "http://u:p@h", "http://h/a b", "http://h\r\nX: y"],
)
def test_a_base_url_that_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(BadTargetError):
        Target.parse(url)


def test_the_key_is_in_the_head_and_not_in_the_url() -> None:
    target = Target.parse("http://h", api_key="sk-1")
    assert b"Authorization: Bearer sk-1\r\n" in target.head("POST", "/x")
    assert "sk-1" not in target.url
