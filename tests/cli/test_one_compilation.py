"""One command reads the project once, and resolves it anew only for values that were typed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.bench.run import measuring
from mmcompose.core.pipeline import Compilation
from mmcompose.core.read.load import load
from mmcompose.deploy.docker import engine
from mmcompose.deploy.handover.switch import Bringing
from mmcompose.deploy.ready import verify
from mmcompose.files.gather import project as gathering
from mmcompose.files.write import render
from tests.disk import CHAT, mmcompose, project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Nothing:
    """A Docker on which nothing runs, and on which every start goes through."""

    def __getattr__(self, name: str) -> Callable[..., list[Any]]:
        return lambda *_, **__: []


class Both(Nothing):
    """A Docker on which both profiles are up."""

    def containers(self, _: object) -> list[dict[str, Any]]:
        labels = [{"mmcompose.project": "mm", "mmcompose.profile": name} for name in ("chat", "other")]
        return [{"Id": str(one), "Config": {"Labels": one}, "State": {"Status": "running"}} for one in labels]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    measured = CHAT + "bench: [sanity]\n"
    project(tmp_path, {"chat": measured, "other": measured})
    assert mmcompose(tmp_path, "render").code == 0

    monkeypatch.setattr(engine, "DockerEngine", Nothing)
    monkeypatch.setattr(Bringing, "run", lambda _: None)
    monkeypatch.setattr(verify, "verify", lambda *_: [])
    monkeypatch.setattr(measuring, "measure", lambda _, job, __: measuring.Finished(job.bench.kind, 0, None, ()))
    return tmp_path


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often something was done: the project gathered, a file parsed, a compilation begun."""
    found: Counter[str] = Counter()
    begin, parse, gather = Compilation.__init__, load, gathering.gather

    def begun(self: Compilation, given: Any) -> None:
        found["compiled"] += 1
        begin(self, given)

    def parsed(layer: str, path: str, data: bytes) -> Any:
        found[path] += 1
        return parse(layer, path, data)

    def gathered(root: Path) -> Any:
        found["gathered"] += 1
        return gather(root)

    monkeypatch.setattr(Compilation, "__init__", begun)
    monkeypatch.setattr("mmcompose.core.read.documents.load", parsed)
    monkeypatch.setattr(gathering, "gather", gathered)
    monkeypatch.setattr(render, "gather", gathered)
    return found


COMPILED = {
    "up chat": 1,
    "up chat other": 1,
    "up chat --set args.threads=2": 2,
    "switch chat": 1,
    "switch chat --set args.threads=2": 2,
    "test chat": 1,
    "test chat --set args.threads=2": 2,
    "bench run chat": 1,
    "bench run chat --set args.threads=2": 2,
    "bench run chat load": 2,
    "bench run chat load --set args.threads=2": 2,
    "bench run ./small.gguf": 2,
    "bench run ./small.gguf --set args.threads=2": 2,
}


@pytest.mark.parametrize(("line", "times"), COMPILED.items(), ids=COMPILED)
def test_a_command_reads_everything_once(
    folder: Path, done: Counter[str], monkeypatch: pytest.MonkeyPatch, line: str, times: int
) -> None:
    (folder / "small.gguf").write_bytes(b"GGUF" + bytes(20))
    monkeypatch.chdir(folder)
    answer = mmcompose(folder, *line.split())
    assert answer.code == 0, answer
    assert done.pop("compiled") == times
    assert {name: often for name, often in done.items() if often != 1} == {}


def test_so_does_a_check_of_all_that_is_up(folder: Path, done: Counter[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "DockerEngine", Both)
    answer = mmcompose(folder, "bench", "run")
    assert answer.err.count("nothing was measured") == 2, answer
    assert done.pop("compiled") == 1
    assert set(done.values()) == {1}
