"""`mmcompose eval run`, before anything starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.disk import CHAT, mmcompose, project

if TYPE_CHECKING:
    from pathlib import Path

WRONG = [
    (("chat", "--benchmark", "ocrr"), "no eval 'ocrr' (did you mean ocr?)"),
    (("--benchmark", "ocr"), "name the profile, or the model, whose answers to score"),
    (("chat", "other", "--benchmark", "ocr"), "one profile at a time, and 'other' is none of its options"),
    (("chat",), "name a benchmark: --benchmark "),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG)
def test_what_cannot_be_scored_is_refused_first(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    answer = mmcompose(project(tmp_path, {"chat": CHAT}), "eval", "run", *arguments)
    assert answer.code == 2, answer.err
    assert message in answer.err
