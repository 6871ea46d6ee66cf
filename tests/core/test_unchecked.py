"""Arguments that nobody checks, and spans that nobody can hold."""

from __future__ import annotations

import pytest

from tests.making import compilation, problems

BASE = "model: glm-ocr\nbackend: vllm\n"


def printed(text: str) -> list[str]:
    return problems(compilation({"profiles/job.yaml": BASE + text + "\n"}))


def test_what_the_history_knows_is_not_left_unchecked() -> None:
    (line,) = printed("unchecked_args: {max_num_seqs: {value: 4, reason: I know it better than that}}")
    assert line.startswith("profiles/job.yaml:3:18: unchecked_args.max_num_seqs: vLLM v")
    assert line.endswith("has this flag, and its value can be checked (write it under args: as max_num_seqs)")


@pytest.mark.parametrize(
    "text",
    [
        "unchecked_args: {brand_new: {value: 4, reason: I know it better than that}}",
        "unchecked_args: {max_num_seqs: {value: many, reason: the image was patched to take words}}",
        "unchecked_args: {max_num_seqs: {value: 4, reason: the image is newer than that}}\nengine_version: '99.0'",
    ],
)
def test_what_it_does_not_know_or_would_refuse_stays_free(text: str) -> None:
    assert [line for line in printed(text) if "unchecked_args" in line] == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("stop_grace_period: 99999999999h", "stop_grace_period"),
        ("stop_grace_period: 9223372036855s", "stop_grace_period"),
        (f"stop_grace_period: {'9' * 5000}s", "stop_grace_period"),
        ("health: {interval: 9999999999h}", "health.interval"),
    ],
)
def test_a_span_that_compose_cannot_hold_is_refused(text: str, path: str) -> None:
    (line,) = [line for line in printed(text) if "longer than Compose can hold" in line]
    assert f": {path}: " in line


def test_the_longest_span_is_fine() -> None:
    assert printed("stop_grace_period: 2562047h47m16s") == []
