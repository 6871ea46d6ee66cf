"""`mmcompose status`: which image each service of a profile runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mmcompose.cli.status import _cells
from mmcompose.deploy.observe import deployments
from mmcompose.deploy.status import row
from tests.deploy.containers import container


class Known:
    """An engine whose images have a digest of their own each."""

    def image(self, reference: str) -> dict[str, Any]:
        return {"RepoDigests": [f"x@sha256:{reference * 12}"]}


def test_each_image_is_shown_with_its_own_digest() -> None:
    two = [
        container(id="1", service="ocr", image="vllm/vllm-openai:v0.24.0", image_id="1"),
        container(id="2", service="chat", image="example/llama:b9603", image_id="2"),
        container(id="3", service="more", image="example/llama:b9603", image_id="2"),
    ]
    found = row(Known(), Path(), deployments(two)[0], None)  # type: ignore[arg-type]
    assert [(one["name"], one["digest"][:9]) for one in found.data()["images"]] == [
        ("vllm/vllm-openai:v0.24.0", "sha256:11"),
        ("example/llama:b9603", "sha256:22"),
    ]
    shown = "vllm/vllm-openai:v0.24.0@sha256:111111111111, example/llama:b9603@sha256:222222222222"
    assert _cells(found, "mm")[-1] == shown
