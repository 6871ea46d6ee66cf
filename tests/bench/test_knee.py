"""How far a run shows a profile to go, and how that is kept in it."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.bench.promote import edits
from mmcompose.bench.results import knee
from mmcompose.bench.results.envelope import doubts, envelope
from mmcompose.core.edit.in_place import edit
from mmcompose.model.failure import Failure
from tests import making as projects
from tests.bench.making import point, requests, result, run, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OCR = """
    # the one that people use
    description: a
    model: glm-ocr  # small
    backend: vllm
    image: vllm/vllm-openai:v0.24.0
    gpu: {count: 1, share: exclusive}
"""


def level(concurrency: int, rate: float, **changes: Any) -> dict[str, Any]:
    made = requests(concurrency, 120)
    return point(concurrency, made, **{"output_tok_s": rate, **changes})


def reach(*points: Mapping[str, Any]) -> tuple[int | None, int | None, int | None]:
    found = knee.of(points)
    return found.knee, found.stable_to, found.broken_at


SICK = [
    {"error_share": 0.01},
    {"goodput": {"share": 0.9}},
    {"score": {"ok": False}},
]


def test_the_knee_is_the_lowest_level_within_a_twentieth_of_the_best() -> None:
    assert reach(level(1, 50), level(8, 300), level(16, 390), level(32, 400)) == (16, 32, None)


@pytest.mark.parametrize("sick", SICK, ids=lambda each: next(iter(each)))
def test_from_the_first_sick_level_on_nothing_counts(sick: dict[str, Any]) -> None:
    assert reach(level(8, 300), level(16, 390, **sick), level(32, 900)) == (8, 8, 16)


def test_what_the_client_says_of_a_level_counts_and_not_what_its_figures_look_like() -> None:
    """A run that was allowed some failures is not broken where its own search went on."""
    allowed = level(16, 390, error_share=0.005, healthy=True)
    assert reach(level(8, 300, healthy=True), allowed, level(32, 400, healthy=True)) == (16, 32, None)
    assert reach(level(8, 300, healthy=True), level(16, 390, healthy=False)) == (8, 8, 16)


def test_a_level_that_answered_nothing_has_no_throughput() -> None:
    """As results of older clients may have it."""
    assert knee.throughput(level(1, 0.162, requests={"sent": 1, "ok": 0, "failed": 0})) is None


def test_a_client_that_did_not_keep_up_says_nothing_either_way() -> None:
    starved = {"validity": [{"id": "client_starved"}]}
    assert reach(level(8, 300), level(16, 100, **starved), level(32, 310)) == (8, 32, None)
    assert reach(level(8, 300, **starved)) == (None, None, None)


def test_without_tokens_requests_are_the_throughput() -> None:
    found = knee.of([level(8, 0, output_tok_s=None, req_s=3.0), level(16, 0, output_tok_s=None, req_s=3.1)])
    assert (found.knee, found.unit) == (8, "req/s")


def test_an_open_load_has_no_concurrency_to_keep() -> None:
    each = level(8, 300)
    each["load"]["mode"] = "open"
    assert reach(each) == (None, None, None)


def test_the_envelope_tells_how_far_on_what_and_where_from(tmp_path: Path) -> None:
    assert envelope(run(tmp_path / "a"), several=False) == {
        "kind": "load",
        "stable_to": 32,
        "knee": 16,
        "throughput": pytest.approx(1354, rel=0.01),
        "unit": "tok/s",
        "image": "vllm/vllm-openai:v0.24.0",
        "digest": "sha256:" + "a" * 64,
        "gpu": "RTX 4070 Ti",
        "run": "a",
        "measured": "2026-11-20",
    }


STARVED = {"id": "client_starved", "meaning": "other work kept the client waiting for the CPU"}
FEW = {"id": "too_few_samples", "meaning": "too few requests"}


def test_what_rests_on_a_level_with_a_late_client_is_not_promoted(tmp_path: Path) -> None:
    """Without it the level above would be called the knee."""
    points = [level(1, 300, validity=[STARVED, FEW]), level(2, 310, validity=[FEW])]
    record = write(tmp_path / "a", result(points))
    with pytest.raises(Failure, match=r"late at c=1 \(client_starved\)"):
        envelope(record, several=False)
    found = envelope(record, several=False, force=True)
    assert (found["knee"], found["stable_to"]) == (1, 2)
    assert doubts(record, force=True) == [
        "c=1: client_starved (other work kept the client waiting for the CPU)",
        "c=1, c=2: too_few_samples (too few requests)",
    ]


def test_a_late_client_above_the_figures_is_only_reported(tmp_path: Path) -> None:
    points = [level(8, 300), level(16, 390), level(64, 200, validity=[STARVED, FEW])]
    record = write(tmp_path / "a", result(points))
    assert envelope(record, several=False)["stable_to"] == 16
    assert doubts(record) == ["c=64: left out, client_starved (other work kept the client waiting for the CPU)"]


def test_a_run_of_nothing_but_late_levels_says_why_it_is_not_promoted(tmp_path: Path) -> None:
    record = write(tmp_path / "a", result([level(8, 300, validity=[STARVED])]))
    with pytest.raises(Failure, match="late at c=8"):
        envelope(record, several=False)


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("flag", ["impossible_token_counts", "longer_than_asked"])
def test_token_counts_that_cannot_be_are_never_promoted(tmp_path: Path, flag: str, force: bool) -> None:
    lies = {"id": flag, "meaning": "not what was asked for"}
    record = write(tmp_path / "a", result([level(1, 300), level(2, 10**8, validity=[lies])]))
    with pytest.raises(Failure, match=rf"at c=2 \({flag}\)"):
        edits(record, several=False, force=force)


def edited(text: str, record: Any) -> str:
    for path, value in edits(record, several=False):
        text = edit(text, path, value)
    return text


def test_the_profile_keeps_its_comments_and_is_still_right(tmp_path: Path) -> None:
    text = edited(dedent(OCR), run(tmp_path / "a"))
    assert "# the one that people use" in text
    assert "glm-ocr  # small" in text
    profile = projects.compilation({"profiles/ocr.yaml": text}).profiles["ocr"]
    assert profile.envelope
    assert (profile.envelope.stable_to, profile.envelope.knee) == (32, 16)


NOTHING = {
    "aborted": (lambda data: data["run"].update(status="aborted"), "the run is aborted"),
    "an address": (lambda data: data["target"].update(profile=None), "measured an address"),
    "no points": (lambda data: data.update(points=[]), "no level of closed load was healthy"),
    "no image": (lambda data: data["target"].update(engine=None), "does not tell which image"),
}


@pytest.mark.parametrize(("change", "printed"), NOTHING.values(), ids=NOTHING)
def test_what_says_nothing_is_not_promoted(tmp_path: Path, change: Any, printed: str) -> None:
    data = result([level(8, 100)])
    change(data)
    with pytest.raises(Failure, match=printed):
        edits(write(tmp_path / "a", data), several=False)


A, B = (f"sha256:{digit * 64}" for digit in "ab")
ENVELOPE = "envelope: {kind: load, stable_to: 24, image: vllm/vllm-openai:v0.24.0, digest: " + A + "}\n"
MOVED = {
    "the same": ("image: vllm/vllm-openai:v0.24.0", None),
    "another tag": (
        "image: vllm/vllm-openai:v0.33.0",
        "vllm/vllm-openai:v0.24.0 was measured, it is vllm/vllm-openai:v0.33.0",
    ),
    "the digest that was measured": (f"image: vllm/vllm-openai:v0.24.0@{A}", None),
    "another digest": (
        f"image: vllm/vllm-openai:v0.24.0@{B}",
        f"{A[:19]} was measured, it is {B[:19]} now",
    ),
}


@pytest.mark.parametrize(("image", "printed"), MOVED.values(), ids=MOVED)
def test_a_render_warns_when_the_image_has_moved_since(image: str, printed: str | None) -> None:
    text = dedent(OCR).replace("image: vllm/vllm-openai:v0.24.0", image) + ENVELOPE
    made = projects.compilation({"profiles/ocr.yaml": text})
    found = projects.of_rule(made, "envelope")
    assert all(problem.severity == "warning" for problem in found)
    assert [(printed or "?") in str(problem) for problem in found] == ([True] if printed else [])
    if printed:
        assert "mmcompose bench run ocr load" in str(found[0])


def test_what_was_measured_of_a_profile_is_not_inherited() -> None:
    made = projects.compilation({
        "profiles/ocr.yaml": dedent(OCR) + ENVELOPE,
        "profiles/ocr-b.yaml": "extends: ocr\nimage: vllm/vllm-openai:v0.33.0\nports: {api: 8009}\n",
    })  # fmt: skip
    assert made.profiles["ocr"].envelope
    assert made.profiles["ocr-b"].envelope is None
    assert projects.of_rule(made, "envelope") == []


def test_an_envelope_of_a_service_that_is_gone_is_a_problem() -> None:
    text = dedent(OCR) + ENVELOPE.replace("kind: load", "kind: load, service: old")
    [found] = projects.of_rule(projects.compilation({"profiles/ocr.yaml": text}), "envelope")
    assert found.severity == "error"
    assert "no service 'old'" in found.message
