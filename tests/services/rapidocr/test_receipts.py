"""The truth that the accuracy test measures with must itself be true."""

from __future__ import annotations

import pytest

from tests.services.rapidocr.receipts import receipt, similarity


def test_a_receipt_is_always_the_same_and_unlike_the_others() -> None:
    assert receipt(3).jpeg() == receipt(3).jpeg()
    assert len({receipt(number).lines for number in range(8)}) == 8


def test_the_sums_on_a_receipt_are_right() -> None:
    for number in range(8):
        lines = receipt(number).lines
        pence = {line.rsplit(" ", 1)[0]: round(float(line.rsplit(" ", 1)[1]) * 100) for line in lines[5:-2]}
        items = [value for name, value in pence.items() if " x" in name]
        assert sum(items) == pence["SUBTOTAL"]
        assert pence["TOTAL GBP"] == pence["SUBTOTAL"] + pence["VAT 20%"]


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        ("ab c\nd", 1.0),
        ("a bc\nd", 1.0),
        ("d\nabc", 0.6),  # the order of lines counts
        ("abcd", 8 / 9),  # and so do the line breaks
        ("", 0.0),
    ],
)
def test_similarity_forgives_blanks_and_nothing_else(read: str, expected: float) -> None:
    assert similarity(read, ("abc", "d")) == pytest.approx(expected)
