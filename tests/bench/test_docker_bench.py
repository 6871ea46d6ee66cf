"""Real benchmarks of real engines through Compose: load on a small llama.cpp, and pages read by the CPU OCR service."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.bench.results.record import read
from tests.bed.commands import run
from tests.bench.playground import PATIENCE, Bench, begun, checked
from tests.making import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable


pytestmark = pytest.mark.docker

OCR = """
    backend: rapidocr
    security: {user: "1000:1000"}
    health: {interval: 1s}
    bench: [sanity, ocr-sweep]
    bench_args: {ocr-sweep: {concurrency: [2], requests: 8, warm_up: 0}}
"""


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
    arguments = ("run", "--rm", "--no-TTY", "job-bench-load", "--concurrency=2", "--requests=20", "--progress=none")
    run(
        *llama.engine.command("compose", "--profile", "bench-job", *arguments),
        cwd=llama.folder, env=llama.engine.environment(), timeout=PATIENCE,
    )  # fmt: skip
    [record] = [record for record in llama.runs("load") if record.folder not in known]
    assert [point["name"] for point in record.points] == ["c=2"]
    assert record.points[0]["requests"]["ok"] == 20


@pytest.mark.heavy
def test_without_autostart_nothing_is_started(llama: Bench) -> None:
    llama.right("down", "job")
    done = llama.call("bench", "run", "job", "sanity", "--no-autostart")
    assert done.code == 1
    assert "job is not up: `mmcompose up job`" in done.err
    llama.right("up", "job")
    assert "c=4" in llama.right("bench", "run", "job", "sanity", "--no-autostart")


@pytest.mark.heavy
def test_without_a_profile_each_that_is_up_is_checked(llama: Bench) -> None:
    llama.right("down", "job")
    nothing = llama.call("bench", "run")
    assert nothing.code == 1
    assert "no profile that can be measured is up" in nothing.err
    llama.right("up", "job")
    known = len(llama.runs("sanity"))
    assert "c=4" in llama.right("benchmark", "run")
    assert len(llama.runs("sanity")) == known + 1


def test_the_images_of_a_run_can_be_had_before_it(llama: Bench) -> None:
    llama.right("down", "job")
    known = len(list(llama.folder.glob("benchmarks/results/*/*")))
    llama.right("bench", "run", "job", "load", "--build-only")
    assert len(list(llama.folder.glob("benchmarks/results/*/*"))) == known
    assert "nothing was up" in llama.call("stop-all").err


@pytest.mark.heavy
def test_what_a_run_has_begun_is_reported_and_what_was_up_before_is_not(llama: Bench) -> None:
    llama.right("down", "job")
    printed = "job stays up; `mmcompose down job` ends it"
    assert llama.call("bench", "run", "job", "sanity").err.splitlines()[-1] == printed
    assert printed not in llama.call("bench", "run", "job", "sanity").err
    other = llama.call("bench", "run", "job", "sanity", "--set", "args.parallel=2").err
    assert "job was up before and runs with other values now: `mmcompose up job` brings its own back" in other


@pytest.mark.parametrize("name", ["SIGINT", pytest.param("SIGTERM", marks=pytest.mark.heavy)])
def test_an_interruption_keeps_what_was_measured_and_leaves_no_container(llama: Bench, name: str) -> None:
    process, folder = begun(llama)
    os.killpg(process.pid, getattr(signal, name))
    printed, _ = process.communicate(timeout=300)
    assert process.returncode == 130, printed
    data = checked(read(folder))
    assert data["run"]["status"] == "aborted"
    assert data["points"][0]["requests"]["ok"] > 0
    assert (folder / "report.html").exists()
    assert llama.engine.docker("ps", "--quiet", "--filter", "name=mmcompose-bench-").strip() == ""


@pytest.mark.heavy
def test_a_server_that_dies_is_diagnosed_in_the_result(llama: Bench) -> None:
    process, folder = begun(llama)
    llama.engine.docker("kill", f"{llama.name}-job")
    printed, _ = process.communicate(timeout=300)
    assert process.returncode == 4, printed
    data = checked(read(folder))
    assert "it was killed" in data["diagnosis"]["cause"]
    assert data["points"][0]["errors"]
    assert "the server: " in (folder / "report.md").read_text()


def test_any_address_is_measured_without_a_profile(llama: Bench) -> None:
    rows = json.loads(llama.up().right("status", "--format", "json"))
    port = next(row["ports"][0] for row in rows if row["profile"] == "job")
    llama.right("bench", "run", "--against", f"http://127.0.0.1:{port}", "sanity")
    assert llama.runs("sanity")[-1].result["target"]["base_url"] == f"http://127.0.0.1:{port}"
    done = llama.call("bench", "run", "--against", "http://127.0.0.1:9", "sanity")
    assert done.code == 4
    assert "no answer from http://127.0.0.1:9" in done.out + done.err


@pytest.mark.heavy
def test_a_model_without_a_profile_is_measured_by_its_path(llama: Bench, llama_image: str) -> None:
    """What is made for it lies beside the project, and `profiles/` is left alone."""
    small = ("args.ctx_size=4096", "resources.memory=1g", 'security.user="1000:1000"', "health.interval=1s")
    sets = [term for each in small for term in ("--set", each)]
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


@pytest.mark.heavy
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


@pytest.mark.heavy
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
    assert [record.result["verdict"]["ok"] for record in bench.runs("sanity")] == [True]
    assert "character error rate" in bench.right("eval", "run", "job", "--benchmark", "ocr")
    first = figures(bench, 0)
    assert first["cer"]["value"] < 0.05
    assert first["fields"]["value"] > 0.9
    bench.right("eval", "run", "job", "--benchmark", "ocr", "--images", str(ROOT / "benchmarks/receipts"))
    assert figures(bench, 1) == first
    [one, other] = bench.runs("eval")
    assert "ocr" in bench.right("bench", "compare", one.folder.name, other.folder.name)


def figures(bench: Bench, place: int) -> dict[str, Any]:
    """The scores of an eval; its result follows the schema."""
    data = checked(bench.runs("eval")[place])
    assert data["target"]["profile"] == "job"
    found: dict[str, Any] = data["points"][0]["score"]["figures"]
    return found
