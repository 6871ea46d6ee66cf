"""The double's HTTP: one server for the API, one beside it for large files, as the hub redirects to another host."""

from __future__ import annotations

import json
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.hub import documents
from tests.hub.faults import Faults
from tests.hub.repository import Content, Repository

PIECE = 1 << 18
TOKEN = "hf_" + "t" * 34
"""The token that has access to everything."""

_API = re.compile(r"/api/(model|dataset)s/(?P<name>.+?)/(?P<verb>revision|tree)/(?P<revision>[^/]+)(?:/.*)?")
_REFS = re.compile(r"/api/(model|dataset)s/(?P<name>.+)/refs")
_INFO = re.compile(r"/api/(model|dataset)s/(?P<name>[^/]+/[^/]+|[^/]+)")
_FILE = re.compile(r"/(?P<kind>datasets/)?(?P<name>[^/]+(?:/[^/]+)?)/resolve/(?P<revision>[^/]+)/(?P<path>.+)")


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    host: str
    method: str
    path: str
    span: str
    authorization: str


class Hub:
    """A running double."""

    def __init__(
        self, repositories: tuple[Repository, ...], bind: str, port: int, shown_as: str, certificate: Path | None
    ):
        self.repositories = {(each.kind, each.name): each for each in repositories}
        self.faults = Faults()
        self.received: list[Received] = []
        self.stopping = threading.Event()
        self._api = _Server((bind, port), self, "api", certificate)
        self._files = _Server((bind, port + 1 if port else 0), self, "files", certificate)
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://{shown_as}:{self._api.server_port}"
        self.files_url = f"{scheme}://{shown_as}:{self._files.server_port}"

    def start(self) -> None:
        for server in (self._api, self._files):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        self.stopping.set()
        for server in (self._api, self._files):
            server.shutdown()
            server.server_close()

    def paths(self, method: str = "GET") -> list[str]:
        """The paths that were asked for."""
        return [each.path for each in self.received if each.method == method]


@contextmanager
def serving(
    *repositories: Repository,
    bind: str = "127.0.0.1",
    port: int = 0,
    shown_as: str = "127.0.0.1",
    certificate: Path | None = None,
) -> Iterator[Hub]:
    """A double on a free port, or on this one and the next."""
    hub = Hub(repositories, bind, port, shown_as, certificate)
    hub.start()
    try:
        yield hub
    finally:
        hub.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], hub: Hub, part: str, certificate: Path | None):
        super().__init__(address, _Answer)
        self.hub = hub
        self.part = part
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are no news."""


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *values: Any) -> None:
        """The test looks at what was received instead."""

    def do_GET(self) -> None:
        hub, faults = self.server.hub, self.server.hub.faults
        path = unquote(urlsplit(self.path).path)
        head = self.headers
        hub.received.append(
            Received(head.get("Host", ""), self.command, path, head.get("Range", ""), head.get("Authorization", ""))
        )
        if faults.answers:
            status, more = faults.answers.pop(0)
            self._plain(status, b"", more)
        elif self.server.part == "files":
            self._large(path.removeprefix("/"))
        elif match := _FILE.fullmatch(path):
            self._file("dataset" if match["kind"] else "model", match["name"], match["revision"], match["path"])
        elif match := _API.fullmatch(path):
            self._about(match[1], match["name"], match["verb"], match["revision"])
        elif match := _REFS.fullmatch(path):
            self._refs(match[1], match["name"])
        elif match := _INFO.fullmatch(path):
            self._about(match[1], match["name"], "revision", "main")
        else:
            self._refuse(404, "", "Not found")

    do_HEAD = do_GET

    def _found(self, kind: str, name: str) -> Repository | None:
        """The repository, unless it is one that this caller may not know of."""
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in {"", TOKEN, "hf_stranger"}:
            self._refuse(401, "", "Invalid credentials in Authorization header")
            return None
        found = self.server.hub.repositories.get((kind, name))
        if found is None or (found.private and token != TOKEN):
            if token:
                self._refuse(404, "RepoNotFound", "Repository not found")
            else:
                self._refuse(401, "", "Invalid username or password.")
            return None
        return found

    def _about(self, kind: str, name: str, verb: str, revision: str) -> None:
        repository = self._found(kind, name)
        if repository is None:
            return
        found = repository.at(revision)
        if found is None:
            self._refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
            return
        commit, contents = found
        faults = self.server.hub.faults
        if faults.body is not None:
            self._plain(200, faults.body, {"Content-Type": "application/json"})
            return
        if verb == "tree":
            document: Any = documents.tree(contents, faults)
        else:
            details = "blobs" in parse_qs(urlsplit(self.path).query) and not faults.without_details
            document = documents.info(repository, commit, documents.siblings(contents, faults, details))
        self._plain(200, json.dumps(document).encode(), {"Content-Type": "application/json", "X-Repo-Commit": commit})

    def _refs(self, kind: str, name: str) -> None:
        if repository := self._found(kind, name):
            branches = [{"name": "main", "ref": "refs/heads/main", "targetCommit": repository.commit}]
            document = {"branches": branches, "converts": [], "tags": []}
            self._plain(200, json.dumps(document).encode(), {"Content-Type": "application/json"})

    def _file(self, kind: str, name: str, revision: str, path: str) -> None:
        repository = self._found(kind, name)
        if repository is None:
            return
        if repository.gated and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            status = 403 if self.headers.get("Authorization") else 401
            self._refuse(status, "GatedRepo", f"Access to model {name} is restricted.")
            return
        found = repository.at(revision)
        if found is None:
            self._refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
            return
        commit, contents = found
        content = contents.get(path)
        if content is None:
            self._refuse(404, "EntryNotFound", "Entry not found")
            return
        faults = self.server.hub.faults
        head = {"X-Repo-Commit": commit, "ETag": f'"{content.etag}"'}
        if faults.without_hashes:
            del head["ETag"]
        if content.large:
            if not faults.without_hashes:
                head |= {"X-Linked-ETag": f'"{content.etag}"', "X-Linked-Size": str(content.size)}
            place = f"{self.server.hub.files_url}/{content.sha256}?signature=1"
            self._plain(302, b"", {**head, "Location": place})
        else:
            self._content(path, content, head)

    def _large(self, sha256: str) -> None:
        for repository in self.server.hub.repositories.values():
            for path, content in repository.all_contents():
                if content.large and content.sha256 == sha256:
                    self._content(path, content, {"ETag": f'"{sha256}"'})
                    return
        self._refuse(404, "", "no such file")

    def _content(self, path: str, content: Content, head: dict[str, str]) -> None:
        faults = self.server.hub.faults
        begin, end, status = 0, content.size, 200
        span = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if span and not faults.without_ranges:
            begin = int(span[1])
            end = min(end, int(span[2]) + 1) if span[2] else end
            if begin >= content.size:
                self._plain(416, b"", {"Content-Range": f"bytes */{content.size}"})
                return
            status, head = 206, {**head, "Content-Range": f"bytes {begin}-{end - 1}/{content.size}"}
        self.send_response(status)
        for name, value in {**head, "Accept-Ranges": "bytes", "Content-Length": str(end - begin)}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self._body(path, content, begin, end)

    def _body(self, path: str, content: Content, begin: int, end: int) -> None:
        faults, stopping = self.server.hub.faults, self.server.hub.stopping
        cut = faults.cuts.pop(0) if faults.cuts else None
        last = min(end, begin + cut) if cut is not None else end
        if faults.pause_at is not None:
            last = min(last, begin + faults.pause_at)
        started, sent = time.monotonic(), 0
        with suppress(OSError):
            if isinstance(content.data, Path) and not (faults.rate or path in faults.other_bytes):
                with content.data.open("rb") as file:
                    self.connection.sendfile(file, begin, last - begin)
                begin = last
            for place in range(begin, last, PIECE):
                piece = _piece(content, place, min(PIECE, last - place))
                if path in faults.other_bytes and place + len(piece) == content.size:
                    piece = piece[:-1] + bytes([piece[-1] ^ 1])
                self.wfile.write(piece)
                sent += len(piece)
                while faults.rate and (early := sent / faults.rate - (time.monotonic() - started)) > 0:
                    if stopping.wait(min(early, 0.05)):
                        return
            if faults.pause_at is not None and last < end:
                stopping.wait()
        if last < end:
            if faults.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True

    def _refuse(self, status: int, code: str, message: str) -> None:
        head = {"X-Error-Message": message, "Content-Type": "application/json"}
        self._plain(status, json.dumps({"error": message}).encode(), head | ({"X-Error-Code": code} if code else {}))

    def _plain(self, status: int, body: bytes, head: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**head, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


def _piece(content: Content, place: int, count: int) -> bytes:
    if isinstance(content.data, bytes):
        return content.data[place : place + count]
    with content.data.open("rb") as file:
        file.seek(place)
        return file.read(count)
