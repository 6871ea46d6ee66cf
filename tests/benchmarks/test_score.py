from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mmbench.score import Expected, TruthError, distance, field_found, read_truth, score, similarity

from .serving import RECEIPTS


def slow_distance(left: str, right: str) -> int:
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


short = st.text(alphabet="abcé1 ", max_size=80)


@given(short, short)
def test_the_quick_distance_is_the_textbook_one(left: str, right: str) -> None:
    assert distance(left, right) == slow_distance(left, right)


@given(short, short)
def test_similarity_is_symmetric_and_between_none_and_all(left: str, right: str) -> None:
    assert similarity(left, right) == similarity(right, left)
    assert 0.0 <= similarity(left, right) <= 1.0
    assert similarity(left, left) == 1.0


def test_layout_is_not_content_but_digits_are() -> None:
    assert similarity("TOTAL   12.50\n", "TOTAL 12.50") == 1.0
    assert similarity("TOTAL 12.50", "TOTAL 18.50") == pytest.approx(1 - 1 / 11)


@pytest.mark.parametrize(
    ("answer", "value", "there"),
    [
        ("The total is £12.50.", "12.50", True),
        ("The total is 112.50", "12.50", False),
        ("12.505", "12.50", False),
        ("issued 03/04/2024, paid", "03/04/2024", True),
        ("ACME\nLTD", "acme ltd", True),
        ("INV-1234567", "INV-123456", False),
        ("nothing", "", False),
        ("a+b (c)", "a+b (c)", True),
    ],
)
def test_a_field_is_found_only_as_itself(answer: str, value: str, there: bool) -> None:
    assert field_found(answer, value) is there


def test_a_score_names_what_is_missing() -> None:
    scored = score("total 5.00", Expected("total 5.00", (("total", "5.00"), ("date", "01/02/2024"))))
    assert (scored.similarity, scored.fields_found, scored.fields_total, scored.missing) == (1.0, 1, 2, ("date",))
    assert scored.exact is False
    assert score("x", Expected("x")).exact is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "[]",
        '{"a.jpg": 5}',
        '{"a.jpg": {}}',
        '{"a.jpg": {"text": 5}}',
        '{"a.jpg": {"fields": []}}',
        "[" * 99999,
    ],
)
def test_a_truth_file_that_is_none_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "truth.json"
    path.write_text(text)
    with pytest.raises(TruthError, match=r"truth\.json"):
        read_truth(path)


def test_the_shipped_receipts_know_what_stands_on_them() -> None:
    truth = read_truth(RECEIPTS / "truth.json")
    assert sorted(truth) == sorted(each.name for each in RECEIPTS.glob("*.jpg"))
    assert len(truth) == 8
    for entry in truth.values():
        assert score(entry.text or "", entry).exact
    assert sum(each.stat().st_size for each in RECEIPTS.iterdir()) < 1_000_000
    assert json.loads((RECEIPTS / "truth.json").read_text())["receipt-1.jpg"]["fields"].keys() == {
        "shop",
        "date",
        "invoice",
        "total",
    }
