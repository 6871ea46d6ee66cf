"""A private authority, as companies have: its certificate, and one of it for this machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

NAMES = "subjectAltName=DNS:localhost,DNS:hub.test,IP:127.0.0.1"


def made(folder: Path) -> tuple[Path, Path]:
    """The authority's certificate to trust, and key and certificate for a server."""
    authority, key = folder / "authority.pem", folder / "authority.key"
    server, request, names = folder / "server.pem", folder / "server.csr", folder / "names"
    names.write_text(f"{NAMES}\n")
    pair = ("-newkey", "rsa:2048", "-nodes", "-keyout")
    _openssl("req", "-x509", *pair, key, "-out", authority, "-days", "2", "-subj", "/CN=Company CA")
    _openssl("req", *pair, server, "-out", request, "-subj", "/CN=localhost")
    signed = folder / "signed.pem"
    signer = ("-CA", authority, "-CAkey", key, "-CAcreateserial", "-days", "2", "-extfile", names)
    _openssl("x509", "-req", "-in", request, *signer, "-out", signed)
    server.write_text(server.read_text() + signed.read_text())
    return authority, server


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
