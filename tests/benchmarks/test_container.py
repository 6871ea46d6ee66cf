"""The real thing: the image as it is deployed, measuring a real llama.cpp server and the real OCR service."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bed import images
from tests.bed.commands import BedError
from tests.bed.engine import Engine

from .serving import BENCHMARKS
from .test_result_schema import problems

pytestmark = pytest.mark.docker

TAG = "mmcompose-bed/mmbench:test"
HARDENED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
SOMEONE = 4321


@pytest.fixture(scope="module")
def image(docker: Engine, python_image: str) -> str:
    images.build(BENCHMARKS, TAG)
    return TAG


@pytest.fixture(scope="module")
def network(docker: Engine) -> Iterator[str]:
    name = f"mmbench-{uuid.uuid4().hex[:8]}"
    docker.docker("network", "create", name)
    yield name
    docker.docker("network", "rm", name)


@pytest.fixture(scope="module")
def llama(docker: Engine, network: str, llama_image: str, smollm2: Path) -> Iterator[str]:
    volume = f"{smollm2.parent}:/models:ro"
    options = [
        "--model",
        f"/models/{smollm2.name}",
        "--parallel",
        "2",
        "--ctx-size",
        "2048",
        "--poll",
        "0",
        "--metrics",
    ]
    run = ("run", "--detach", "--network", network, "--volume", volume, llama_image)
    name = docker.docker(*run, *options, "--metrics", "--threads", "2", "--host", "0.0.0.0").strip()
    yield name[:12]
    docker.docker("rm", "--force", name)


@pytest.fixture(scope="module")
def ocr(docker: Engine, network: str, ocr_image: str) -> Iterator[str]:
    name = docker.docker("run", "--detach", "--network", network, *HARDENED, ocr_image).strip()
    yield name[:12]
    docker.docker("rm", "--force", name)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A folder of the user that the container runs as; that user must also be able to reach it."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    folder = tmp_path / "results"
    folder.mkdir()
    if os.getuid() == 0:
        os.chown(folder, SOMEONE, SOMEONE)
    return folder


def measure(docker: Engine, image: str, network: str, results: Path, *line: str) -> dict[str, Any]:
    user = SOMEONE if os.getuid() == 0 else os.getuid()
    run = ("run", "--rm", "--network", network, *HARDENED, "--user", f"{user}:{user}")
    docker.docker(*run, "--volume", f"{results}:/results", image, *line, "--out", "/results", "--progress", "none")
    (path,) = results.glob("*/*/result.json")
    assert path.stat().st_uid == user
    result: dict[str, Any] = json.loads(path.read_text())
    assert problems(result) == []
    return result


def test_the_image_is_small_and_not_root(docker: Engine, image: str, python_image: str) -> None:
    size, base = (
        int(docker.docker("image", "inspect", each, "--format", "{{.Size}}")) for each in (image, python_image)
    )
    assert size - base <= 200e6
    assert docker.docker("image", "inspect", image, "--format", "{{.Config.User}}").strip() == "bench"
    assert docker.docker("run", "--rm", *HARDENED, "--network", "none", image, "--version").startswith("mmbench ")


@pytest.mark.heavy
def test_a_load_on_a_real_model_is_measured(
    docker: Engine, image: str, network: str, llama: str, results: Path
) -> None:
    line = ("load", "--base-url", f"http://{llama}:8080", "--wait", "120", "--concurrency", "1,2", "--requests", "4")
    result = measure(docker, image, network, results, *line, "--input-tokens", "48", "--output-tokens", "12")
    assert result["run"]["status"] == "complete"
    assert result["load"]["words_fitted"]
    for point in result["points"]:
        assert point["requests"]["ok"] == 4
        assert point["tokens"]["source"] == {"usage": 4}
        assert point["server"]["generation_tokens"] >= point["tokens"]["generated"]
        assert abs(point["tokens"]["prompt_per_request"] - 48) <= 5
        assert None not in point["shared"].values()


@pytest.mark.heavy
def test_an_ocr_sweep_on_the_real_service_reads_the_receipts(
    docker: Engine, image: str, network: str, ocr: str, results: Path
) -> None:
    line = ("ocr-sweep", "--base-url", f"http://{ocr}:8000", "--wait", "120", "--concurrency", "1,2")
    result = measure(docker, image, network, results, *line, "--requests", "8", "--warm-up", "0")
    assert result["run"]["status"] == "complete"
    assert [image["bytes"] for image in result["load"]["images"]]
    for point in result["points"]:
        assert point["score"]["scored"] == 8
        assert point["score"]["similarity_mean"] >= 0.95
        assert point["score"]["ok"]


def test_a_folder_of_another_user_is_refused_with_advice(
    docker: Engine, image: str, network: str, results: Path
) -> None:
    run = ("run", "--rm", "--network", network, *HARDENED, "--user", "4322:4322", "--volume", f"{results}:/results")
    with pytest.raises(BedError, match="runs as user 4322"):
        docker.docker(*run, image, "load", "--base-url", "http://nowhere:1", "--out", "/results")


def test_stopping_the_container_leaves_an_aborted_result(
    docker: Engine, image: str, network: str, llama: str, results: Path
) -> None:
    run = ("run", "--detach", "--network", network, *HARDENED, "--user", f"{SOMEONE}:{SOMEONE}")
    line = ("load", "--base-url", f"http://{llama}:8080", "--wait", "120", "--requests", "100000", "--out", "/results")
    if os.getuid() != 0:
        results.chmod(0o777)
    name = docker.docker(*run, "--volume", f"{results}:/results", image, *line).strip()
    try:
        while not list(results.glob("*/*/result.json")):
            assert docker.docker("inspect", name, "--format", "{{.State.Running}}").strip() == "true"
        docker.docker("stop", "--time", "30", name)
        assert docker.docker("inspect", name, "--format", "{{.State.ExitCode}}").strip() == "130"
    finally:
        docker.docker("rm", "--force", name)
    (path,) = results.glob("*/*/result.json")
    result = json.loads(path.read_text())
    assert result["run"]["status"] == "aborted"
    assert result["run"]["exit_reason"] == "interrupted by SIGTERM"
    assert problems(result) == []
