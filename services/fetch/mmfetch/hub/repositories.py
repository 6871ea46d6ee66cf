"""Questions to the hub: which files a repository has at a revision, with their sizes and hashes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import quote

from mmfetch.failures import NETWORK, USAGE, WRONG, Failure
from mmfetch.hub.patience import Patience
from mmfetch.hub.refusals import Endpoint
from mmfetch.hub.web import ERRORS, MOST_JSON, Web
from mmfetch.request import COMMIT, Listing, Repository, Request, Wanted, safe
from mmfetch.store.digest import is_name

PUBLIC = "https://huggingface.co"
Answer = TypeVar("Answer")


class Hub:
    """A hub, or a mirror of one, with the token for it if there is any."""

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note
        address = (os.environ.get("HF_ENDPOINT") or PUBLIC).rstrip("/")
        if not address.startswith(("https://", "http://")):
            raise Failure(USAGE, f"HF_ENDPOINT is {address!r}, which is no address", f"write it as {PUBLIC}")
        self.address = address
        token = _token(os.environ.get("HF_TOKEN_PATH", ""))
        self.has_token = bool(token)
        self.web = Web(token)

    def endpoint(self, repository: Repository, revision: str) -> Endpoint:
        """The hub as one repository is asked for there."""
        return Endpoint(self.address, repository, revision, self.has_token, self._note)

    def file(self, repository: Repository, commit: str, path: str) -> str:
        """The address of a file."""
        return f"{self.address}/{repository.page}/resolve/{commit}/{quote(path)}"

    def listing(self, request: Request, revision: str = "", tries: int | None = None) -> Listing:
        """The wanted files at a revision: the request's own, or the commit that a lock names."""
        revision = revision or request.revision
        repository = request.repository
        endpoint = self.endpoint(repository, revision)
        # `blobs` makes the hub name sizes and hashes.
        url = f"{self.address}/api/{repository.kind}s/{repository.name}/revision/{quote(revision, safe='')}?blobs=true"
        answer = self._retried(endpoint, f"the list of files of {repository.name}", lambda: self._json(url), tries)
        commit = answer.get("sha")
        if not isinstance(commit, str) or not COMMIT.fullmatch(commit):
            raise Failure(NETWORK, f"{endpoint.host} names no commit of {request}", "check HF_ENDPOINT: is it a hub?")
        siblings = answer.get("siblings")
        if not isinstance(siblings, list) or not all(isinstance(entry, dict) for entry in siblings):
            raise Failure(NETWORK, f"{endpoint.host} names no files of {request}", "check HF_ENDPOINT: is it a hub?")
        named = [(safe(entry.get("rfilename"), endpoint.host), entry) for entry in siblings]
        wanted = [(path, entry) for path, entry in named if request.wants(path)]
        if not wanted:
            globs = " ".join([*request.include, *(f"not {glob}" for glob in request.exclude)])
            raise Failure(
                WRONG,
                f"{request} has no file that is wanted" + (f": {globs}" if globs else ""),
                f"{endpoint.page}/tree/{commit} shows its files; mend include and exclude",
            )
        with ThreadPoolExecutor(max_workers=8) as workers:
            files = list(workers.map(lambda found: self._wanted(endpoint, commit, *found), wanted))
        return Listing(commit, _without_clashes(files, endpoint.host), _facts(answer))

    def content(self, repository: Repository, commit: str, file: Wanted) -> bytes:
        """A small file as a whole."""
        endpoint = self.endpoint(repository, commit)

        def read() -> bytes:
            with self.web.open(self.file(repository, commit, file.path)) as answer:
                return bytes(answer.read(file.size + 1))

        return self._retried(endpoint, file.path, read)

    def _wanted(self, endpoint: Endpoint, commit: str, path: str, entry: dict[str, Any]) -> Wanted:
        lfs = entry.get("lfs")
        large = isinstance(lfs, dict)
        size = lfs.get("size") if isinstance(lfs, dict) else entry.get("size")
        blob = lfs.get("sha256") if isinstance(lfs, dict) else entry.get("blobId")
        if not is_name(blob) or not isinstance(size, int) or (large and len(str(blob)) != 64):
            # Mirrors that do not know `blobs` still name both in the head of each file.
            assert endpoint.repository is not None
            url = self.file(endpoint.repository, commit, path)
            head = self._retried(endpoint, path, lambda: self.web.head(url))
            blob = (head.get("x-linked-etag") or head.get("etag") or "").removeprefix("W/").strip('"')
            text = head.get("x-linked-size") or head.get("content-length") or ""
            size = int(text) if text.isdigit() else None
        if not is_name(blob) or size is None:
            raise Failure(
                WRONG,
                f"{endpoint.host} names no hash of {path}, so nobody could tell whether it arrives whole",
                "fetch from a hub or mirror that passes on the hub's ETags",
            )
        if size < 0:
            raise Failure(WRONG, f"{endpoint.host} says that {path} has {size} bytes")
        return Wanted(path, size, str(blob))

    def _json(self, url: str) -> dict[str, Any]:
        with self.web.open(url) as answer:
            data = answer.read(MOST_JSON)
        try:
            document = json.loads(data)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            raise Failure(NETWORK, f"{self.address} gave an answer that is no JSON", "check HF_ENDPOINT: is it a hub?")
        return document

    def _retried(self, endpoint: Endpoint, subject: str, ask: Callable[[], Answer], tries: int | None = None) -> Answer:
        patience = Patience(endpoint, subject, tries=tries)
        while True:
            try:
                return ask()
            except ERRORS as error:
                patience.after(error)


def _token(path: str) -> str:
    if not path:
        return ""
    try:
        with open(path, encoding="ascii") as file:
            token = file.read(10_000).strip()
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise Failure(USAGE, f"the token cannot be read from {path}: {error}", "let it be one line of text") from error
    if any(character.isspace() for character in token):
        raise Failure(USAGE, f"{path} holds more than a token", "let it be one line: hf_…")
    return token


def _without_clashes(files: Iterable[Wanted], host: str) -> tuple[Wanted, ...]:
    """The files, unless one is the folder of another or two have one name: such a list cannot be laid out."""
    by_path: dict[str, Wanted] = {}
    for file in files:
        if file.path in by_path:
            raise Failure(WRONG, f"{host} names {file.path} twice")
        by_path[file.path] = file
    for path in by_path:
        parts = path.split("/")
        for count in range(1, len(parts)):
            if (parent := "/".join(parts[:count])) in by_path:
                raise Failure(WRONG, f"{host} names {parent} as a file and as a folder")
    return tuple(by_path[path] for path in sorted(by_path))


def _facts(answer: dict[str, Any]) -> tuple[tuple[str, object], ...]:
    card = answer.get("cardData")
    licence = card.get("license") if isinstance(card, dict) else None
    return (("gated", bool(answer.get("gated"))), *((("licence", licence),) if isinstance(licence, str) else ()))
