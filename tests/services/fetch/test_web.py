"""The way to the hub through a company's network: a proxy, and certificates of an authority of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hub import Hub, Repository, authority, serving
from tests.hub.proxy import proxying
from tests.services.fetch.conftest import Mmfetch
from tests.services.fetch.weights import MODEL

NAME = ("--repo", "org/name")
REPOSITORY = Repository("org/name", MODEL)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return authority.made(tmp_path_factory.mktemp("authority"))


def test_a_private_authority_and_a_proxy_with_a_password_lead_to_the_hub(
    mmfetch: Mmfetch, monkeypatch: pytest.MonkeyPatch, certificates: tuple[Path, Path]
) -> None:
    trusted, server = certificates
    # Only the proxy knows where hub.test is.
    with serving(REPOSITORY, shown_as="hub.test", certificate=server) as hub, proxying("user:password") as proxy:
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        assert mmfetch("fetch", *NAME, hub=hub).changed
        assert set(proxy.tunnels) == {hub.url.removeprefix("https://"), hub.files_url.removeprefix("https://")}


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_each_usual_variable_names_the_authority(
    mmfetch: Mmfetch, monkeypatch: pytest.MonkeyPatch, certificates: tuple[Path, Path], variable: str
) -> None:
    trusted, server = certificates
    monkeypatch.setenv(variable, str(trusted))
    with serving(REPOSITORY, certificate=server) as hub:
        assert mmfetch("fetch", *NAME, hub=hub).changed


def test_hosts_of_no_proxy_are_reached_directly(
    mmfetch: Mmfetch, monkeypatch: pytest.MonkeyPatch, certificates: tuple[Path, Path]
) -> None:
    trusted, server = certificates
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with serving(REPOSITORY, shown_as="localhost", certificate=server) as hub, proxying() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "example.org,localhost")
        assert mmfetch("fetch", *NAME, hub=hub).changed
        assert proxy.tunnels == []


def failed(mmfetch: Mmfetch, hub: Hub) -> str:
    ran = mmfetch("fetch", *NAME, hub=hub)
    assert ran.code in {2, 4}
    return ran.failure


def test_an_authority_that_nobody_named_is_not_trusted(mmfetch: Mmfetch, certificates: tuple[Path, Path]) -> None:
    with serving(REPOSITORY, certificate=certificates[1]) as hub:
        assert "is not trusted: " in failed(mmfetch, hub)


def test_a_wrong_password_and_unreadable_certificates_are_named(
    mmfetch: Mmfetch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, certificates: tuple[Path, Path]
) -> None:
    trusted, server = certificates
    with serving(REPOSITORY, certificate=server) as hub, proxying("user:password") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("password", "wrong"))
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        assert "the proxy asks for a password" in failed(mmfetch, hub)
        (tmp_path / "ca.pem").write_text("no certificate")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        assert "SSL_CERT_FILE names" in failed(mmfetch, hub)


def test_a_redirect_out_of_https_is_not_followed(
    mmfetch: Mmfetch, monkeypatch: pytest.MonkeyPatch, certificates: tuple[Path, Path]
) -> None:
    trusted, server = certificates
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with serving(REPOSITORY) as plain, serving(REPOSITORY, certificate=server) as hub:
        hub.faults.answers = [(302, {"Location": f"{plain.url}/api/models/org/name/revision/main"})]
        assert "redirects from https to http, which is not followed" in failed(mmfetch, hub)
        assert plain.received == []
