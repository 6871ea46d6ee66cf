"""Reads bytes from the network up to a limit: bodies are counted while they arrive, not after."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from starlette.formparsers import MultiPartException, MultiPartParser

from .refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from starlette.datastructures import FormData
    from starlette.requests import Request

SILENCE_SECONDS = 30.0  # a client that sends nothing for so long gives its place to others
FORM_OVERHEAD = 1 << 20  # JSON or multipart framing around the images


def body_limit(max_image_bytes: int) -> int:
    """Room for the images in base64 (four characters for three bytes) and for what surrounds them."""
    return -(-max_image_bytes * 4 // 3) + FORM_OVERHEAD


async def bounded(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """The body piece by piece; stops as soon as the body is too long or stops coming."""
    too_long = Refusal(413, f"the request body is over the limit of {limit} bytes")
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and (len(declared) > 18 or int(declared) > limit):
        raise too_long
    pieces = request.stream()
    received = 0
    while True:
        try:
            piece = await asyncio.wait_for(anext(pieces, None), SILENCE_SECONDS)
        except TimeoutError:
            raise Refusal(408, f"nothing more of the request body came for {SILENCE_SECONDS:.0f} s") from None
        if piece is None:
            return
        received += len(piece)
        if received > limit:
            raise too_long
        yield piece


async def read_body(request: Request, limit: int) -> bytes:
    body = bytearray()
    async for piece in bounded(request, limit):
        body += piece
    return bytes(body)


@contextlib.asynccontextmanager
async def form_of(request: Request, limit: int) -> AsyncIterator[FormData]:
    """A multipart form, kept in memory: the root file system may be read-only."""
    if not is_form(request):
        raise Refusal(415, "send the image as multipart/form-data", param="content-type")
    parser = MultiPartParser(request.headers, _as_the_parser_likes(bounded(request, limit)), max_files=2, max_fields=8)
    parser.spool_max_size = limit + 1
    try:
        form = await parser.parse()
    except (MultiPartException, FormParserError) as error:
        cause = error.__cause__
        if cause is not None and not isinstance(cause, FormParserError):
            raise cause from None  # what stopped the body, not what the parser thinks of it
        raise Refusal(400, f"the multipart form is broken: {getattr(error, 'message', error)}") from None
    try:
        yield form
    finally:
        await form.close()


def is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


async def _as_the_parser_likes(pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """Raises the parser's own kind of exception, since only that makes it close its files."""
    try:
        async for piece in pieces:
            yield piece
    except Exception as error:
        raise MultiPartException(str(error)) from error


def parse_json(body: bytes) -> dict[str, object]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Refusal(400, f"the request body is not valid JSON: {reason}") from None
    if not isinstance(value, dict):
        raise Refusal(400, f"the request body must be a JSON object, this is {json_kind(value)}")
    return value


def json_kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return kinds.get(type(value), "a number")


def from_data_url(url: object, max_bytes: int, param: str) -> bytes:
    """The bytes of `data:image/png;base64,…`; other URLs are refused, this service fetches nothing."""
    if not isinstance(url, str):
        raise Refusal(400, f"{param} must be a string, this is {json_kind(url)}", param=param)
    scheme, colon, rest = url.partition(":")
    if not colon or scheme.lower() != "data":
        raise Refusal(400, f"{param} must be a data: URL: this service fetches nothing from elsewhere", param=param)
    head, comma, text = rest.partition(",")
    if not comma or not head.lower().replace(" ", "").endswith(";base64"):
        raise Refusal(400, f"{param} must look like data:image/png;base64,…", param=param)
    compact = "".join(text.split())
    if len(compact) // 4 * 3 > max_bytes + 3:
        raise image_too_long(max_bytes, param)
    try:
        data = base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal(400, f"{param} is not valid base64: {error}", param=param) from None
    return checked_image_bytes(data, max_bytes, param)


def checked_image_bytes(data: bytes, max_bytes: int, param: str) -> bytes:
    if not data:
        raise Refusal(400, f"{param} is empty", param=param)
    if len(data) > max_bytes:
        raise image_too_long(max_bytes, param)
    return data


def image_too_long(max_bytes: int, param: str) -> Refusal:
    return Refusal(413, f"{param} is over the limit of {max_bytes} bytes for an image", param=param)
