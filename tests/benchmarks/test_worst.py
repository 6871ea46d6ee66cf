"""The answers that are kept because they were least like the truth."""

from __future__ import annotations

from benchmarks.mmbench.score import Expected, score
from benchmarks.mmbench.worst import LONGEST, MOST, Scored, worst

TRUTH = {f"{number}.jpg": Expected("total 12.50", (("total", "12.50"),)) for number in range(20)}


def scored(image: str, answer: str) -> Scored:
    return image, score(answer, TRUTH[image]), answer


def test_each_image_is_kept_once_with_its_worst_answer_and_the_truth_beside_it() -> None:
    found = worst([scored("1.jpg", "total 12.60"), scored("1.jpg", "nothing"), scored("2.jpg", "total 12,50")], TRUTH)
    assert [one["image"] for one in found] == ["1.jpg", "2.jpg"]
    assert found[0] | {"similarity": None} == {
        "image": "1.jpg", "similarity": None, "fields_missing": ["total"], "answer": "nothing",
        "expected": "total 12.50",
    }  # fmt: skip


def test_right_answers_are_not_kept() -> None:
    assert worst([scored("1.jpg", "total 12.50")], TRUTH) == []


def test_neither_many_nor_long_answers_swell_the_result() -> None:
    found = worst([scored(image, "x" * 100_000) for image in TRUTH], TRUTH)
    assert len(found) == MOST
    assert {len(one["answer"]) for one in found} == {LONGEST}
