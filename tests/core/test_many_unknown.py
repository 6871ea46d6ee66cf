"""Thousands of unknown names are all reported, and only the first of them compared with the known ones."""

from __future__ import annotations

import pytest

from mmcompose.engines.flags.nearest import HELPED
from tests.making import compilation

HOW_MANY = 2 * HELPED


@pytest.mark.parametrize(
    ("lines", "near", "reported"),
    [
        ([f"modell{index}: x" for index in range(HOW_MANY)], "did you mean model", "is not a known key"),
        (
            ["args:", *(f"  ctx_sizze{index:03}: 1" for index in range(HOW_MANY))],
            "did you mean ctx_size",
            "is not a flag of",
        ),
    ],
    ids=["keys", "flags"],
)
def test_each_is_reported_and_the_first_ones_with_a_hint(lines: list[str], near: str, reported: str) -> None:
    text = "\n".join(["model: qwen-small", "backend: llamacpp", "host: cpu", "ports: {api: auto}", *lines])
    problems = [one for one in compilation({"profiles/aa.yaml": text}).problems if reported in one.message]
    hinted = [one for one in problems if near in one.hint]
    assert (len(problems), 0 < len(hinted) <= HELPED) == (HOW_MANY, True)
