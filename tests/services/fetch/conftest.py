"""Runs of the fetch program in this process, so that tests may set its pauses; its environment is the tests' own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mmfetch.__main__ import main
from mmfetch.hub import patience

from tests.hub import Hub

VARIABLES = ("HF_", "HTTP_", "HTTPS_", "NO_PROXY", "http_", "https_", "no_proxy", "SSL_CERT", "REQUESTS_CA", "CURL_CA")


@dataclass(frozen=True)
class Ran:
    """The end of a run and what it said."""

    code: int
    events: list[dict[str, Any]]

    @property
    def failure(self) -> str:
        """Message and hint of a failed run."""
        last = self.events[-1]
        return f"{last.get('message', '')}\n{last.get('hint', '')}"

    @property
    def changed(self) -> bool:
        assert self.code == 0, self.failure
        return bool(self.events[-1]["changed"])

    def sources(self) -> dict[str, str]:
        """Where the bytes of each file came from."""
        return {event["path"]: event["source"] for event in self.events if event["event"] == "file"}

    def notes(self) -> str:
        return "\n".join(event["text"] for event in self.events if event["event"] == "note")


Mmfetch = Callable[..., Ran]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


@pytest.fixture
def mmfetch(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], store: Path) -> Mmfetch:
    """`mmfetch("fetch", "--repo", …, hub=hub)` in the store of this test."""
    for name in list(os.environ):
        if name.startswith(VARIABLES):
            monkeypatch.delenv(name)
    monkeypatch.setattr(patience, "FIRST_PAUSE_S", 0.01)

    def run(verb: str, *options: str | Path, hub: Hub | None = None) -> Ran:
        if hub:
            monkeypatch.setenv("HF_ENDPOINT", hub.url)
        else:
            monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
        place = [] if verb == "lock" else ["--store", str(store)]
        capsys.readouterr()
        code = main([verb, *place, "--events", *map(str, options)])
        printed = capsys.readouterr()
        assert printed.err == ""
        return Ran(code, [json.loads(line) for line in printed.out.splitlines()])

    return run
