"""`mmcompose serve` before anything starts: the profile that it makes, keeps, or refuses to make."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.disk import CHAT, Answer, mmcompose, project
from tests.making import SETTINGS

if TYPE_CHECKING:
    from pathlib import Path

CARDS = """
    machine:
      accelerator: nvidia
      gpus: [{name: Large, vram: 80g}, {name: Large, vram: 80g}]
      memory: 256g
      cores: 32
      uid: 1000
      gid: 1000
    """


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose Docker does not answer, with models in it and beside it."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody")
    made = project(
        tmp_path / "here",
        {
            "mmcompose.yaml": SETTINGS.replace("gpu-12gb", "cpu"),
            "chat": CHAT,
            "profiles/hosts/cards.yaml": CARDS,
            "profiles/models/mine.yaml": "weights: {repo: org/mine-GGUF, file: a.gguf, format: gguf}\n",
            "models/tiny.Q4.gguf": "GGUF",
            "models/large/model.safetensors": "x",
        },
    )
    (tmp_path / "other.gguf").write_text("GGUF")
    assert mmcompose(made, "render").code == 0
    return made


def serve(folder: Path, model: str, *options: str) -> Answer:
    place = folder / model
    return mmcompose(folder, "serve", str(place) if place.exists() else model, *options)


def shown(answer: Answer) -> dict[str, object]:
    """The profile that it shows; the start fails afterwards, since no Docker answers."""
    assert answer.code == 4, answer.err
    assert "Docker does not answer" in answer.err
    text = next(event for event in map(json.loads, answer.out.splitlines()) if event["event"] == "profile")["text"]
    return dict(yaml.safe_load(text))


def test_a_file_becomes_a_profile_of_the_engine_that_loads_it(folder: Path) -> None:
    made = shown(serve(folder, "models/tiny.Q4.gguf", "--set", "args.ctx_size=4096", "--format", "json"))
    assert made == {
        "description": "tiny.Q4.gguf, as given to serve",
        "backend": "llamacpp",
        "weights": {"path": "models/tiny.Q4.gguf", "format": "gguf"},
        "served_name": "tiny-q4",
        "args": {"ctx_size": 4096},
    }


def test_the_number_of_gpus_is_that_of_the_host_or_the_typed_one(folder: Path) -> None:
    options = ("--host", "cards", "--format", "json")
    assert shown(serve(folder, "models/large", *options))["gpu"] == {"count": 2}
    assert shown(serve(folder, "models/large", *options, "--tensor-parallel", "1"))["gpu"] == {"count": 1}


@pytest.mark.parametrize(
    ("backend", "flag"),
    [
        ("vllm", "gpu_memory_utilization"),
        ("sglang", "mem_fraction_static"),
        ("trtllm", "kv_cache_free_gpu_memory_fraction"),
    ],
)
def test_the_share_of_gpu_memory_gets_the_name_that_the_engine_has_for_it(
    folder: Path, backend: str, flag: str
) -> None:
    share = ("--backend", backend, "--gpu-memory-utilization", "0.7", "--host", "cards", "--format", "json")
    assert shown(serve(folder, "models/large", *share))["args"] == {flag: 0.7}


def test_a_model_of_the_project_that_no_profile_serves_is_named_and_not_copied(folder: Path) -> None:
    made = shown(serve(folder, "mine", "--format", "json"))
    assert (made["model"], made["backend"], "weights" in made) == ("mine", "llamacpp", False)


def test_a_model_that_a_profile_serves_is_served_by_that_profile(folder: Path) -> None:
    answer = serve(folder, "qwen-small")
    assert "qwen-small is served by the profile chat, which is used" in answer.err
    refused = serve(folder, "qwen-small", "--save", "mine")
    assert (refused.code, "has a profile already, profiles/chat.yaml" in refused.err) == (2, True)


def test_a_kept_profile_has_the_values_of_the_command_line_and_renders(folder: Path) -> None:
    options = ("--set", "args.ctx_size=4096", "--backend-version", "b9500", "--save", "kept")
    answer = serve(folder, "models/tiny.Q4.gguf", *options)
    assert "wrote profiles/kept.yaml" in answer.err
    assert "next: mmcompose render" in answer.err
    assert mmcompose(folder, "render").code == 0
    service = yaml.safe_load((folder / "compose/kept.yaml").read_text())["services"]["kept"]
    assert service["image"] == "ghcr.io/ggml-org/llama.cpp:server-b9500"
    command = " ".join(service["command"])
    assert "--model /models/tiny.Q4.gguf" in command
    assert "--ctx-size 4096" in command
    assert "--alias tiny-q4" in command


def test_a_kept_profile_of_a_file_elsewhere_says_what_its_host_must_allow(folder: Path) -> None:
    answer = serve(folder, str(folder.parent / "other.gguf"), "--save", "other")
    assert (folder / "profiles/other.yaml").is_file()
    assert "profiles/other.yaml" in answer.err
    assert "roots" in answer.err


@pytest.mark.parametrize(
    ("model", "options", "text"),
    [
        ("./nope.gguf", (), "there is no file or folder ./nope.gguf"),
        ("nothing-like-it", (), "no profile is called 'nothing-like-it' or serves it"),
        ("OpenVINO/some-int4-ov", (), "name the folder that they lie in"),
        ("models/tiny.Q4.gguf", ("--save", "chat"), "profiles/chat.yaml exists, and was left as it is"),
        ("models/tiny.Q4.gguf", ("--save", "A/b"), "cannot be the name of a profile"),
        ("models/tiny.Q4.gguf", ("--backend", "llamacp"), "did you mean llamacpp?"),
        ("models/tiny.Q4.gguf", ("--gpu-memory-utilization", "0.9"), "llamacpp takes no share of the GPU's memory"),
        ("models/tiny.Q4.gguf", ("--gpu-memory-utilization", "1.5"), "not in the range"),
        ("models/tiny.Q4.gguf", ("--tensor-parallel", "0"), "not in the range"),
    ],
)
def test_what_cannot_be_served_is_refused_and_nothing_is_kept(
    folder: Path, model: str, options: tuple[str, ...], text: str
) -> None:
    before = sorted(folder.glob("profiles/*.yaml"))
    try:
        answer = serve(folder, model, *options)
    except Exception as wrong:  # Click's own refusals reach the caller as they are
        answer = Answer(2, "", str(wrong))
    assert (answer.code, text in answer.err) == (2, True), answer
    assert sorted(folder.glob("profiles/*.yaml")) == before


@pytest.mark.parametrize("option", ["--no-wait", "--detach"])
def test_a_profile_in_the_foreground_is_waited_for(folder: Path, option: str) -> None:
    answer = mmcompose(folder, "switch", "chat", "--follow", option)
    assert (answer.code, "leave out --no-wait" in answer.err) == (2, True), answer
