"""The server: its base URL in parts, and the paths of its APIs."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

APIS = {
    "chat": "/chat/completions",
    "completions": "/completions",
    "llamacpp": "/completion",
}
VERSION_PREFIXES = ("/v1", "/v2", "/v3")
SHORTEST_HIDDEN = 4
"""Characters; a shorter key occurs in many words by chance."""


class BadTargetError(ValueError):
    """Reports a base URL that cannot be used."""


def without_password(url: str) -> str:
    return re.sub(r"//[^/]*@", "//", url).partition("?")[0]


@dataclass(frozen=True, slots=True)
class Target:
    scheme: str
    host: str
    port: int
    root: str
    prefix: str
    api_key: str | None = None
    ca_file: str | None = None

    @classmethod
    def parse(cls, url: str, api_key: str | None = None, ca_file: str | None = None) -> Target:
        try:
            parts = urlsplit(url if "://" in url else f"http://{url}")
            port = parts.port
        except ValueError as error:
            raise BadTargetError(f"--base-url {without_password(url)!r}: {error}") from None
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise BadTargetError(f"--base-url {without_password(url)!r}: write http://HOST:PORT or https://HOST[/v1]")
        if port == 0:
            raise BadTargetError(f"--base-url {parts.scheme}://{parts.hostname}:0: nothing can listen on port 0")
        if parts.username or parts.password:
            raise BadTargetError("--base-url must not hold a password; put the key in a file and use --api-key-file")
        if parts.query or parts.fragment:
            raise BadTargetError("--base-url ends with the path: what stands behind ? or # would never be sent")
        path = parts.path.rstrip("/")
        if any(ord(character) <= 32 or ord(character) > 126 for character in parts.netloc + path):
            raise BadTargetError(
                f"--base-url {without_password(url)!r}: spaces and control characters do not belong here"
            )
        prefix = next((each for each in VERSION_PREFIXES if path.endswith(each)), "")
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=port or (443 if parts.scheme == "https" else 80),
            root=path.removesuffix(prefix),
            prefix=prefix or "/v1",
            api_key=api_key,
            ca_file=ca_file,
        )

    @property
    def netloc(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.root}"

    def without_key(self, text: str) -> str:
        """A text of the server, which may repeat the request's key, without that key."""
        hidden = self.api_key is not None and len(self.api_key) >= SHORTEST_HIDDEN
        return text.replace(self.api_key, "(the API key)") if hidden and self.api_key else text

    def endpoint(self, api: str) -> str:
        return self.root + ("" if api == "llamacpp" else self.prefix) + APIS[api]

    def tls(self) -> ssl.SSLContext | None:
        if self.scheme == "http":
            return None
        if self.ca_file and not Path(self.ca_file).is_file():
            raise BadTargetError(f"--ca-file {self.ca_file}: no such file")
        return ssl.create_default_context(cafile=self.ca_file)

    def head(self, method: str, path: str, accept: str = "*/*") -> bytes:
        """Everything before the length of the body; `Content-Length: N` and a blank line complete it."""
        key = f"Authorization: Bearer {self.api_key}\r\n" if self.api_key else ""
        return (
            f"{method} {path} HTTP/1.1\r\nHost: {self.netloc}\r\nUser-Agent: mmbench\r\nAccept: {accept}\r\n"
            f"Accept-Encoding: identity\r\n{key}Content-Type: application/json\r\nContent-Length: "
        ).encode()
