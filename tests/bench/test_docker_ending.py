"""Whatever ends a benchmark of a real engine, its run says so, and no other run is touched."""

from __future__ import annotations

import json
import os
import signal
import time

import pytest

from mmcompose.bench.results.record import read
from tests.bench.playground import Bench, begun, checked

pytestmark = pytest.mark.docker


def gone(bench: Bench, name: str) -> None:
    for _ in range(600):
        if not bench.engine.docker("ps", "--all", "--quiet", "--filter", f"name={name}").strip():
            return
        time.sleep(0.1)
    raise AssertionError("the client's container is still there")


@pytest.mark.heavy
def test_a_client_that_is_killed_leaves_an_aborted_run_with_its_exit_code(llama: Bench) -> None:
    process, folder = begun(llama)
    client = read(folder).result["run"]["container"]
    llama.engine.docker("kill", client)
    printed, _ = process.communicate(timeout=120)
    assert process.returncode == 4, printed
    data = checked(read(folder))
    assert (data["run"]["status"], data["run"]["exit_code"]) == ("aborted", 137)
    assert "the client was killed (exit code 137)" in printed
    lines = [json.loads(line) for line in (folder / "requests.jsonl").read_text().splitlines()]
    assert lines, "what was measured until then stays"


@pytest.mark.heavy
def test_a_run_whose_mmcompose_was_killed_is_settled_once_its_client_is_gone(llama: Bench) -> None:
    process, folder = begun(llama)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=300)
    state = {row["run"]: row["status"] for row in json.loads(llama.right("bench", "list", "--format", "json"))}
    assert state[folder.name] == "running", "the client goes on by itself"
    client = read(folder).result["run"]["container"]
    llama.engine.docker("rm", "--force", client)
    gone(llama, client)
    state = {row["run"]: row["status"] for row in json.loads(llama.right("bench", "list", "--format", "json"))}
    assert state[folder.name] == "aborted"
    assert "mmcompose was killed while it measured" in llama.right("bench", "show", folder.name)


def test_a_refused_run_shows_no_earlier_one(llama: Bench) -> None:
    known = {record.folder for record in llama.runs("sanity")}
    first = llama.call("bench", "run", "--against", "http://127.0.0.1:9", "sanity")
    [kept] = [record.folder for record in llama.runs("sanity") if record.folder not in known]
    before = (kept / "report.html").stat().st_mtime_ns
    refused = llama.call(
        "bench", "run", "--against", "http://127.0.0.1:9", "sanity", "--", "--api-key-file", "/nowhere"
    )
    assert first.code == 4
    assert refused.code == 2, refused.err
    assert kept.name not in refused.out + refused.err
    assert (kept / "report.html").stat().st_mtime_ns == before
