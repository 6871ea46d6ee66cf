"""The page of GPU memory: the example as people know it, and what is unknown is never nought."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmcompose.bench.report.vram import Measured, Report, data, markdown, mb, page, read, seconds
from tests.bench.vram.sample import REPORT, model, report


def test_the_example_is_rendered_to_the_letter() -> None:
    assert markdown(REPORT) == Path(__file__).with_name("report.md").read_text()


def test_what_cannot_be_read_is_unknown_and_never_nought() -> None:
    text = markdown(report(model(actual_mb=None, estimated_mb=None, load_s=None, category=None), total=None))
    assert "| m | unknown | unknown | unknown | unknown | OK |" in text
    assert "**GPU Total Memory:** unknown" in text
    assert "**Available for Models:** unknown" in text
    assert "- **Total VRAM (all models):** unknown" in text
    assert "- **Peak VRAM (single model):** unknown" in text
    assert "- **Average load time:** unknown" in text
    assert "0 MB" not in text.replace("**Baseline VRAM Usage:** 0 MB", "")


def test_a_sum_that_lacks_a_model_says_so() -> None:
    text = markdown(report(model(), model(name="n", actual_mb=None)))
    assert "- **Total VRAM (all models):** at least 400 MB (1 of 2 could be measured)" in text


def test_a_model_that_failed_is_in_the_table_and_in_no_sum() -> None:
    text = markdown(report(model(), model(name="n", error="CUDA\nout of | memory", actual_mb=None, load_s=None)))
    assert "| n | depth | 500 MB | unknown | unknown | FAIL: CUDA out of \\| memory |" in text
    assert "- **Successful loads:** 1/2" in text
    assert "- **Total VRAM (all models):** 400 MB" in text


def test_an_error_is_cut_at_a_hundred_characters_in_the_table_and_whole_in_the_data() -> None:
    error = "E" * 101 + "\n" + "trace " * 500
    found = report(model(error=error))
    row = next(line for line in markdown(found).splitlines() if line.startswith("| m "))
    assert f"FAIL: {'E' * 100} |" in row
    assert data(found)["models"][0]["error"] == error


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "unknown"), (0.0, "0 MB"), (412.4, "412 MB"), (24564, "24,564 MB"), (-3.0, "-3 MB")]
)
def test_megabytes(value: float | None, shown: str) -> None:
    assert mb(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "unknown"), (1.545, "1.55s"), (0.004, "0.00s"), (3600.0, "3600.00s")]
)
def test_seconds_are_rounded_as_people_round(value: float | None, shown: str) -> None:
    assert seconds(value) == shown


def test_nothing_measured_is_a_page_too() -> None:
    text = markdown(Report("t"))
    assert "- **Successful loads:** 0/0" in text
    assert "nan" not in text.lower()


def test_notes_what_was_left_out_and_advice_stand_behind_the_report() -> None:
    found = replace(REPORT, skipped=["pet_classifier"], notes=["a note"])
    text = page(found, ["do this"])
    assert text.startswith(markdown(found))
    assert "## Notes\n\n- a note\n- pet_classifier was left out: `enabled: false`\n" in text
    assert text.endswith("## Advice\n\n- do this\n")
    assert page(REPORT, []) == markdown(REPORT)


def test_the_data_is_read_back_as_it_was() -> None:
    found = report(model(more={"residual_mib": 3.0, "new": [1]}), model(name="n", error="e"))
    assert read(json.loads(json.dumps(data(found)))) == replace(
        found, results=[replace(one, more=dict(one.more)) for one in found.results], skipped=[], notes=[]
    )
    assert data(found)["models"][0]["above_estimate_mb"] == -100


@pytest.mark.parametrize(
    "block", [{}, {"models": None}, {"models": [7, {}]}, {"total_mb": "x", "models": [{"load_s": True}]}]
)
def test_a_block_of_another_shape_is_read_as_far_as_it_goes(block: dict[str, object]) -> None:
    assert "# VRAM Benchmark Report" in markdown(read(block))


@given(st.text(), st.text(min_size=1), st.text())
def test_whatever_stands_in_a_cell_stays_in_it(name: str, error: str, category: str) -> None:
    text = markdown(report(Measured(name, category, error=error)))
    row = text.split("|--------|\n")[1].split("\n## Summary")[0]
    assert len(row.strip("\n").splitlines()) == 1
    assert row.replace("\\\\", "").replace("\\|", "").count("|") == 7
