"""Real benchmarks of real engines through Compose: load on a small llama.cpp, and pages read by the CPU OCR service."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from mmcompose.bench.record import below, read
from tests.bed import images
from tests.bed.commands import run
from tests.bench.test_record import SCHEMA
from tests.making import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mmcompose.bench.record import Record
    from tests.bed.engine import Engine

pytestmark = pytest.mark.docker

MMCOMPOSE = str(Path(sys.executable).with_name("mmcompose"))
PATIENCE = 300
LLAMA = """
    backend: llamacpp
    image: {image}
    weights: {{path: models/{model}, format: gguf}}
    served_name: tiny
    args: {{ctx_size: 4096, parallel: 4, threads: 1, metrics: true}}
    resources: {{memory: 1g}}
    security: {{user: "1000:1000"}}
    health: {{interval: 1s}}
    bench: [sanity, load]
    bench_args: {{load: {{concurrency: [1, 2], requests: 110, input_tokens: 16, output_tokens: 8}}}}
"""
OCR = """
    backend: rapidocr
    security: {user: "1000:1000"}
    health: {interval: 1s}
    bench: [sanity, ocr-sweep]
    # Four pages at a time on cores that other tests use as well: the usual 15 s are for a machine of its own.
    bench_args: {sanity: {budget: 120}, ocr-sweep: {concurrency: [2], requests: 8, warm_up: 0}}
"""


class Bench:
    """A project in a folder of its own, on the bed's engine."""

    def __init__(self, engine: Engine, folder: Path, name: str) -> None:
        self.engine, self.folder, self.name = engine, folder, name
        self.environment = {**engine.environment(), "HOME": str(folder)}

    def file(self, path: str, text: str) -> None:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(dedent(text))

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [MMCOMPOSE, *words], cwd=self.folder, env=self.environment, capture_output=True, text=True,
            check=False, timeout=PATIENCE,
        )  # fmt: skip

    def right(self, *words: str) -> str:
        done = self.call(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def begin(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [MMCOMPOSE, *words], cwd=self.folder, env=self.environment, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def runs(self, kind: str) -> list[Record]:
        return [record for record in below(self.folder / "benchmarks/results") if record.kind == kind]

    def client(self) -> str:
        """The client's image, built as the bed builds images, under the name that the compose files use."""
        text = (self.folder / "compose/job.yaml").read_text()
        tag = text.partition("mmcompose/bench:")[2].partition('"')[0]
        images.build(self.folder / "compose/build/bench", f"mmcompose/bench:{tag}", engine=self.engine)
        return tag


@pytest.fixture(scope="module")
def project(
    docker: Engine, python_image: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(text: str, **files: Path) -> Bench:
        name = f"b{os.getpid()}x{len(made)}"
        bench = Bench(docker, tmp_path_factory.mktemp(name), name)
        bench.folder.chmod(0o755)
        low = 22000 + (os.getpid() % 400) * 20 + 10 * len(made)
        bench.file("mmcompose.yaml", f"name: {name}\nbind: 127.0.0.1\nports: {low}-{low + 9}\nhost: here\n")
        bench.file(
            "profiles/hosts/here.yaml",
            f"machine: {{accelerator: cpu, memory: 6g, cores: 2, uid: {os.getuid()}, gid: {os.getgid()}}}\n",
        )
        bench.file("profiles/job.yaml", text)
        for path in files.values():
            place = bench.folder / "models" / path.name
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(path.read_bytes())
        bench.right("render")
        bench.client()
        made.append(bench)
        return bench

    yield make
    for bench in made:
        left = docker.docker("ps", "--all", "--quiet", "--filter", f"label=mmcompose.project={bench.name}").split()
        if left:
            docker.docker("rm", "--force", *left)
        run(*docker.command("network", "rm", "--force", f"{bench.name}-job"))
        for volume in docker.docker("volume", "ls", "--quiet", "--filter", f"name={bench.name}-").split():
            docker.docker("volume", "rm", "--force", volume)


@pytest.fixture(scope="module")
def llama(project: Callable[..., Bench], llama_image: str, tiny_gguf: Path) -> Bench:
    return project(LLAMA.format(image=llama_image, model=tiny_gguf.name), model=tiny_gguf)


def checked(record: Record) -> dict[str, Any]:
    data = json.loads((record.folder / "result.json").read_text())
    Draft202012Validator(SCHEMA).validate(data)
    return dict(data)


def test_a_profile_is_brought_up_measured_and_everything_is_kept(llama: Bench, tmp_path: Path) -> None:
    out = llama.right("bench", "run", "job", "load", "--output-csv", str(tmp_path / "points.csv"))
    assert "c=1" in out
    [record] = llama.runs("load")
    data = checked(record)
    assert data["run"]["status"] == "complete"
    assert [point["requests"]["ok"] for point in data["points"]] == [110, 110]
    assert data["target"]["profile"] == "job"
    assert data["target"]["engine"]["digest"].startswith("sha256:")
    assert "--metrics" in data["target"]["engine"]["args"]
    assert data["target"]["server"]["models"] == ["tiny"]
    assert data["project"]["profile"]["job"]["served_name"] == "tiny"
    assert data["points"][0]["server"]
    kept = {path.name for path in record.folder.iterdir()}
    assert kept >= {"result.json", "requests.jsonl", "points.csv", "series.csv", "report.md", "report.html",
                    "engine.log", "compose.rendered.yaml"}  # fmt: skip
    assert (tmp_path / "points.csv").read_text() == (record.folder / "points.csv").read_text()
    assert not (llama.folder / "benchmarks/results/.context").exists()


def test_compose_alone_does_the_same(llama: Bench) -> None:
    """From the root file, where nothing of mmcompose is on the way; the words behind the service replace the preset."""
    known = {record.folder for record in llama.runs("load")}
    words = ("run", "--rm", "--no-TTY", "job-bench-load", "--concurrency=2", "--requests=20", "--progress=none")
    run(
        *llama.engine.command("compose", "--profile", "bench-job", *words),
        cwd=llama.folder, env=llama.engine.environment(), timeout=PATIENCE,
    )  # fmt: skip
    [record] = [record for record in llama.runs("load") if record.folder not in known]
    assert [point["name"] for point in record.points] == ["c=2"]
    assert record.points[0]["requests"]["ok"] == 20


def test_without_autostart_nothing_is_started(llama: Bench) -> None:
    llama.right("down", "job")
    done = llama.call("bench", "run", "job", "sanity", "--no-autostart")
    assert done.returncode == 1
    assert "job is not up: `mmcompose up job`" in done.stderr
    llama.right("up", "job")
    assert "c=4" in llama.right("bench", "run", "job", "sanity", "--no-autostart")


def test_what_a_run_has_begun_is_told_and_what_was_up_before_is_not(llama: Bench) -> None:
    llama.right("down", "job")
    said = "job stays up; `mmcompose down job` ends it"
    assert llama.call("bench", "run", "job", "sanity").stderr.splitlines()[-1] == said
    assert said not in llama.call("bench", "run", "job", "sanity").stderr
    other = llama.call("bench", "run", "job", "sanity", "--set", "args.parallel=2").stderr
    assert "job was up before and runs with other values now: `mmcompose up job` brings its own back" in other


def begun(bench: Bench, *words: str) -> tuple[subprocess.Popen[str], Path]:
    """A long run, and its folder once it is under load."""
    known = {record.folder for record in bench.runs("load")}
    endless = ("--concurrency", "2", "--requests", "1000000")
    process = bench.begin("bench", "run", "job", "load", "--no-autostart", *words, "--", *endless)
    for _ in range(300):
        found = [record.folder for record in bench.runs("load") if record.folder not in known]
        if found:
            time.sleep(3)  # the probes are over, and requests are in flight
            return process, found[0]
        time.sleep(0.1)
    process.kill()
    raise AssertionError(process.communicate()[0])


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interruption_keeps_what_was_measured_and_leaves_no_container(llama: Bench, name: str) -> None:
    process, folder = begun(llama)
    os.killpg(process.pid, getattr(signal, name))
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130, said
    data = checked(read(folder))
    assert data["run"]["status"] == "aborted"
    assert data["points"][0]["requests"]["ok"] > 0
    assert (folder / "report.html").exists()
    assert llama.engine.docker("ps", "--quiet", "--filter", "name=mmcompose-bench-").strip() == ""


def test_a_server_that_dies_is_diagnosed_in_the_result(llama: Bench) -> None:
    process, folder = begun(llama)
    llama.engine.docker("kill", f"{llama.name}-job")
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 4, said
    data = checked(read(folder))
    assert "it was killed" in data["diagnosis"]["cause"]
    assert data["points"][0]["errors"]
    assert "the server: " in (folder / "report.md").read_text()
    llama.right("up", "job")


def test_any_address_is_measured_without_a_profile(llama: Bench) -> None:
    rows = json.loads(llama.right("status", "--format", "json"))
    port = next(row["ports"][0] for row in rows["profiles"] if row["profile"] == "job") if isinstance(rows, dict) else (
        next(row["ports"][0] for row in rows if row["profile"] == "job")
    )  # fmt: skip
    llama.right("bench", "run", "--against", f"http://127.0.0.1:{port}", "sanity")
    assert llama.runs("sanity")[-1].result["target"]["base_url"] == f"http://127.0.0.1:{port}"
    done = llama.call("bench", "run", "--against", "http://127.0.0.1:9", "sanity")
    assert done.returncode == 4
    assert "no answer from http://127.0.0.1:9" in done.stdout + done.stderr


def test_a_model_without_a_profile_is_measured_by_its_path(llama: Bench, llama_image: str) -> None:
    """What is made for it lies beside the project, and `profiles/` is left alone."""
    small = ("args.ctx_size=4096", "resources.memory=1g", 'security.user="1000:1000"', "health.interval=1s")
    sets = [word for each in small for word in ("--set", each)]
    model = next((llama.folder / "models").glob("*.gguf"))
    try:
        llama.right("bench", "run", str(model), "sanity", "--image", llama_image, *sets)
        assert llama.engine.docker("ps", "--all", "--quiet", "--filter", f"name={llama.name}-adhoc").strip() == ""
        [record] = [record for record in llama.runs("sanity") if record.name.startswith("adhoc-")]
        data = checked(record)
        assert data["target"]["engine"]["args"][1:3] == ["--model", f"/models/{model.name}"]
        assert data["project"]["compose_sha256"]
        assert (llama.folder / f".mmcompose/adhoc/{record.name}.yaml").is_file()
        assert [path.name for path in (llama.folder / "profiles").glob("*.yaml")] == ["job.yaml"]
    finally:
        llama.call("down", f"adhoc-{model.stem}")


def test_a_suite_goes_round_and_on(llama: Bench) -> None:
    llama.file("nightly.yaml", "profiles: [job]\nkinds: {load: {concurrency: 1, requests: 10}}\nrepeats: 2\n")
    known = len(llama.runs("load"))
    llama.right("down", "job")
    llama.right("bench", "suite", "nightly.yaml")
    assert len(llama.runs("load")) == known + 2
    assert llama.engine.docker("ps", "--quiet", "--filter", f"name={llama.name}-job").strip() == "", (
        "nothing is left up"
    )
    llama.right("bench", "suite", "nightly.yaml")
    assert len(llama.runs("load")) == known + 2
    assert llama.right("bench", "suite", "nightly.yaml", "--dry-run").count("done ") == 2


def test_pages_are_read_and_scored_under_load(project: Callable[..., Bench], ocr_image: str) -> None:
    bench = project(OCR)
    tag = (bench.folder / "compose/job.yaml").read_text().partition("mmcompose/rapidocr:")[2].partition('"')[0]
    bench.engine.docker("tag", ocr_image, f"mmcompose/rapidocr:{tag}")
    bench.right("bench", "run", "job", "sanity", "ocr-sweep")
    [record] = bench.runs("ocr-sweep")
    data = checked(record)
    [point] = data["points"]
    assert point["requests"]["ok"] == 8
    assert point["score"]["similarity_mean"] > 0.95
    assert point["score"]["ok"] is True
    shipped = {path.name: path.stat().st_size for path in (ROOT / "benchmarks/receipts").glob("*.jpg")}
    assert {image["name"]: image["bytes"] for image in data["load"]["images"]} == shipped
    assert bench.runs("sanity")[0].result["verdict"]["ok"] is True


def gone(bench: Bench) -> None:
    for _ in range(600):
        if not bench.engine.docker("ps", "--all", "--quiet", "--filter", "name=mmcompose-bench-").strip():
            return
        time.sleep(0.1)
    raise AssertionError("the client's container is still there")


def test_a_client_that_is_killed_leaves_an_aborted_run_with_its_exit_code(llama: Bench) -> None:
    llama.right("up", "job")
    process, folder = begun(llama)
    client = read(folder).result["run"]["container"]
    llama.engine.docker("kill", client)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 4, said
    data = checked(read(folder))
    assert (data["run"]["status"], data["run"]["exit_code"]) == ("aborted", 137)
    assert "the client was killed (exit code 137)" in said
    lines = [json.loads(line) for line in (folder / "requests.jsonl").read_text().splitlines()]
    assert lines, "what was measured until then stays"


def test_a_run_whose_mmcompose_was_killed_is_settled_once_its_client_is_gone(llama: Bench) -> None:
    llama.right("up", "job")
    process, folder = begun(llama)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    state = {row["run"]: row["status"] for row in json.loads(llama.right("bench", "list", "--format", "json"))}
    assert state[folder.name] == "running", "the client goes on by itself"
    llama.engine.docker("rm", "--force", read(folder).result["run"]["container"])
    gone(llama)
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
    assert first.returncode == 4
    assert refused.returncode == 2, refused.stderr
    assert kept.name not in refused.stdout + refused.stderr
    assert (kept / "report.html").stat().st_mtime_ns == before
