"""The metrics page is what a Prometheus server accepts, and adds up."""

from __future__ import annotations

import asyncio
import re

import pytest
from service_kit.metrics import Metrics, Visit
from service_kit.refusals import Refusal
from starlette.requests import ClientDisconnect

LINE = re.compile(r'([a-z_]+)(\{[a-z]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z]+="(?:[^"\\\n]|\\["\\n])*")*\})? (\S+)')


def numbers(text: str) -> dict[str, float]:
    """Every sample of the page by its name and labels; each family must be announced before it."""
    announced, samples = set(), {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            announced.add(line.split()[2])
        elif not line.startswith("# HELP "):
            match = LINE.fullmatch(line)
            assert match, line
            assert match[1] in announced or re.sub("_(bucket|sum|count)$", "", match[1]) in announced
            samples[match[1] + (match[2] or "")] = float(match[3])
    return samples


def metrics(model: str = "m") -> Metrics:
    return Metrics("ocr", ("chat",), {"lines": "Lines."}, {"model": model})


@pytest.mark.parametrize("name", ["plain", 'a "quoted" \\ name', "ünï{}, ="])
def test_a_model_of_any_name_keeps_the_page_valid(name: str) -> None:
    assert numbers(metrics(name).text(ready=True, running=0, waiting=0))["ocr_ready"] == 1


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Refusal(413, "too long"), "refused"),
        (Refusal(503, "full"), "failed"),
        (ValueError("a fault"), "failed"),
        (ClientDisconnect(), "gone"),
        (asyncio.CancelledError(), "gone"),
    ],
)
def test_each_way_to_end_is_counted_as_what_it_is(error: BaseException, outcome: str) -> None:
    page = metrics()
    with pytest.raises(type(error)), Visit(page, "chat"):
        raise error
    samples = numbers(page.text(ready=True, running=0, waiting=0))
    counted = {key: value for key, value in samples.items() if key.startswith("ocr_requests_total") and value}
    assert counted == {f'ocr_requests_total{{endpoint="chat",outcome="{outcome}"}}': 1}
    assert samples["ocr_request_seconds_count"] == 0


def test_times_fall_into_every_bucket_that_holds_them() -> None:
    page = metrics()
    for seconds in (0.01, 0.3, 0.3, 500.0):
        page.engine_took(seconds)
    samples = numbers(page.text(ready=False, running=2, waiting=3))
    assert samples['ocr_engine_seconds_bucket{le="0.05"}'] == 1
    assert samples['ocr_engine_seconds_bucket{le="0.5"}'] == 3
    assert samples['ocr_engine_seconds_bucket{le="120"}'] == 3
    assert samples['ocr_engine_seconds_bucket{le="+Inf"}'] == samples["ocr_engine_seconds_count"] == 4
    assert samples["ocr_engine_seconds_sum"] == pytest.approx(500.61)
    assert (samples["ocr_requests_running"], samples["ocr_requests_waiting"], samples["ocr_ready"]) == (2, 3, 0)
