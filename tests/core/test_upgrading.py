"""A profile on its way to another release: what is told, and what becomes of its file."""

from __future__ import annotations

from textwrap import dedent

import pytest
import yaml

from mmcompose.core.edit.upgrading import Move, move, rewritten
from mmcompose.engines.known import histories
from tests.making import compilation, tree

OLD = """\
# read by people
model: glm-ocr
host: gpu-12gb
version: v0.9.2  # pinned long ago
args:
  # batching
  max_num_seqs: 16
  num_scheduler_steps: 8  # multi-step
  guided_decoding_backend: xgrammar
  disable_log_requests: true
  limit_mm_per_prompt: image=1
  swap_space: 4
why:
  args.num_scheduler_steps: faster
  args.max_num_seqs: steady
"""
NEW = """\
# read by people
model: glm-ocr
host: gpu-12gb
version: v0.33.0  # pinned long ago
args:
  # batching
  max_num_seqs: 16
  limit_mm_per_prompt: {image: 1}
  structured_outputs_config:
    backend: xgrammar
why:
  args.max_num_seqs: steady
"""


def moved(text: str, to: str, service: str = "job") -> Move:
    made = compilation({"profiles/job.yaml": text})
    subject = made.profiles["job"]
    history = histories.load(subject.engines[service].history or "")
    assert history is not None
    return move(subject, tree(text), service, to, history)


def written(text: str, to: str, service: str = "job") -> str:
    text = dedent(text)
    return rewritten(text, moved(text, to, service).rewrites)


def test_years_of_removals_are_carried_out_and_comments_kept() -> None:
    found = moved(OLD, "0.33.0")
    assert found.breaks == []
    assert rewritten(OLD, found.rewrites) == NEW


def test_what_was_written_is_valid_at_the_new_release() -> None:
    made = compilation({"profiles/job.yaml": NEW.replace("model: glm-ocr", "model: glm-ocr\nbackend: vllm")})
    assert [str(problem) for problem in made.problems] == []
    assert moved(NEW, "0.33.0").changes == []


@pytest.mark.parametrize(
    ("image", "becomes"),
    [
        ("vllm/vllm-openai:v0.16.0", "vllm/vllm-openai:v0.33.0"),
        (f"vllm/vllm-openai:v0.16.0@sha256:{'0' * 64}", "vllm/vllm-openai:v0.33.0"),
        ("registry.example:5000/mine/vllm:v0.16.0", "registry.example:5000/mine/vllm:v0.33.0"),
        ("mine/vllm:v0.16.0-patched", "mine/vllm:v0.33.0-patched"),
        ("vllm/vllm-openai:nightly", "vllm/vllm-openai:v0.33.0"),
    ],
)
def test_an_image_keeps_its_repository_and_loses_the_digest_of_the_old_release(image: str, becomes: str) -> None:
    text = f"model: glm-ocr\nimage: {image}  # pulled\n"
    assert written(text, "0.33.0") == f"model: glm-ocr\nimage: {becomes}  # pulled\n"


def test_of_several_services_only_those_of_the_engine_are_edited_where_they_are_written() -> None:
    text = """\
        host: gpu-12gb
        services:
          first:
            model: glm-ocr
            version: v0.16.0
            gpu: {count: 1, share: shared, vram: 4g}
            args: {disable_log_requests: true, max_num_seqs: 4}
          second:
            model: qwen-small
            version: b4579
            args: {mlock: true}
        """
    made = yaml.safe_load(written(text, "0.33.0", "first"))["services"]
    assert (made["first"]["version"], made["first"]["args"]) == ("v0.33.0", {"max_num_seqs": 4})
    assert (made["second"]["version"], made["second"]["args"]) == ("b4579", {"mlock": True})
    made = yaml.safe_load(written(text, "b11312", "second"))["services"]
    assert (made["second"]["version"], made["second"]["args"]) == ("b11312", {"load_mode": "mlock"})
    assert made["first"]["version"] == "v0.16.0"


def test_a_release_that_stands_in_a_layer_below_is_set_in_the_profile() -> None:
    assert yaml.safe_load(written("model: glm-ocr\n", "0.33.0"))["version"] == "v0.33.0"


def test_the_version_of_a_nightly_image_goes_with_it() -> None:
    text = "model: glm-ocr\nimage: vllm/vllm-openai:nightly\nengine_version: 0.32.0\n"
    assert written(text, "0.33.0") == "model: glm-ocr\nimage: vllm/vllm-openai:v0.33.0\n"


def test_a_tag_is_never_invented() -> None:
    text = "model: qwen-small\nbackend: ik_llama\nimage: mine/ik:cu12-server\n"
    found = moved(text, "8337e4c")
    assert [change.hint for change in found.breaks] == ["write the image of 8337e4c yourself"]
    assert rewritten(text, found.rewrites) == text


@pytest.mark.parametrize(
    ("text", "to", "kinds"),
    [
        ("model: glm-ocr\n", "0.15.1", ["breaks"]),
        ("model: glm-ocr\n", "0.20.0", ["unsure"]),
        ("model: glm-ocr\nneeds: null\n", "0.15.1", []),
        ("model: qwen-small\nbackend: ik_llama\n", "b4521", ["breaks"]),
    ],
)
def test_a_release_that_cannot_load_the_model_is_reported(text: str, to: str, kinds: list[str]) -> None:
    assert [change.kind for change in moved(text, to).changes if change.kind != "default"] == kinds


def test_two_flags_that_would_become_one_are_not_both_written() -> None:
    found = moved("model: qwen-small\nversion: b4579\nargs: {mlock: true, no_mmap: true}\n", "b11312")
    assert [change.path for change in found.breaks] == [("no_mmap",)]
    assert "load_mode has a value already, so decide between them" in found.breaks[0].hint


def test_a_value_that_somebody_set_is_never_overwritten() -> None:
    text = """\
        model: glm-ocr
        version: v0.10.2
        args: {guided_decoding_backend: xgrammar, structured_outputs_config: {backend: guidance}}
        """
    found = moved(dedent(text), "0.33.0")
    assert [change.path for change in found.breaks] == [("guided_decoding_backend",)]
    assert yaml.safe_load(written(text, "0.33.0"))["args"]["structured_outputs_config"] == {"backend": "guidance"}


def test_the_default_of_a_flag_that_mmcompose_writes_is_not_reported() -> None:
    reported = {change.path[0] for change in moved(OLD, "0.33.0").changes if change.kind == "default"}
    assert "gpu_memory_utilization" in reported
    assert "model" not in reported


def test_beyond_the_history_nothing_is_certain_and_nothing_is_called_deprecated() -> None:
    found = moved("model: glm-ocr\nversion: v0.33.0\nargs: {no_such_flag: 1}\n", "0.99.0")
    assert {change.kind for change in found.changes} == {"unsure"}
    assert found.breaks == []
