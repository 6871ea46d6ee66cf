"""An address that is measured: nothing in it may be a secret, since it stands in results and reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmcompose.bench.address import BadAddressError, Visit, _words, checked
from mmcompose.bench.begun import Run
from tests.disk import mmcompose, project


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9", "10.0.0.5:8000", "https://api.example/v1", "http://[::1]:80/", "http://[fe80::1%25eth0]:8"],
)
def test_an_address_without_secrets_is_taken_as_it_is(url: str) -> None:
    assert checked(url) == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://h/v1?api_key=WORD", "a query or a fragment"),
        ("http://h/v1#WORD", "a query or a fragment"),
        ("http://h/v1?", "a query or a fragment"),
        ("http://me:WORD@h/v1", "holds a password"),
        ("http://WORD@h/v1", "holds a password"),
        ("http://me:WORD@h:bad/v1", "its port is no number"),
        ("http://h:99999?key=WORD", "its port is no number"),
        ("gopher://WORD", "no address of an HTTP server"),
        ("http://", "no address of an HTTP server"),
    ],
)
def test_what_may_be_a_secret_is_refused_and_not_repeated(tmp_path: Path, url: str, why: str) -> None:
    with pytest.raises(BadAddressError, match=why):
        checked(url)
    answer = mmcompose(project(tmp_path, {}), "bench", "run", "--against", url, "sanity")
    assert answer.code == 2
    assert f"--against: it {why}" in answer.err or why in answer.err
    assert "WORD" not in answer.err + answer.out


def test_the_file_of_a_key_is_given_to_the_container(tmp_path: Path) -> None:
    (tmp_path / "sanity").mkdir()
    for words in (("--api-key-file", "key"), ("--api-key-file=key",)):
        visit = Visit("http://h", "sanity", "x:1", tmp_path, tmp_path, words=words)
        command = " ".join(_words(visit, Run(tmp_path / "sanity/run", "token"), "context"))
        assert f"--volume {Path('key').resolve()}:/run/secrets/api_key:ro" in command
        assert "/run/secrets/api_key" in command.rpartition("--api-key-file")[2]
