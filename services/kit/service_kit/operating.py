"""Answers an operator's questions: health, version, metrics."""

from __future__ import annotations

import contextlib
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.concurrency import run_in_threadpool

from . import refusals
from .metrics import CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from typing import Any

    from .metrics import Metrics
    from .pool import Pool


def operated(pool: Pool[Any], metrics: Metrics, release: str, packages: Sequence[str]) -> FastAPI:
    """An application that opens its pool when it starts, and answers these questions; `packages` are listed with
    their versions."""

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        pool.open()
        yield
        await run_in_threadpool(pool.close)

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    refusals.install(app)

    @app.get("/health")
    async def health() -> Response:
        state, reason = pool.state, pool.reason
        status = {"ready": 200, "failed": 500}.get(state, 503)
        return JSONResponse({"status": state} | ({"reason": reason} if reason else {}), status)

    @app.get("/version")
    async def versions() -> Response:
        return JSONResponse({"version": release} | {name: _installed(name) for name in packages})

    @app.get("/metrics")
    async def numbers() -> Response:
        waiting = max(0, pool.admitted - pool.running)
        text = metrics.text(ready=pool.state == "ready", running=pool.running, waiting=waiting)
        return PlainTextResponse(text, media_type=CONTENT_TYPE)

    return app


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
