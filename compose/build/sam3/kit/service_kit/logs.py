"""The form of a log line, the same in every service."""

from __future__ import annotations

import logging


def begin_log(level: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
