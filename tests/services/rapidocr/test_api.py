"""The interface as clients see it, over real HTTP."""

from __future__ import annotations

import json
import socket
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from ocr_service.api import create_app
from ocr_service.settings import Settings

from tests.services.conftest import eventually
from tests.services.rapidocr.conftest import asking, data_url, png

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI

    from tests.services.rapidocr.standin import StandInRecogniser

CHAT = "/v1/chat/completions"
TEXT = "GREEN MARKET\nTOTAL 9.99"
BLANK = data_url(png(colour="white"))


def events(response: httpx.Response) -> list[Any]:
    assert response.headers["content-type"].startswith("text/event-stream")
    frames = response.text.removesuffix("\n\n").split("\n\n")
    assert all(frame.startswith("data: ") for frame in frames)
    assert frames.pop() == "data: [DONE]"
    return [json.loads(frame.removeprefix("data: ")) for frame in frames]


def refusal(response: httpx.Response) -> tuple[int, str]:
    error = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["type"] == ("invalid_request_error" if response.status_code < 500 else "server_error")
    return response.status_code, error["message"]


def counted(client: httpx.Client, name: str) -> float:
    lines = client.get("/metrics").text.splitlines()
    return next(float(line.removeprefix(f"{name} ")) for line in lines if line.startswith(f"{name} "))


def test_an_image_comes_back_as_its_lines_from_top_to_bottom(service: Callable[..., httpx.Client]) -> None:
    answer = service(served_model_name="reader").post(CHAT, json=asking(data_url(), model="reader")).json()
    assert (answer["object"], answer["model"]) == ("chat.completion", "reader")
    (choice,) = answer["choices"]
    assert choice["message"] == {"role": "assistant", "content": TEXT}
    assert choice["finish_reason"] == "stop"
    assert answer["usage"] == {"prompt_tokens": 0, "completion_tokens": 4, "total_tokens": 4}


def test_a_stream_names_the_role_then_each_line_then_the_end(service: Callable[..., httpx.Client]) -> None:
    chunks = events(service().post(CHAT, json=asking(data_url(), stream=True)))
    assert [chunk["choices"][0]["delta"] for chunk in chunks] == [
        {"role": "assistant", "content": ""},
        {"content": "GREEN MARKET"},
        {"content": "\nTOTAL 9.99"},
        {},
    ]
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None, None, None, "stop"]
    assert len({(chunk["id"], chunk["created"], chunk["object"]) for chunk in chunks}) == 1
    assert not any("usage" in chunk for chunk in chunks)


def test_usage_ends_the_stream_when_requested(service: Callable[..., httpx.Client]) -> None:
    body = asking(data_url(), stream=True, stream_options={"include_usage": True})
    last = events(service().post(CHAT, json=body))[-1]
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] == 4


@pytest.mark.parametrize("urls", [[BLANK], [data_url()] * 3, [data_url(), BLANK, data_url()], [BLANK, data_url()]])
def test_several_images_are_read_in_turn_and_streamed_text_equals_the_plain_one(
    service: Callable[..., httpx.Client], urls: list[str]
) -> None:
    client = service()
    plain = client.post(CHAT, json=asking(*urls)).json()["choices"][0]["message"]["content"]
    chunks = events(client.post(CHAT, json=asking(*urls, stream=True)))
    assert plain == "\n\n".join("" if url == BLANK else TEXT for url in urls)
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks) == plain


def test_an_uploaded_file_comes_back_with_boxes_and_scores(service: Callable[..., httpx.Client]) -> None:
    answer = service().post("/v1/ocr", files={"file": ("a.png", png())}).json()
    assert answer == {
        "text": TEXT,
        "lines": [
            {"text": "GREEN MARKET", "score": 0.9, "box": [10, 10, 110, 30]},
            {"text": "TOTAL 9.99", "score": 0.9, "box": [10, 60, 110, 80]},
        ],
        "format": "PNG",
    }


def test_a_large_upload_needs_no_temporary_files(
    service: Callable[..., httpx.Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    noise = b"\0" * 3_000_000
    assert service().post("/v1/ocr", files={"file": ("a.png", png() + noise)}).status_code == 200


def test_models_version_and_unknown_places(service: Callable[..., httpx.Client]) -> None:
    client = service(served_model_name="reader")
    assert [model["id"] for model in client.get("/v1/models").json()["data"]] == ["reader"]
    assert set(client.get("/version").json()) == {"version", "rapidocr", "onnxruntime"}
    assert refusal(client.get("/v1/nothing")) == (404, "there is nothing at GET /v1/nothing")
    assert refusal(client.get(CHAT)) == (405, f"GET {CHAT} is not offered")


REFUSED: dict[str, tuple[Any, int, str]] = {
    "no object": ([1], 400, "the request body must be a JSON object, this is a list"),
    "another model": (asking(data_url(), model="gpt"), 404, "the model 'gpt' is not served, 'pp-ocrv6-small' is"),
    "no messages": ({}, 400, "messages must be a list with at least one message"),
    "empty messages": ({"messages": []}, 400, "messages must be a list with at least one message"),
    "a message that is none": ({"messages": ["hi"]}, 400, "messages[0] must be an object, this is a string"),
    "content of a wrong kind": (
        {"messages": [{"role": "user", "content": 5}]}, 400, "messages[0].content must be a string or a list of parts"),
    "a part of a wrong kind": (
        {"messages": [{"content": [{"type": "input_audio"}]}]}, 400,
        "messages[0].content[0] must be a part of type text or image_url"),
    "a part that is none": (
        {"messages": [{"content": [None]}]}, 400, "messages[0].content[0] must be a part of type text or image_url"),
    "only text": (
        {"messages": [{"role": "user", "content": "hi"}]}, 400, "no image: send an image_url part with a data: URL"),
    "an image part without an image": (
        {"messages": [{"content": [{"type": "image_url"}]}]}, 400,
        "messages[0].content[0].image_url.url must be a string, this is null"),
    "a number for a URL": (asking(7), 400, "messages[0].content[1].image_url.url must be a string, this is a number"),
    "a URL elsewhere": (
        asking("http://169.254.169.254/latest"), 400,
        "messages[0].content[1].image_url.url must be a data: URL: this service fetches nothing from elsewhere"),
    "a path": (
        asking("file:///etc/passwd"), 400,
        "messages[0].content[1].image_url.url must be a data: URL: this service fetches nothing from elsewhere"),
    "a data URL that is not base64": (
        asking("data:image/png,abc"), 400,
        "messages[0].content[1].image_url.url must look like data:image/png;base64,…"),
    "broken base64": (
        asking("data:image/png;base64,@@@@"), 400, "messages[0].content[1].image_url.url is not valid base64: Only"),
    "cut base64": (
        asking("data:image/png;base64,abcde"), 400, "messages[0].content[1].image_url.url is not valid base64: "),
    "letters beyond ASCII": (
        asking("data:image/png;base64,äöü="), 400, "messages[0].content[1].image_url.url is not valid base64: "),
    "no bytes": (asking("data:image/png;base64,"), 400, "messages[0].content[1].image_url.url is empty"),
    "no image in the bytes": (asking(data_url(b"hello")), 400, "image 1 is not a readable image ("),
    "a broken second image": (asking(data_url(), data_url(b"hello")), 400, "image 2 is not a readable image ("),
    "too many images": (asking(*[data_url()] * 17), 400, "17 images, at most 16 in one request"),
    "several answers": (asking(data_url(), n=2), 400, "n must be 1: reading the same image twice gives the same text"),
    "stream of a wrong kind": (asking(data_url(), stream="yes"), 400, "stream must be true or false, this is a string"),
    "options without a stream": (
        asking(data_url(), stream_options={}), 400, "stream_options goes with stream: true"),
    "options of a wrong kind": (
        asking(data_url(), stream=True, stream_options=1), 400, "stream_options must be an object, this is a number"),
    "include_usage of a wrong kind": (
        asking(data_url(), stream=True, stream_options={"include_usage": 1}), 400,
        "stream_options.include_usage must be true or false, this is a number"),
}  # fmt: skip


def test_each_wrong_request_is_refused_with_its_fault(service: Callable[..., httpx.Client]) -> None:
    client = service()
    refused = {name: refusal(client.post(CHAT, json=body)) for name, (body, _, _) in REFUSED.items()}
    wrong = {
        name: refused[name]
        for name, (_, status, message) in REFUSED.items()
        if refused[name][0] != status or not refused[name][1].startswith(message)
    }
    assert wrong == {}
    assert counted(client, 'ocr_requests_total{endpoint="chat",outcome="refused"}') == len(REFUSED)
    assert client.post(CHAT, json=asking(data_url())).status_code == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"a": \xff}', b"[" * 100_000, b"\0", b'{"messages": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"],
    ids=["nothing", "half", "no UTF-8", "deep", "a zero byte", "deep and closed"],
)
def test_garbage_is_no_json(service: Callable[..., httpx.Client], body: bytes) -> None:
    status, message = refusal(service().post(CHAT, content=body))
    assert status == 400
    assert message.startswith(("the request body is not valid JSON: ", "messages[0] must be an object"))


@pytest.mark.parametrize(
    ("form", "status", "message"),
    [
        ({"files": {"other": png()}}, 400, "send exactly one image as the file field named file"),
        ({"files": [("file", png()), ("file", png())]}, 400, "send exactly one image as the file field named file"),
        ({"data": {"file": "text"}, "files": {"x": b"y"}}, 400, "send exactly one image as the file field named file"),
        ({"files": {"file": ("a.png", b"")}}, 400, "file is empty"),
        ({"files": {"file": ("a.png", b"hello")}}, 400, "file is not a readable image ("),
        ({"files": [("file", png())] * 3}, 400, "the multipart form is broken: Too many files"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 400, "the multipart form is broken: "),
        (
            {"content": b"  --b", "headers": {"content-type": "multipart/form-data; boundary=b"}},
            400,
            "the multipart form is broken: ",
        ),
        ({"json": {}}, 415, "send the image as multipart/form-data"),
    ],
)
def test_each_wrong_upload_is_refused_with_its_fault(
    service: Callable[..., httpx.Client], form: dict[str, Any], status: int, message: str
) -> None:
    refused = refusal(service().post("/v1/ocr", **form))
    assert refused[0] == status
    assert refused[1].startswith(message)


def test_limits_hold_exactly(service: Callable[..., httpx.Client]) -> None:
    image = png()
    client = service(max_image_bytes=len(image), max_pixels=20_000)
    assert client.post(CHAT, json=asking(data_url(image))).status_code == 200
    assert client.post("/v1/ocr", files={"file": image}).status_code == 200
    over = f" is over the limit of {len(image)} bytes for an image"
    url = "messages[0].content[1].image_url.url"
    assert refusal(client.post(CHAT, json=asking(data_url(image + b"\0")))) == (413, url + over)
    assert refusal(client.post(CHAT, json=asking(data_url(image + b"\0" * 10_000)))) == (413, url + over)
    assert refusal(client.post("/v1/ocr", files={"file": image + b"\0"})) == (413, "file" + over)
    wide = "file has 201x100 pixels, the limit is 20000 in all"
    small = service(max_pixels=20_000)
    assert refusal(small.post("/v1/ocr", files={"file": png((201, 100))})) == (413, wide)


@pytest.mark.parametrize("path", [CHAT, "/v1/ocr"])
@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_long_is_refused_before_it_is_there(
    service: Callable[..., httpx.Client], path: str, declared: bool
) -> None:
    """Of a body that never ends, the refusal comes while the sender is still at it."""
    client = service(max_image_bytes=1000)
    limit = Settings(max_image_bytes=1000).max_body_bytes
    kind = "application/json" if path == CHAT else "multipart/form-data; boundary=b"
    opening = b"" if path == CHAT else b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    body = opening + b" " * (limit + 1)
    length = f"Content-Length: {10**12}" if declared else "Transfer-Encoding: chunked"
    sent = b"" if declared else f"{len(body):x}\r\n".encode() + body + b"\r\n"
    with socket.create_connection((client.base_url.host, client.base_url.port), timeout=10) as raw:
        raw.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n{length}\r\n\r\n".encode() + sent)
        answer = b""
        while b"bytes" not in answer and (more := raw.recv(65536)):  # the head and the body may come apart
            answer += more
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert f"the request body is over the limit of {limit} bytes" in answer.decode()


@pytest.mark.parametrize("path", [CHAT, "/v1/ocr"])
def test_a_body_that_stops_coming_gives_its_place_back(
    service: Callable[..., httpx.Client], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("service_kit.uploads.SILENCE_SECONDS", 0.2)
    client = service()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 9\r\n\r\n"
    )
    with socket.create_connection((client.base_url.host, client.base_url.port), timeout=10) as raw:
        raw.sendall(head.encode() + b"--b")
        assert raw.recv(65536).startswith(b"HTTP/1.1 408 ")
    assert counted(client, "ocr_requests_waiting") == 0


def test_loading_and_failing_show_in_health(served: Callable[[FastAPI], httpx.Client]) -> None:
    gate = threading.Event()

    def load(_: Settings) -> StandInRecogniser:
        gate.wait(20)
        raise OSError("models/det.onnx is not there")

    client = served(create_app(Settings(), load))
    assert (client.get("/health").status_code, client.get("/health").json()) == (503, {"status": "loading"})
    early = client.post(CHAT, json=asking(data_url()))
    assert refusal(early) == (503, "the model is still loading")
    assert early.headers["retry-after"]
    gate.set()
    assert eventually(lambda: client.get("/health").status_code == 500)
    reason = "OSError: models/det.onnx is not there"
    assert client.get("/health").json() == {"status": "failed", "reason": reason}
    assert refusal(client.post(CHAT, json=asking(data_url()))) == (500, f"the model could not be loaded: {reason}")


def test_a_failing_engine_is_a_server_error_that_keeps_its_secrets(
    service: Callable[..., httpx.Client], engine: StandInRecogniser
) -> None:
    client = service()
    engine.fault = RuntimeError("/opt/models/secret.onnx")
    assert refusal(client.post(CHAT, json=asking(data_url()))) == (500, "the OCR engine failed on image 1")
    chunks = events(client.post(CHAT, json=asking(data_url(), stream=True)))
    assert chunks[-1]["error"]["message"] == "the OCR engine failed on image 1"
    engine.fault = None
    assert client.post(CHAT, json=asking(data_url())).status_code == 200
    assert counted(client, 'ocr_requests_total{endpoint="chat",outcome="failed"}') == 2
    assert counted(client, 'ocr_requests_total{endpoint="chat",outcome="ok"}') == 1
