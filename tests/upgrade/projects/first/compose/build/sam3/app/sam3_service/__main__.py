"""`python -m sam3_service`: reads the command line, serves, and on SIGTERM finishes what is running."""

from __future__ import annotations

import logging
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

import uvicorn

from .api import create_app
from .model import load
from .settings import parse

if TYPE_CHECKING:
    from types import FrameType


def main() -> None:
    settings = parse(sys.argv[1:])
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # uvicorn raises the signal again after its own orderly end; ending well is then not a failure.
    signal.signal(signal.SIGTERM, _end)
    uvicorn.run(
        create_app(settings, load),
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
    )


def _end(_: int, __: FrameType | None) -> NoReturn:
    sys.exit(0)


if __name__ == "__main__":
    main()
