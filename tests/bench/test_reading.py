"""JSON from anywhere becomes data that can be printed, drawn and written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mmcompose.bench.reading import parsed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[NaN, Infinity, -Infinity, 1e999, 1.5]", [None, None, None, None, 1.5]),
        (f"[{10**400}, {10**17}, -3]", [None, 10**17, -3]),
        (r'"\ud800"', "\ufffd"),
        (r'"\ud83d\ude00"', "😀"),
        (r'{"a\u001b[31m": ["\u009b", "b\n\tc"]}', {"a\ufffd[31m": ["\ufffd", "b\n\tc"]}),
        ('"a\u202eb"', "a\ufffdb"),
    ],
)
def test_numbers_are_finite_and_text_is_harmless(text: str, value: Any) -> None:
    assert parsed(text) == value
    assert json.dumps(parsed(text), ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises((ValueError, RecursionError)):
        parsed(text)
