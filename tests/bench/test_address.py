"""An address that is measured: nothing in it may be a secret, since it stands in results and reports."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mmcompose.bench.run.address import AddressJob, _arguments, checked, key_file
from mmcompose.bench.run.begun import Run
from mmcompose.bench.run.kind import ClientKind
from mmcompose.deploy.docker.binding import bind
from mmcompose.deploy.ready.keys import BadKeyError, check_file
from mmcompose.engines.known.benchmarks import contained
from mmcompose.model.failure import Failure
from tests.disk import mmcompose, project

if TYPE_CHECKING:
    from collections.abc import Callable


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
    with pytest.raises(Failure, match=why):
        checked(url)
    answer = mmcompose(project(tmp_path, {}), "bench", "run", "--against", url, "sanity")
    assert answer.code == 2
    assert f"--against: it {why}" in answer.err or why in answer.err
    assert "WORD" not in answer.err + answer.out


def test_the_file_of_a_key_is_given_to_the_container(tmp_path: Path) -> None:
    (tmp_path / "sanity").mkdir()
    for arguments in (("--api-key-file", "key"), ("--api-key-file=key",)):
        job = AddressJob(
            "http://h", contained()["sanity"], ClientKind(), "x:1", tmp_path, tmp_path, arguments=arguments
        )
        command = " ".join(_arguments(job, Run(tmp_path / "sanity/run", "token"), ()))
        assert f"--mount type=bind,source={Path('key').resolve()},target=/run/secrets/api_key,readonly" in command
        assert "/run/secrets/api_key" in command.rpartition("--api-key-file")[2]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "does not exist"),
        (b"", "is empty"),
        (b"one\ntwo", "is not one line of plain characters"),
        (b"a\0b", "is not one line of plain characters"),
        (b"a" * 10_000_000, "is not one line of plain characters"),
    ],
)
def test_a_key_that_cannot_be_sent_is_refused_before_anything_starts(
    tmp_path: Path, content: bytes | None, why: str
) -> None:
    place = tmp_path / "the-key"
    if content is not None:
        place.write_bytes(content)
    arguments = ("--against", "http://127.0.0.1:9", "sanity", "--", "--api-key-file", str(place))
    answer = mmcompose(project(tmp_path / "p", {}), "bench", "run", *arguments)
    assert (answer.code, f"--api-key-file {place} {why}" in answer.err) == (2, True), answer
    assert place.exists() is (content is not None)


@pytest.mark.parametrize(
    ("arguments", "path"),
    [((), ""), (("--api-key-file",), ""), (("--api-key-file=k",), "k"), (("x", "--api-key-file", "k"), "k")],
)
def test_the_file_of_a_key_is_found_wherever_it_stands(arguments: tuple[str, ...], path: str) -> None:
    assert key_file(arguments) == path


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_a_key_is_no_pipe_and_no_folder(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "key")
    with pytest.raises(BadKeyError, match="is no file"):
        check_file(str(tmp_path / "key"))


def test_any_path_can_be_mounted() -> None:
    option, value = bind(Path('/a:b, "c"'), "/results", read_only=True)
    assert (option, next(csv.reader([value]))) == (
        "--mount",
        ["type=bind", 'source=/a:b, "c"', "target=/results", "readonly"],
    )
