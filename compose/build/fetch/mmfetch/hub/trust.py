"""The certificates that are trusted: the system's, and those that the usual variables name."""

from __future__ import annotations

import os
import ssl

from mmfetch.failures import USAGE, Failure

VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def context() -> ssl.SSLContext:
    """Trusts a private authority too, whichever of the usual variables names it."""
    made = ssl.create_default_context()
    for name in VARIABLES:
        if bundle := os.environ.get(name):
            try:
                made.load_verify_locations(**{"capath" if os.path.isdir(bundle) else "cafile": bundle})
            except OSError as error:
                raise Failure(
                    USAGE,
                    f"{name} names {bundle}, which cannot be read as certificates: {error}",
                    f"mend or unset {name}",
                ) from error
    if not made.get_ca_certs() and not _system_folder():
        _of_certifi(made)
    return made


def _system_folder() -> bool:
    """Whether the system has a folder of certificates, which OpenSSL reads only when it needs one."""
    folder = ssl.get_default_verify_paths().capath
    return bool(folder) and bool(os.listdir(folder))


def _of_certifi(made: ssl.SSLContext) -> None:
    """Images without the system's certificates often have those of this package."""
    try:
        import certifi
    except ImportError:
        return
    made.load_verify_locations(cafile=certifi.where())
