"""The real thing: the image built from its context, hardened as it is deployed, reading receipts over its own HTTP."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.bed import images
from tests.bed.commands import BedError
from tests.benchmarks.serving import bench
from tests.services.conftest import SERVICES, eventually
from tests.services.rapidocr.receipts import receipt, similarity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bed.engine import Engine

pytestmark = pytest.mark.docker

TAG = "mmcompose-bed/rapidocr:test"
GOOD = 0.985
HARDENED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "2g")
FLAGS = (
    "--workers 2 --threads 1 --max-image-bytes 20971520 --max-pixels 40000000 "
    "--served-model-name pp-ocrv6-small --host 0.0.0.0 --port 8000"
)


@pytest.fixture(scope="module")
def image(docker: Engine, python_image: str) -> str:
    images.build(SERVICES.parent / "compose/build/rapidocr", TAG)
    return TAG


@pytest.fixture(scope="module")
def container(docker: Engine, image: str) -> Iterator[str]:
    name = docker.docker("run", "--detach", "--publish", "127.0.0.1::8000", *HARDENED, image, *FLAGS.split()).strip()
    yield name
    docker.docker("rm", "--force", name)


@pytest.fixture(scope="module")
def client(docker: Engine, container: str) -> Iterator[httpx.Client]:
    port = docker.docker("port", container, "8000/tcp").strip().rpartition(":")[2]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
        assert eventually(lambda: ready(client), 120), docker.docker("logs", container)
        yield client


def ready(client: httpx.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def chat(number: int, **more: object) -> dict[str, object]:
    url = "data:image/jpeg;base64," + base64.b64encode(receipt(number).jpeg()).decode()
    content = [{"type": "image_url", "image_url": {"url": url}}]
    return {"model": "pp-ocrv6-small", "messages": [{"role": "user", "content": content}], **more}


@pytest.mark.heavy
@pytest.mark.parametrize("number", range(8))
def test_a_receipt_is_read_almost_without_error(client: httpx.Client, number: int) -> None:
    answer = client.post("/v1/chat/completions", json=chat(number)).json()
    read = answer["choices"][0]["message"]["content"]
    assert similarity(read, receipt(number).lines) >= GOOD, read


@pytest.mark.heavy
def test_upload_and_stream_give_the_same_text(client: httpx.Client) -> None:
    uploaded = client.post("/v1/ocr", files={"file": receipt(0).jpeg()}).json()
    frames = re.findall(
        "^data: (.+)$", client.post("/v1/chat/completions", json=chat(0, stream=True)).text, re.MULTILINE
    )
    deltas = [json.loads(frame)["choices"][0]["delta"].get("content", "") for frame in frames if frame != "[DONE]"]
    assert "".join(deltas) == uploaded["text"]
    assert [line["text"] for line in uploaded["lines"]] == uploaded["text"].split("\n")


@pytest.mark.heavy
def test_slivers_and_blanks_are_pages_without_text(client: httpx.Client) -> None:
    for size in ("1 1", "3 3000", "3000 3", "40 40"):
        width, height = map(int, size.split())
        page = b"P5 %d %d 255\n" % (width, height) + b"\xff" * (width * height)
        answer = client.post("/v1/ocr", files={"file": page})
        assert (answer.status_code, answer.json()["text"]) == (200, ""), size


@pytest.mark.heavy
def test_the_versions_are_those_that_were_pinned(client: httpx.Client) -> None:
    pinned = dict(
        line.removesuffix(" \\").split("==")
        for line in (SERVICES / "rapidocr" / "requirements.txt").read_text().splitlines()
        if "==" in line
    )
    answer = client.get("/version").json()
    assert {name: answer[name] for name in ("rapidocr", "onnxruntime")} == {
        name: pinned[name] for name in ("rapidocr", "onnxruntime")
    }


@pytest.mark.heavy
def test_it_runs_as_nobody_in_particular_and_logs_nothing_that_it_read(
    docker: Engine, container: str, client: httpx.Client
) -> None:
    assert docker.docker("exec", container, "id", "-u").strip() == "10001"
    client.post("/v1/ocr", files={"file": receipt(0).jpeg()})
    logs = subprocess.run(docker.command("logs", container), capture_output=True, text=True, check=True)
    assert "lines, " in logs.stderr
    assert not any(line in logs.stdout + logs.stderr for line in receipt(0).lines)


SELF_TEST = """
import os, pathlib, tempfile
os.environ["XDG_CACHE_HOME"] = os.environ["HOME"] = home = tempfile.mkdtemp()
from ocr_service.recognise import load
from ocr_service.settings import Settings
load(Settings())
print(sorted(str(path) for path in pathlib.Path(home).rglob("*")))
"""


@pytest.mark.heavy
def test_it_reads_without_a_network_and_collects_nothing_for_its_makers(docker: Engine, image: str) -> None:
    """Loading reads a line of text; ONNX Runtime's reports would first write an identifier into the cache folder."""
    run = ("run", "--rm", "--network", "none", "--entrypoint", "python", image, "-c", SELF_TEST)
    assert docker.docker(*run).strip() == "[]"


def test_a_wrong_flag_ends_the_container_with_one_line(docker: Engine, image: str) -> None:
    with pytest.raises(BedError, match=r"unknown flag --worker \(did you mean --workers\?\)"):
        docker.docker("run", "--rm", image, "--worker", "3")


def test_an_eval_of_the_shipped_receipts_scores_what_it_reads(client: httpx.Client, tmp_path: Path) -> None:
    """The client that `mmcompose eval run` starts, against the real service."""
    run = bench("eval-ocr", str(client.base_url).rstrip("/"), tmp_path, "--limit", "2", "--concurrency", "2")
    assert run.code == 0, run.err
    figures = run.point["score"]["figures"]
    assert figures["cer"]["value"] < 0.02
    assert figures["fields"]["value"] > 0.9
    assert figures["fields"]["of"] == 8


@pytest.mark.heavy
def test_it_stops_at_once_and_well(docker: Engine, container: str, client: httpx.Client) -> None:
    """The last test: it stops the container of all others."""
    docker.docker("stop", "--time", "8", container)
    assert docker.docker("inspect", "--format", "{{.State.ExitCode}}", container).strip() == "0"
