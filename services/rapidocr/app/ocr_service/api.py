"""The HTTP interface: admits requests, reads them, sends answers."""

from __future__ import annotations

import contextlib
import logging
import time
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from service_kit import refusals
from service_kit.images import decode, inspect
from service_kit.metrics import Metrics, Visit
from service_kit.operating import operated
from service_kit.pool import Pool
from service_kit.presence import while_present
from service_kit.refusals import Refusal
from service_kit.uploads import checked_image_bytes, form_of, parse_json, read_body
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from . import __version__
from .chat import PAGE_BREAK, ChatRequest, Completion, event, parse_chat
from .reading_order import Line, lines_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from .recognise import Recogniser
    from .settings import Settings

log = logging.getLogger(__name__)

SUMS = {"images": "Images read.", "pixels": "Pixels of those images.", "lines": "Lines of text found in them."}


class HeldStream(StreamingResponse):
    """Holds the resources of a request (its place, its visit) until the last byte or the client has gone."""

    def __init__(self, events: AsyncIterator[bytes], held: contextlib.ExitStack) -> None:
        super().__init__(events, media_type="text/event-stream", headers={"cache-control": "no-cache"})
        self._held = held

    async def __call__(self, scope, receive, send):  # type: ignore[no-untyped-def]
        with self._held:
            await super().__call__(scope, receive, send)


class Desk:
    """Gives images to the engines and counts the work."""

    def __init__(self, settings: Settings, load: Callable[[Settings], Recogniser]) -> None:
        self.settings = settings
        self.pool: Pool[Recogniser] = Pool(lambda: load(settings), settings.workers, settings.max_waiting)
        info = {"model": settings.served_model_name, "version": __version__}
        self.metrics = Metrics("ocr", ("chat", "ocr"), SUMS, info)

    def receive(self, endpoint: str) -> tuple[contextlib.ExitStack, Visit]:
        """A visit and a place in the queue; a refusal is counted."""
        with contextlib.ExitStack() as held:
            visit = held.enter_context(Visit(self.metrics, endpoint))
            held.enter_context(self.pool.place())
            return held.pop_all(), visit
        raise AssertionError  # an ExitStack that swallows nothing

    async def lines(self, data: bytes, param: str) -> list[Line]:
        """The lines of the images. An image is decoded in its engine's turn: never more pictures in memory than
        workers."""

        def job(recogniser: Recogniser) -> list[Line]:
            started = time.monotonic()
            image = decode(data, param)
            try:
                lines = lines_of(recogniser.read(image))
            except Exception as error:
                log.exception("reading %s (%dx%d) failed", param, image.width, image.height)
                raise Refusal(500, f"the OCR engine failed on {param}", param=param, code="engine_failed") from error
            seconds = time.monotonic() - started
            self.metrics.engine_took(seconds)
            for name, amount in (("images", 1), ("pixels", image.width * image.height), ("lines", len(lines))):
                self.metrics.add(name, amount)
            log.info("read %dx%d pixels, %d lines, %.3f s", image.width, image.height, len(lines), seconds)
            return lines

        return await self.pool.run(job)


def create_app(settings: Settings, load: Callable[[Settings], Recogniser]) -> FastAPI:
    desk = Desk(settings, load)
    app = operated(desk.pool, desk.metrics, __version__, ("rapidocr", "onnxruntime"))

    @app.get("/v1/models")
    async def models() -> Response:
        card = {"id": settings.served_model_name, "object": "model", "created": 0, "owned_by": "rapidocr"}
        return JSONResponse({"object": "list", "data": [card]})

    @app.post("/v1/chat/completions")
    async def chat(request: Request) -> Response:
        held, visit = desk.receive("chat")
        with held:
            body = await read_body(request, settings.max_body_bytes)
            wanted = await run_in_threadpool(_understood, body, settings)
            completion = Completion(settings.served_model_name)
            if wanted.stream:
                return HeldStream(_streamed(desk, visit, completion, wanted), held.pop_all())
            text = await while_present(request, _whole_text(desk, wanted))
            visit.outcome = "ok"
            return JSONResponse(completion.whole(text))

    @app.post("/v1/ocr")
    async def ocr(request: Request) -> Response:
        held, visit = desk.receive("ocr")
        with held:
            data = await _uploaded(request, settings)
            header = await run_in_threadpool(inspect, data, settings.max_pixels, "file")
            lines = await while_present(request, desk.lines(data, "file"))
            visit.outcome = "ok"
            return JSONResponse({"text": _text(lines), "lines": [_line(x) for x in lines], "format": header.format})

    return app


def _understood(body: bytes, settings: Settings) -> ChatRequest:
    wanted = parse_chat(parse_json(body), settings.served_model_name, settings.max_images, settings.max_image_bytes)
    for place, data in enumerate(wanted.images):
        inspect(data, settings.max_pixels, f"image {place + 1}")
    return wanted


async def _whole_text(desk: Desk, wanted: ChatRequest) -> str:
    pages = [_text(await desk.lines(data, f"image {place + 1}")) for place, data in enumerate(wanted.images)]
    return PAGE_BREAK.join(pages)


async def _streamed(desk: Desk, visit: Visit, completion: Completion, wanted: ChatRequest) -> AsyncIterator[bytes]:
    """Sends the role at once, then each line as soon as its page is read; the pieces add up to the plain answer."""
    yield event(completion.chunk({"role": "assistant", "content": ""}))
    sent: list[str] = []
    try:
        for place, data in enumerate(wanted.images):
            before = PAGE_BREAK if place else ""
            for line in await desk.lines(data, f"image {place + 1}") or [Line("", 0.0, (0, 0, 0, 0))]:
                sent.append(before + line.text)
                yield event(completion.chunk({"content": sent[-1]}))
                before = "\n"
    except Refusal as refusal:
        visit.outcome = "failed"
        yield event(refusals.error_body(refusal))
    else:
        visit.outcome = "ok"
        yield event(completion.chunk({}, "stop"))
        if wanted.include_usage:
            yield event(completion.usage_chunk("".join(sent)))
    yield event("[DONE]")


async def _uploaded(request: Request, settings: Settings) -> bytes:
    async with form_of(request, settings.max_body_bytes) as form:
        files = form.getlist("file")
        if len(files) != 1 or not isinstance(files[0], UploadFile):
            raise Refusal(400, "send exactly one image as the file field named file", param="file")
        return checked_image_bytes(await files[0].read(), settings.max_image_bytes, "file")


def _text(lines: list[Line]) -> str:
    return "\n".join(line.text for line in lines)


def _line(line: Line) -> dict[str, object]:
    return {"text": line.text, "score": round(line.score, 4), "box": [round(edge, 1) for edge in line.box]}
