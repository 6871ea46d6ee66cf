"""A gateway may repeat the key that it refuses, or a model answer with it: results, which are committed, do not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from benchmarks.mmbench.target import Target

from .misbehaving import Talk, chunk, misbehaving
from .serving import bench

if TYPE_CHECKING:
    from pathlib import Path

KEY = "sk-sesame-open"


def refuse(talk: Talk) -> None:
    body = json.dumps({"error": f"{KEY} is no key of ours"}).encode()
    talk.send(b"HTTP/1.1 401 No\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def repeat(talk: Talk) -> None:
    talk.stream(chunk(f"you are {KEY}", "stop"))


@pytest.mark.parametrize("answer", [refuse, repeat])
def test_no_file_of_a_run_holds_the_key_that_a_server_repeats(tmp_path: Path, answer: object) -> None:
    (tmp_path / "key").write_text(KEY)
    with misbehaving(answer) as server:  # type: ignore[arg-type]
        run = bench("sanity", server.url, tmp_path / "r", "--api-key-file", str(tmp_path / "key"))
    texts = [path.read_text() for path in (tmp_path / "r").rglob("*") if path.is_file()]
    assert any("(the API key)" in text for text in texts)
    assert not [text for text in [*texts, run.out] if KEY in text]


def test_a_key_of_three_letters_hides_no_text() -> None:
    assert Target.parse("http://h", "the").without_key("then") == "then"
