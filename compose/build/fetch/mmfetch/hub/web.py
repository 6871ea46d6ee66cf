"""HTTP with the standard library: proxies and certificates of the environment, and redirects that leak no token."""

from __future__ import annotations

import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from mmfetch import __version__
from mmfetch.hub import trust

TIMEOUT_S = 30.0
MOST_JSON = 256 << 20
ERRORS = (OSError, http.client.HTTPException)
"""All that can go wrong on the way; an answer with an error code is an OSError too."""


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect with the same method, and shows the token to nobody but the host that it was meant for."""

    max_redirections = 10
    http_error_308 = urllib.request.HTTPRedirectHandler.http_error_302

    def redirect_request(self, req: urllib.request.Request, *answer: Any) -> urllib.request.Request | None:
        newurl = str(answer[-1])
        here, there = urlsplit(req.full_url), urlsplit(newurl)
        if here.scheme == "https" and there.scheme != "https":
            answer[0].close()
            raise urllib.error.URLError(f"{here.netloc} redirects from https to {there.scheme}, which is not followed")
        same = (here.scheme, here.netloc) == (there.scheme, there.netloc)
        if not same and getattr(req, "stays_here", False):
            return None
        kept = {name: value for name, value in req.header_items() if same or name.lower() != "authorization"}
        kept.pop("Host", None)
        moved = Request(newurl, kept, method=req.get_method())
        moved.stays_here = getattr(req, "stays_here", False)
        return moved


class Request(urllib.request.Request):
    """A request that may be bound to its host."""

    stays_here = False

    def __init__(self, url: str, headers: Mapping[str, str], method: str = "GET") -> None:
        super().__init__(url, headers=dict(headers), method=method)


class Web:
    """Opens addresses; safe to use from several threads."""

    def __init__(self, token: str = "", timeout: float | None = None) -> None:
        self._token = token
        self.timeout = timeout or _seconds(os.environ.get("HF_HUB_DOWNLOAD_TIMEOUT")) or TIMEOUT_S
        opener = urllib.request.OpenerDirector()
        for part in (
            urllib.request.ProxyHandler(),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(context=trust.context()),
            urllib.request.HTTPDefaultErrorHandler(),
            _Redirects(),
            urllib.request.HTTPErrorProcessor(),
        ):
            opener.add_handler(part)
        self._opener = opener

    def open(self, url: str, *, method: str = "GET", span: str = "", stays_here: bool = False) -> Any:
        """The answer to a request; answers from 400 on are raised."""
        headers = {"User-Agent": f"mmfetch/{__version__}", "Accept-Encoding": "identity"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if span:
            headers["Range"] = span
        request = Request(url, headers, method)
        request.stays_here = stays_here
        return self._opener.open(request, timeout=self.timeout)

    def head(self, url: str) -> Mapping[str, str]:
        """The head of the hub's own answer, not of the place that it redirects to."""
        try:
            with self.open(url, method="HEAD", stays_here=True) as answer:
                return _lower(answer.headers)
        except urllib.error.HTTPError as answer:
            if answer.code not in {301, 302, 303, 307, 308}:
                raise
            with answer:
                return _lower(answer.headers)


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _seconds(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0
