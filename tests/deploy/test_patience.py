"""Nobody gives up on a start before Docker would."""

from __future__ import annotations

import pytest

from mmcompose.deploy.start.order import patience
from tests.making import profile


@pytest.mark.parametrize(
    ("text", "requested", "seconds"),
    [
        ("model: glm-46v-fp8\nbackend: vllm\nhost: gpu-8x\nweights: {fetch: engine}\n", None, 93 * 60),
        ("model: glm-46v-fp8\nbackend: vllm\nhost: gpu-8x\n", 30, 30),
        ("model: glm-ocr\nweights: {path: models/GLM-OCR}\nhealth: {start_period: 9m}\n", None, 600),
        ("model: glm-ocr\nhealth: {start_period: 1h30m}\n", None, 5400),
    ],
)
def test_a_start_may_take_as_long_as_its_health_check_lets_it(
    text: str, requested: float | None, seconds: float
) -> None:
    assert patience(profile(text), requested) == seconds
