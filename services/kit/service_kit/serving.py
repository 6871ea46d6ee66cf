"""Serves an application, and on SIGTERM finishes what is running."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, NoReturn, Protocol

import uvicorn

from .logs import begin_log

if TYPE_CHECKING:
    from types import FrameType

    from fastapi import FastAPI


class Listening(Protocol):
    """The address of a service, and its log level."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def log_level(self) -> str: ...


def serve(app: FastAPI, settings: Listening) -> None:
    begin_log(settings.log_level)
    # uvicorn raises the signal again after its own orderly end; ending well is then not a failure.
    signal.signal(signal.SIGTERM, _end)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
    )


def _end(_: int, __: FrameType | None) -> NoReturn:
    sys.exit(0)
