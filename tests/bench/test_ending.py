"""However a client ends, its own run says so, and no other run is touched. A double stands for Docker: it runs a local
program where the client's container would be."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from mmcompose.bench.results.record import below, read
from mmcompose.bench.run import address, settling
from mmcompose.bench.run.address import AddressJob
from mmcompose.bench.run.kind import ClientKind
from mmcompose.deploy import process
from mmcompose.engines.known.benchmarks import contained
from mmcompose.model.failure import Failure
from tests.bench.making import result, write

if TYPE_CHECKING:
    from mmcompose.deploy.docker.engine import DockerEngine

HERE = "ABCD:EFGH"
BEGIN = """
import json, os, signal, sys, pathlib
context = json.loads(pathlib.Path({results!r}, ".context", os.path.basename(sys.argv[2])).read_text())
folder = pathlib.Path({results!r}, sys.argv[1].removeprefix("/results/"))
folder.mkdir(parents=True)
run = {{"id": "x", "started": "2026-11-21T00:00:00Z", "status": "running", **context["run"]}}
made = {{"schema": "mmcompose.bench/1", "kind": "sanity", "target": {{"base_url": "http://h"}}, "points": []}}
made["run"] = run
(folder / "result.json").write_text(json.dumps(made, indent=1))
"""


class Docker:
    """`client` is the program that stands for the client; it is told its run folder and the context file."""

    def __init__(self, results: Path, client: str = "", containers: list[dict[str, Any]] | None = None) -> None:
        self.program = BEGIN.format(results=str(results)) + client
        self.known, self.requested = containers or [], list[list[str]]()

    def docker_command(self, *arguments: str) -> list[str]:
        if arguments[:1] != ("run",):
            return ["true"]
        inside, context = (arguments[arguments.index(name) + 1] for name in ("--run-dir", "--context"))
        return [sys.executable, "-c", self.program, inside, context]

    def image(self, _: str) -> dict[str, Any]:
        return {"Id": "sha256:1"}

    def info(self) -> dict[str, Any]:
        return {"ID": HERE}

    def version(self) -> dict[str, str]:
        return {}

    def containers(self, _: dict[str, str | None]) -> list[dict[str, Any]]:
        return []

    def inspect(self, ids: list[str]) -> list[dict[str, Any]]:
        self.requested.append(list(ids))
        return self.known


def job(results: Path, engine: Docker, url: str = "http://h:1") -> Any:
    requested = AddressJob(url, contained()["sanity"], ClientKind(), "image", results, results)
    return address.measure(cast("DockerEngine", engine), requested, lambda _: None)


@pytest.mark.parametrize(
    ("last", "code", "reason"),
    [
        ("os.kill(os.getpid(), 9)", 137, "the client was killed (exit code 137); most often its memory was not enough"),
        ("print('x'); raise SystemExit('ValueError: odd')", 1, "the client ended with exit code 1: ValueError: odd"),
        ("raise SystemExit(0)", 0, "the client ended with exit code 0"),
    ],
    ids=["killed", "broke", "silent"],
)
def test_a_client_that_dies_leaves_an_aborted_run_with_its_last_lines(
    tmp_path: Path, last: str, code: int, reason: str
) -> None:
    finished = job(tmp_path, Docker(tmp_path, last))
    run = finished.record.result["run"]
    assert (finished.record.status, run["exit_code"], run["exit_reason"]) == ("aborted", code, reason)
    assert finished.record.result["verdict"] == {"ok": False, "reasons": [reason]}
    assert run["finished"]
    assert finished.code in {0, 4}
    assert f"this run is aborted: {reason}" in (finished.record.folder / "report.md").read_text()


def test_a_refused_run_shows_no_other_run(tmp_path: Path) -> None:
    """Also not one that another process of the same kind writes at this moment."""
    other = job(tmp_path, Docker(tmp_path)).record.folder
    before = (other / "result.json").stat().st_mtime_ns, (other / "report.md").stat().st_mtime_ns
    refuses = Docker(tmp_path)
    refuses.program = f"import os; os.utime({str(other / 'result.json')!r}); print('refused'); raise SystemExit(2)"
    touched = job(tmp_path, refuses)
    assert touched.record is None
    assert (touched.code, touched.last_lines) == (2, ("refused",))
    assert (other / "report.md").stat().st_mtime_ns == before[1]


def test_two_runs_of_one_second_have_folders_of_their_own(tmp_path: Path) -> None:
    runs = [job(tmp_path, Docker(tmp_path)).record for _ in range(2)]
    assert len({record.folder for record in runs}) == 2
    assert all(record.result["run"]["id"] == record.folder.name for record in runs)


def test_a_full_disk_leaves_nothing_half_and_no_run_that_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(_: int, __: object) -> int:
        raise OSError(28, "No space left on device")

    def without_room(_: Path, __: int, ___: object) -> None:
        monkeypatch.setattr("mmcompose.files.whole.os.write", half)

    monkeypatch.setattr("mmcompose.bench.run.begun.settling.ended", without_room)
    with pytest.raises(Failure, match="No space left on device"):
        job(tmp_path, Docker(tmp_path, "raise SystemExit(4)"))
    monkeypatch.undo()
    (record,) = below(tmp_path)
    assert record.status == "aborted", "two words of one length need no room"
    assert not [each for each in record.folder.iterdir() if "new" in each.name]


def left(folder: Path, **run: Any) -> Path:
    data = result([])
    data["run"] |= {"status": "running", "exit_code": None, "container": "mmcompose-bench-1", "docker_id": HERE}
    data["run"] |= {"client": {"hostname": "c" * 12}} | run
    write(folder, data)
    return folder


def settled(folder: Path, *containers: dict[str, Any]) -> str:
    engine = Docker(folder, containers=list(containers))
    settling.left_behind([read(folder)], cast("DockerEngine", engine))
    return read(folder).status


def container(**state: Any) -> dict[str, Any]:
    return {"Id": "c" * 64, "Name": "/mmcompose-bench-1", "State": {"Running": False, "Status": "exited", **state}}


def test_a_run_whose_client_is_gone_is_settled_later(tmp_path: Path) -> None:
    assert settled(left(tmp_path / "a")) == "aborted"
    assert "mmcompose was killed" in read(tmp_path / "a").result["run"]["exit_reason"]


def test_a_folder_that_no_client_has_written_waits_for_its_container(tmp_path: Path) -> None:
    folder = left(tmp_path / "a", client=None)
    assert settled(folder) == "running", "its container may be about to start"
    for each in folder.iterdir():
        os.utime(each, (time.time() - 200, time.time() - 200))
    assert settled(folder) == "aborted"


def test_a_client_that_ended_and_was_not_removed_tells_its_exit_code(tmp_path: Path) -> None:
    assert settled(left(tmp_path / "a"), container(ExitCode=137)) == "aborted"
    assert read(tmp_path / "a").result["run"]["exit_code"] == 137


@pytest.mark.parametrize("state", [{"Running": True, "Status": "running"}, {"Status": "created"}])
def test_a_client_that_goes_on_is_left_alone(tmp_path: Path, state: dict[str, Any]) -> None:
    assert settled(left(tmp_path / "a"), container(**state)) == "running"


def test_a_run_of_another_docker_is_left_alone(tmp_path: Path) -> None:
    assert settled(left(tmp_path / "a", docker_id="OTHER")) == "running"


def test_a_run_of_compose_alone_is_known_by_its_host_name(tmp_path: Path) -> None:
    folder = left(tmp_path / "a", container=None, docker_id=None, client={"hostname": "c" * 12})
    assert settled(folder) == "running", "it may be writing still"
    for each in folder.iterdir():
        os.utime(each, (time.time() - 3600, time.time() - 3600))
    assert settled(folder, {"Id": "c" * 64, "State": {"Running": True}}) == "running"
    assert settled(folder) == "aborted"


def test_where_nothing_runs_docker_is_not_needed(tmp_path: Path) -> None:
    engine = Docker(tmp_path)
    write(tmp_path / "a", result([]))
    assert settling.left_behind(below(tmp_path), cast("DockerEngine", engine)) == []
    assert engine.requested == []


def test_a_result_of_no_shape_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text(json.dumps([]))
    settling.ended(tmp_path, 1, [])
    assert json.loads((tmp_path / "result.json").read_text()) == []


def test_a_run_that_a_process_measures_is_settled_when_the_process_is_gone(tmp_path: Path) -> None:
    here = process.mine()
    reported = {"container": None, "docker_id": None}
    assert settled(left(tmp_path / "a", process=here, **reported)) == "running"
    assert settled(left(tmp_path / "b", process=here | {"began": "1"}, **reported)) == "aborted"
    assert settled(left(tmp_path / "c", process=here | {"began": "1", "place": "other"}, **reported)) == "running"
