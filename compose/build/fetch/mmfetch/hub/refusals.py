"""Each answer that is no file in a sentence of its own, with what to create or which page to visit."""

from __future__ import annotations

import http.client
import socket
import ssl
import urllib.error
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from mmfetch.failures import NETWORK, REFUSED, Failure
from mmfetch.request import Repository

_PASSING = {408, 425, 429, 500, 502, 503, 504}
_TUNNEL = "Tunnel connection failed: "
RESUME = "fetch again later: what has arrived is kept, and goes on from there"


@dataclass(frozen=True)
class Endpoint:
    """The hub as one repository is asked for there."""

    address: str
    repository: Repository | None = None
    revision: str = ""
    has_token: bool = False
    note: Callable[[str], None] = print
    """Tells that something takes its time."""

    @property
    def host(self) -> str:
        """The hub's host, for people."""
        return urlsplit(self.address).netloc

    @property
    def page(self) -> str:
        """The repository's page, for people with a browser."""
        return f"{self.address}/{self.repository.page}" if self.repository else self.address

    @property
    def secret(self) -> str:
        """The file that should have a token, as people know it."""
        return "secrets/hf_token"


def is_passing(error: Exception) -> bool:
    """Whether the same question may have another answer soon."""
    if isinstance(error, urllib.error.HTTPError):
        return error.code in _PASSING
    reason = getattr(error, "reason", error)
    lasting = ("not followed", f"{_TUNNEL}4")
    return not isinstance(reason, ssl.SSLCertVerificationError) and not any(text in str(reason) for text in lasting)


def explained(error: Exception, endpoint: Endpoint, subject: str) -> Failure:
    """The failure that an error means."""
    if isinstance(error, urllib.error.HTTPError):
        return _of_answer(error, endpoint, subject)
    reason = getattr(error, "reason", error)
    host = endpoint.host
    if str(reason).startswith(_TUNNEL):
        return _of_proxy(str(reason).removeprefix(_TUNNEL), host)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return Failure(
            NETWORK,
            f"the certificate of {host} is not trusted: {reason.verify_message}",
            "name the file of your authority's certificate in SSL_CERT_FILE, or in certs of the host file",
        )
    if isinstance(reason, socket.gaierror):
        return Failure(
            NETWORK,
            f"{host} is not known here: no network, or no name service",
            "connect this machine, or name a proxy in HTTPS_PROXY or a mirror in HF_ENDPOINT",
        )
    if isinstance(reason, TimeoutError):
        return Failure(NETWORK, f"{host} did not answer in time while {subject} was fetched", RESUME)
    if isinstance(reason, ConnectionRefusedError):
        return Failure(NETWORK, f"nothing listens at {host}", "check HF_ENDPOINT and HTTPS_PROXY, then fetch again")
    if isinstance(reason, http.client.HTTPException) and not isinstance(reason, http.client.IncompleteRead):
        return Failure(
            NETWORK, f"{host} gave an answer that is no HTTP while {subject} was fetched: {reason!r}", RESUME
        )
    return Failure(NETWORK, f"the connection to {host} broke off while {subject} was fetched: {reason}", RESUME)


def _of_answer(error: urllib.error.HTTPError, endpoint: Endpoint, subject: str) -> Failure:
    code = error.headers.get("X-Error-Code", "")
    text = error.headers.get("X-Error-Message", "")
    answerer = urlsplit(error.url or "").netloc
    if endpoint.repository is None or answerer != endpoint.host:
        return _of_another(error, endpoint, answerer, subject)
    name, secret = endpoint.repository.name, endpoint.secret
    if error.code in {401, 403} and "disabled" in text:
        return Failure(REFUSED, f"the hub has disabled {name}", f"read why at {endpoint.page}")
    if error.code == 401 and endpoint.has_token and "Invalid" in text:
        return Failure(
            REFUSED,
            f"{endpoint.host} does not accept the token of {secret}",
            f"make a new one with the right to read at {endpoint.address}/settings/tokens and write it to {secret}",
        )
    if code == "GatedRepo" or (error.code == 403 and endpoint.has_token):
        if endpoint.has_token:
            return Failure(
                REFUSED,
                f"the token of {secret} has no access to {name}",
                f"ask for access at {endpoint.page} with its account; a fine-grained token also needs the right "
                "to read gated repositories",
            )
        return Failure(
            REFUSED,
            f"{name} is gated, and there is no token",
            f"accept its licence at {endpoint.page}, make a token with the right to read at "
            f"{endpoint.address}/settings/tokens, write it to {secret}, and name that file under secrets: of the model",
        )
    if code == "RevisionNotFound":
        return Failure(
            REFUSED,
            f"{name} has no revision {endpoint.revision}",
            f"write one of {endpoint.page}/tree/main as revision",
        )
    if code == "EntryNotFound":
        return Failure(
            REFUSED, f"{name} has no file {subject} at {endpoint.revision}", f"look at {endpoint.page}/tree/main"
        )
    if error.code in {401, 403, 404}:
        return Failure(
            REFUSED,
            f"{endpoint.host} has no {endpoint.repository.kind} {name}, or it is private",
            f"check the name at {endpoint.page}; a private one needs a token in {secret}, named under secrets: too",
        )
    if error.code == 429:
        hint = "wait some minutes and fetch again"
        return Failure(
            NETWORK,
            f"{endpoint.host} allows no more requests for now",
            hint if endpoint.has_token else f"{hint}; with a token in {secret} more are allowed",
        )
    if error.code >= 500:
        return Failure(NETWORK, f"{endpoint.host} has a fault of its own: it answers {error.code}", RESUME)
    return Failure(
        REFUSED, f"{endpoint.host} refuses {subject}: {error.code} {text or error.reason}", f"look at {endpoint.page}"
    )


def _of_proxy(answer: str, host: str) -> Failure:
    if answer.startswith("407"):
        return Failure(NETWORK, "the proxy asks for a password", "write HTTPS_PROXY as http://user:password@host:port")
    return Failure(NETWORK, f"the proxy lets nobody through to {host}: {answer}", f"ask for {host} to be let through")


def _of_another(error: urllib.error.HTTPError, endpoint: Endpoint, answerer: str, subject: str) -> Failure:
    host = answerer or endpoint.host
    if error.code == 407:
        return _of_proxy("407", host)
    if error.code == 429 or error.code >= 500:
        return Failure(NETWORK, f"{host} answers {error.code} for {subject}", RESUME)
    hint = "check the address" if endpoint.repository is None else RESUME
    return Failure(
        REFUSED if endpoint.repository is None else NETWORK, f"{host} answers {error.code} for {subject}", hint
    )
