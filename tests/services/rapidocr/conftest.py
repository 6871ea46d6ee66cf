"""The OCR service behind real HTTP, its engine replaced by a stand-in."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import pytest
from ocr_service.api import create_app
from ocr_service.settings import Settings
from PIL import Image

from tests.services.conftest import settled
from tests.services.rapidocr.standin import StandInRecogniser

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from fastapi import FastAPI


@pytest.fixture
def engine() -> StandInRecogniser:
    return StandInRecogniser()


@pytest.fixture
def service(served: Callable[[FastAPI], httpx.Client], engine: StandInRecogniser) -> Callable[..., httpx.Client]:
    """Start the service with these settings; it is ready when this returns."""

    def start(**settings: Any) -> httpx.Client:
        return settled(served(create_app(Settings(**settings), lambda _: engine)))

    return start


def png(size: tuple[int, int] = (200, 100), colour: str = "gray") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def data_url(image: bytes | None = None) -> str:
    return "data:image/png;base64," + base64.b64encode(png() if image is None else image).decode()


def asking(*urls: object, **more: object) -> dict[str, object]:
    """A chat request with these images after a text."""
    images = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    return {"messages": [{"role": "user", "content": [{"type": "text", "text": "Read this."}, *images]}], **more}
