"""What a result says of the place where it was measured: nothing secret, nothing guessed."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from mmcompose.bench.run import surroundings
from mmcompose.bench.run.aftermath import Server, diagnosis
from mmcompose.deploy.docker.observe import read
from tests.bench.test_record import SCHEMA
from tests.making import profile

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

OCR = "model: glm-ocr\nbackend: vllm\nimage: vllm/vllm-openai:v0.24.0\ngpu: {count: 1, share: exclusive}\n"


def inspected(**state: Any) -> dict[str, Any]:
    return {
        "Id": "c" * 64, "Name": "/mm-job", "Image": "sha256:id", "Path": "vllm", "Args": ["serve", "zai-org/GLM-OCR"],
        "Config": {"Image": "vllm/vllm-openai:v0.24.0", "Labels": {"mmcompose.service": "job"},
                   "Env": ["HF_TOKEN=hf_secret", "API_KEY=", "HOME=/cache", "A=b=c"]},
        "State": {"Status": "running", "StartedAt": "2026-11-20T06:00:00Z", **state}, "RestartCount": 0,
    }  # fmt: skip


def test_the_engine_is_described_from_its_container_and_its_secrets_are_not() -> None:
    container = read(inspected())
    image = {"Id": "sha256:id", "RepoDigests": ["vllm/vllm-openai@sha256:digest"]}
    found = surroundings.target(profile(OCR), "job", container, inspected(), image)
    assert found["engine"]["args"] == ["vllm", "serve", "zai-org/GLM-OCR"]
    assert found["engine"]["digest"] == "sha256:digest"
    assert found["engine"]["env"] == {"HF_TOKEN": "***", "API_KEY": "", "HOME": "/cache", "A": "b=c"}
    assert "hf_secret" not in json.dumps(found)
    Draft202012Validator({**SCHEMA["properties"]["target"], "required": []}).validate(found)


@pytest.mark.parametrize(("image", "digest"), [(None, None), ({"Id": "sha256:own", "RepoDigests": []}, "sha256:own")])
def test_an_image_that_was_built_here_has_only_its_own_id(image: dict[str, Any] | None, digest: str | None) -> None:
    assert surroundings.digest(image) == digest


def test_the_profile_is_embedded_whole_with_the_commit(tmp_path: Path) -> None:
    nothing = surroundings.project(tmp_path, profile(OCR), tmp_path / "compose/ocr.yaml")
    assert (nothing["git_sha"], nothing["dirty"], nothing["compose_sha256"]) == (None, None, None)
    assert nothing["profile"]["job"]["image"] == "vllm/vllm-openai:v0.24.0"
    (tmp_path / "compose").mkdir()
    (tmp_path / "compose/job.yaml").write_text("a\n")
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.example"]
    for arguments in (["init", "--quiet"], ["add", "-A"], ["commit", "--quiet", "-m", "a"]):
        subprocess.run([*git, *arguments], check=True)
    clean = surroundings.project(tmp_path, profile(OCR), tmp_path / "compose/ocr.yaml")
    assert (len(clean["git_sha"]), clean["dirty"]) == (40, False)
    assert clean["profile_sha256"] == nothing["profile_sha256"]
    (tmp_path / "compose/job.yaml").write_text("b\n")
    assert surroundings.project(tmp_path, profile(OCR), tmp_path / "compose/ocr.yaml")["dirty"] is True


FELL = {
    "it stayed": (inspected(), None),
    "it is gone": (None, "its container is gone"),
    "it was killed": (inspected(Status="exited", ExitCode=137), "it was killed"),
    "it started again": (inspected(StartedAt="2026-11-20T06:05:00Z") | {"RestartCount": 1}, "starts and dies"),
}


@pytest.mark.parametrize(("after", "printed"), FELL.values(), ids=FELL)
def test_a_server_that_fell_is_diagnosed(after: dict[str, Any] | None, printed: str | None) -> None:
    found = diagnosis(Server(read(inspected()), read(after) if after else None, ("last line",)), "ocr")
    assert (found is None) if printed is None else (found is not None and printed in found["cause"])
