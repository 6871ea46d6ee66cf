"""The HTTP interface: `POST /segment`, and the operator's questions: health, version, metrics."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from service_kit.images import decode, inspect
from service_kit.metrics import Metrics, Visit
from service_kit.operating import operated
from service_kit.pool import Pool
from service_kit.presence import while_present
from service_kit.refusals import Refusal
from service_kit.uploads import checked_image_bytes, form_of, is_form, parse_json, read_body
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from . import __version__, rle
from .model import OutOfMemory
from .prompt import Wish, from_form, from_json, within

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

    from .model import Segmenter
    from .settings import Settings

log = logging.getLogger(__name__)

SUMS = {"images": "Images segmented.", "pixels": "Pixels of those images.", "masks": "Masks returned."}


def create_app(settings: Settings, load: Callable[[Settings], Segmenter]) -> FastAPI:
    pool: Pool[Segmenter] = Pool(lambda: load(settings), 1, settings.max_waiting)
    metrics = Metrics("sam3", ("segment",), SUMS, {"model": "sam3", "version": __version__})
    app = operated(pool, metrics, __version__, ("sam3", "torch"))

    @app.post("/segment")
    async def segment(request: Request) -> Response:
        with Visit(metrics, "segment") as visit, pool.place():
            wish = await _wish(request, settings)
            await run_in_threadpool(_judged, wish, settings)

            def job(segmenter: Segmenter) -> dict[str, object]:
                return _answer(segmenter, wish, metrics)

            answer = await while_present(request, pool.run(job))
            visit.outcome = "ok"
            return JSONResponse(answer)

    return app


async def _wish(request: Request, settings: Settings) -> Wish:
    if not is_form(request):
        body = await read_body(request, settings.max_body_bytes)
        return await run_in_threadpool(lambda: from_json(parse_json(body), settings))
    async with form_of(request, settings.max_body_bytes) as form:
        files = form.getlist("image")
        if len(files) != 1 or not isinstance(files[0], UploadFile):
            raise Refusal(400, "send exactly one image as the file field named image", param="image")
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        if len(form.multi_items()) != len(fields) + 1:
            raise Refusal(400, "each field goes once, and only image is a file")
        image = checked_image_bytes(await files[0].read(), settings.max_image_bytes, "image")
        return from_form(image, fields, settings)


def _judged(wish: Wish, settings: Settings) -> None:
    inspect(wish.image, settings.max_pixels, "image")


def _answer(segmenter: Segmenter, wish: Wish, metrics: Metrics) -> dict[str, object]:
    """The whole turn at the engine: one picture and one mask are unpacked at a time."""
    started = time.monotonic()
    image = decode(wish.image, "image")
    within(wish.prompt.boxes, image.width, image.height)
    boxes, scores, masks = [], [], []
    try:
        found = segmenter.segment(image, wish.prompt)
        for region in found.regions:
            boxes.append([round(edge, 2) for edge in region.box])
            scores.append(round(region.score, 4))
            masks.append(rle.encode(region.mask, compressed=wish.compressed))
    except OutOfMemory as error:
        log.warning("out of GPU memory: %s", error)
        raise Refusal(503, "the GPU has too little free memory for this image", code="out_of_memory") from error
    except Exception as error:
        log.exception("segmenting %dx%d failed", image.width, image.height)
        raise Refusal(500, "the segmentation engine failed on this image", code="engine_failed") from error
    seconds = time.monotonic() - started
    _count(metrics, image, len(masks), seconds)
    log.info("segmented %dx%d pixels, %d of %d masks, %.3f s", *image.size, len(masks), found.total, seconds)
    size = {"width": image.width, "height": image.height}
    return {"masks": masks, "boxes": boxes, "scores": scores, "found": found.total} | size


def _count(metrics: Metrics, image: Image.Image, masks: int, seconds: float) -> None:
    metrics.engine_took(seconds)
    for name, amount in (("images", 1), ("pixels", image.width * image.height), ("masks", masks)):
        metrics.add(name, amount)
