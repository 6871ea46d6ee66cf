"""The real llama.cpp server serves the bed's two models."""

from __future__ import annotations

import hashlib
import json
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from tests.bed import pins

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bed.project import Project

pytestmark = pytest.mark.docker

PROMPT = "What is the capital of France? Answer in one short sentence."


def serve(project: Project, image: str, model: Path, port: int) -> str:
    """Bring a server up with plain Compose and wait for the health check that the image carries."""
    project.write(f"""
services:
  chat:
    image: {image}
    command: [--model, /models/{model.name}, --threads, "2", --poll, "0", --ctx-size, "2048"]
    ports: ["127.0.0.1:{port}:8080"]
    volumes: ["{model.parent}:/models:ro"]
    healthcheck: {{interval: 1s, timeout: 1s, retries: 60}}
""")
    project.compose("up", "--detach", "--wait")
    return f"http://127.0.0.1:{port}"


def ask(address: str, question: str) -> dict[str, Any]:
    body = {"messages": [{"role": "user", "content": question}], "temperature": 0, "max_tokens": 24}
    request = urllib.request.Request(
        f"{address}/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return dict(json.load(answer))


def test_the_tiny_model_answers_something(
    llama_image: str, tiny_gguf: Path, compose_project: Project, free_port: Callable[[], int]
) -> None:
    answer = ask(serve(compose_project, llama_image, tiny_gguf, free_port()), "hello")
    assert answer["usage"]["completion_tokens"] > 0


@pytest.mark.heavy
def test_the_real_model_knows_the_capital_of_france(
    llama_image: str, smollm2: Path, compose_project: Project, free_port: Callable[[], int]
) -> None:
    answer = ask(serve(compose_project, llama_image, smollm2, free_port()), PROMPT)
    assert "Paris" in answer["choices"][0]["message"]["content"]


def test_the_real_model_is_the_pinned_one(smollm2: Path) -> None:
    with smollm2.open("rb") as model:
        assert hashlib.file_digest(model, "sha256").hexdigest() == pins.SMOLLM2_SHA256


def test_the_tiny_model_is_the_same_every_time(tiny_gguf: Path, tmp_path: Path) -> None:
    from tests.bed.tiny_gguf import write

    write(tmp_path / "again.gguf")
    assert (tmp_path / "again.gguf").read_bytes() == tiny_gguf.read_bytes()
