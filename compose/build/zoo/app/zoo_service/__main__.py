"""`python -m zoo_service`: reads the command line and the models, serves, and ends on SIGTERM with its model."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from typing import TYPE_CHECKING

from service_kit.logs import begin_log

from .api import Server
from .cage import Cage
from .entries import BadFile, read
from .settings import parse

if TYPE_CHECKING:
    from types import FrameType

log = logging.getLogger("zoo_service")


def main() -> None:
    settings = parse(sys.argv[1:])
    begin_log(settings.log_level)
    try:
        models = read(settings.models)
    except BadFile as bad:
        sys.exit(f"zoo_service: {bad}")
    cage = Cage(settings.load_timeout)
    with Server((settings.host, settings.port), models, cage) as server:

        def end(_: int, __: FrameType | None) -> None:
            # From a thread of its own: shutdown waits for the loop that this very thread runs.
            threading.Thread(target=server.shutdown).start()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        log.info("%d models, listening on port %d", len(models), server.server_address[1])
        server.serve_forever(poll_interval=0.1)
    cage.close()


if __name__ == "__main__":
    main()
