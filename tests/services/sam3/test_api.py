"""The segmentation service as clients see it, over real HTTP; only the model is a stand-in."""

from __future__ import annotations

import base64
import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from sam3_service import rle
from sam3_service.api import create_app
from sam3_service.model import LoadError, OutOfMemory
from sam3_service.prompt import Prompt
from sam3_service.settings import Settings

from tests.services.conftest import eventually, settled
from tests.services.sam3.standin import BY_TEXT, StandInSegmenter, rectangle

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from fastapi import FastAPI

SIZE = (60, 40)


def png(size: tuple[int, int] = SIZE) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "gray").save(file, "PNG")
    return file.getvalue()


URL = "data:image/png;base64," + base64.b64encode(png()).decode()


@pytest.fixture
def engine() -> StandInSegmenter:
    return StandInSegmenter()


@pytest.fixture
def service(served: Callable[[FastAPI], httpx.Client], engine: StandInSegmenter) -> Callable[..., httpx.Client]:
    def start(**settings: Any) -> httpx.Client:
        return settled(served(create_app(Settings(**settings), lambda _: engine)))

    return start


def refusal(response: httpx.Response) -> tuple[int, str]:
    error = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return response.status_code, error["message"]


def test_a_text_gives_masks_boxes_and_scores_the_best_first(service: Callable[..., httpx.Client]) -> None:
    answer = service().post("/segment", files={"image": png()}, data={"text": " a cup "}).json()
    best_first = sorted(BY_TEXT, key=lambda found: -found[1])
    assert {key: answer[key] for key in ("boxes", "scores", "width", "height", "found")} == {
        "boxes": [list(box) for box, _ in best_first],
        "scores": [score for _, score in best_first],
        "width": SIZE[0],
        "height": SIZE[1],
        "found": 2,
    }
    for mask, (box, _) in zip(answer["masks"], best_first, strict=True):
        assert isinstance(mask["counts"], str)
        assert np.array_equal(rle.decode(mask), rectangle(box, SIZE))


@pytest.mark.parametrize("as_json", [True, False])
def test_both_ways_to_ask_reach_the_model_alike(
    service: Callable[..., httpx.Client], engine: StandInSegmenter, as_json: bool
) -> None:
    wanted = {"text": "cup", "boxes": [[1, 2.5, 30, 40]], "threshold": 0.25, "max_masks": 2}
    if as_json:
        response = service().post("/segment", json={"image": URL, "rle": "uncompressed", **wanted})
    else:
        fields = {name: value if name == "text" else json.dumps(value) for name, value in wanted.items()}
        response = service().post("/segment", files={"image": png()}, data={**fields, "rle": "uncompressed"})
    assert engine.prompts == [Prompt("cup", ((1, 2.5, 30, 40),), 0.25, 2)]
    answer = response.json()
    assert answer["scores"] == [0.95, 0.9]
    assert answer["found"] == 3
    assert isinstance(answer["masks"][0]["counts"], list)


def test_the_defaults_come_from_the_command_line(
    service: Callable[..., httpx.Client], engine: StandInSegmenter
) -> None:
    service(threshold=0.7, max_masks=5).post("/segment", json={"image": URL, "text": "cup"})
    assert engine.prompts == [Prompt("cup", (), 0.7, 5)]


def test_nothing_found_is_an_answer(service: Callable[..., httpx.Client]) -> None:
    answer = service().post("/segment", json={"image": URL, "text": "cup", "threshold": 1}).json()
    assert (answer["masks"], answer["boxes"], answer["scores"], answer["found"]) == ([], [], [], 0)


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({}, 400, "name what to look for: text, boxes, or both"),
    ({"boxes": []}, 400, "name what to look for: text, boxes, or both"),
    ({"text": "  "}, 400, "text must be a string that is not empty"),
    ({"text": 5}, 400, "text must be a string that is not empty"),
    ({"text": "x" * 1001}, 400, "text is longer than 1000 characters"),
    ({"boxes": "all"}, 400, "boxes must be a list of [x0, y0, x1, y1], this is a string"),
    ({"boxes": [[1, 2, 3]]}, 400, "boxes[0] must be four numbers: [x0, y0, x1, y1]"),
    ({"boxes": [[0, 0, 9, 9], [1, 2, 3, "4"]]}, 400, "boxes[1] must be a number, this is a string"),
    ({"boxes": [[1, 2, 3, True]]}, 400, "boxes[0] must be a number, this is a boolean"),
    ({"boxes": [[1, 2, 3, 10**400]]}, 400, "boxes[0] must be a finite number"),
    ({"boxes": [[0, 0, 9, 9]] * 33}, 400, "33 boxes, at most 32 in one prompt"),
    ({"boxes": [[9, 0, 9, 9]]}, 400, "boxes[0] must be [x0, y0, x1, y1] with x0 < x1 and y0 < y1, inside the image"),
    ({"boxes": [[0, 0, 61, 9]]}, 400, "boxes[0] must be [x0, y0, x1, y1] with x0 < x1 and y0 < y1, inside the image"),
    ({"boxes": [[0, 0, 5, 5], [-1, 0, 6, 9]]}, 400, "boxes[1] must be [x0, y0, x1, y1] with"),
    ({"text": "a", "threshold": 2}, 400, "threshold must be from 0 to 1"),
    ({"text": "a", "threshold": "high"}, 400, "threshold must be a number, this is a string"),
    ({"text": "a", "max_masks": 0}, 400, "max_masks must be a whole number from 1 to 100"),
    ({"text": "a", "max_masks": 101}, 400, "max_masks must be a whole number from 1 to 100"),
    ({"text": "a", "rle": "zip"}, 400, "rle must be one of compressed, uncompressed"),
    ({"text": "a", "points": []}, 400, "unknown field 'points'; the fields are image, text, boxes"),
    ({"text": "a", "image": "https://example.org/a.png"}, 400, "image must be a data: URL: this service fetches"),
    ({"text": "a", "image": None}, 400, "image must be a string, this is null"),
    ({"text": "a", "image": "data:image/png;base64,aGk="}, 400, "image is not a readable image ("),
]


def test_each_wrong_request_is_refused_with_its_fault(service: Callable[..., httpx.Client]) -> None:
    client = service()
    for body, status, message in REFUSED:
        refused = refusal(client.post("/segment", json={"image": URL, **body}))
        assert refused[0] == status, body
        assert refused[1].startswith(message), body
    assert client.post("/segment", json={"image": URL, "text": "cup"}).status_code == 200


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "[[NaN, 0, 1, 1]]", "{", "[[[["])
def test_form_fields_that_are_no_sound_json_are_refused(service: Callable[..., httpx.Client], literal: str) -> None:
    for field in ("threshold", "boxes", "max_masks"):
        refused = refusal(service().post("/segment", files={"image": png()}, data={"text": "a", field: literal}))
        assert refused[0] == 400
        assert refused[1].startswith((field, "boxes[0]"))


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"files": {"picture": png()}}, "send exactly one image as the file field named image"),
        ({"files": [("image", png()), ("image", png())]}, "send exactly one image as the file field named image"),
        ({"files": [("image", png()), ("text", b"a file")]}, "each field goes once, and only image is a file"),
        ({"files": {"image": png()}, "data": {"text": ["a", "b"]}}, "each field goes once, and only image is a file"),
        ({"files": {"image": b""}}, "image is empty"),
    ],
)
def test_each_wrong_form_is_refused_with_its_fault(
    service: Callable[..., httpx.Client], form: dict[str, Any], message: str
) -> None:
    assert refusal(service().post("/segment", **form)) == (400, message)


def test_limits_on_bytes_and_pixels_hold_exactly(service: Callable[..., httpx.Client]) -> None:
    image = png()
    client = service(max_image_bytes=len(image), max_pixels=2400)
    ask = {"text": "cup"}
    assert client.post("/segment", files={"image": image}, data=ask).status_code == 200
    over = f"image is over the limit of {len(image)} bytes for an image"
    assert refusal(client.post("/segment", files={"image": image + b"\0"}, data=ask)) == (413, over)
    large = f"image has {SIZE[0]}x41 pixels, the limit is 2400 in all"
    refused = refusal(service(max_pixels=2400).post("/segment", files={"image": png((SIZE[0], 41))}, data=ask))
    assert refused == (413, large)


def test_health_is_503_until_loaded_and_500_with_the_reason_when_it_cannot_be(
    served: Callable[[FastAPI], httpx.Client],
) -> None:
    gate = threading.Event()

    def load(_: Settings) -> StandInSegmenter:
        gate.wait(20)
        raise LoadError("facebook/sam3 is gated: accept its terms")

    client = served(create_app(Settings(), load))
    assert (client.get("/health").status_code, client.get("/health").json()) == (503, {"status": "loading"})
    assert refusal(client.post("/segment", json={})) == (503, "the model is still loading")
    gate.set()
    assert eventually(lambda: client.get("/health").status_code == 500)
    reason = "LoadError: facebook/sam3 is gated: accept its terms"
    assert client.get("/health").json() == {"status": "failed", "reason": reason}
    assert refusal(client.post("/segment", json={})) == (500, f"the model could not be loaded: {reason}")


@pytest.mark.parametrize(
    ("fault", "status", "message"),
    [
        (OutOfMemory("CUDA out of memory. Tried to allocate 2 GiB"), 503, "the GPU has too little free memory"),
        (RuntimeError("/secret/path"), 500, "the segmentation engine failed on this image"),
    ],
)
def test_a_failing_model_is_a_server_error_and_the_service_goes_on(
    service: Callable[..., httpx.Client], engine: StandInSegmenter, fault: Exception, status: int, message: str
) -> None:
    client = service()
    engine.fault = fault
    refused = refusal(client.post("/segment", json={"image": URL, "text": "cup"}))
    assert refused[0] == status
    assert refused[1].startswith(message)
    engine.fault = None
    assert client.post("/segment", json={"image": URL, "text": "cup"}).status_code == 200
    page = client.get("/metrics").text
    assert 'sam3_requests_total{endpoint="segment",outcome="failed"} 1\n' in page
    assert "sam3_masks_total 2\n" in page


def test_a_request_without_room_is_invited_to_come_back(
    service: Callable[..., httpx.Client], engine: StandInSegmenter
) -> None:
    client = service(max_waiting=0)
    engine.gate.clear()
    with ThreadPoolExecutor(1) as clients:
        held = clients.submit(client.post, "/segment", json={"image": URL, "text": "cup"})
        assert eventually(lambda: "sam3_requests_running 1\n" in client.get("/metrics").text)
        refused = refusal(client.post("/segment", json={"image": URL, "text": "cup"}))
        engine.gate.set()
    assert refused == (503, "all 1 places are taken, try again later")
    assert held.result().status_code == 200


def test_other_places_and_the_version(service: Callable[..., httpx.Client]) -> None:
    client = service()
    assert refusal(client.get("/segment")) == (405, "GET /segment is not offered")
    assert set(client.get("/version").json()) == {"version", "sam3", "torch"}
