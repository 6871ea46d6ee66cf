"""How long to go on after an error of the network: a few tries without progress, with growing pauses."""

from __future__ import annotations

import re
import threading
import time
import urllib.error

from mmfetch.failures import Stopped
from mmfetch.hub.refusals import Endpoint, explained, is_passing

TRIES = 5
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
LONGEST_WAIT_S = 600.0
WORTH_A_NOTE_S = 5.0
"""A hub that asks for a longer pause than this is told to the user instead of waited for."""


_LIMIT = re.compile(r";\s*r=0\s*;\s*t=(\d+)")
"""`RateLimit: "resolvers";r=0;t=55`: nothing is left for 55 seconds."""


class Patience:
    """The tries of one file or question."""

    def __init__(
        self, endpoint: Endpoint, subject: str, stop: threading.Event | None = None, tries: int | None = None
    ) -> None:
        self._endpoint = endpoint
        self._subject = subject
        self._stop = stop or threading.Event()
        self._failed = 0
        self._most = tries or TRIES

    def progress(self) -> None:
        """Something has arrived: count anew."""
        self._failed = 0

    def after(self, error: Exception) -> None:
        """Waits before the next try, or ends in the failure that the last error means."""
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        if not is_passing(error):
            raise explained(error, self._endpoint, self._subject) from error
        self._failed += 1
        pause = requested(error)
        if self._failed >= self._most or (pause is not None and pause > LONGEST_WAIT_S):
            raise explained(error, self._endpoint, self._subject) from error
        if pause and pause >= WORTH_A_NOTE_S:
            self._endpoint.note(f"{self._endpoint.host} asks for a pause of {pause:.0f} s")
        own = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (self._failed - 1))
        if self._stop.wait(own if pause is None else max(pause, 0.1)):
            raise Stopped


def requested(error: Exception) -> float | None:
    """The pause in seconds that the hub asks for, in either of the two ways that it has."""
    if not isinstance(error, urllib.error.HTTPError):
        return None
    if error.code == 429 and (limit := _LIMIT.search(error.headers.get("RateLimit", ""))):
        return float(limit[1])
    value = error.headers.get("Retry-After", "")
    if value.isdigit():
        return float(value)
    if value:
        from email.utils import parsedate_to_datetime

        try:
            return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
        except ValueError:
            return None
    return None
