"""What `bench run` measures, in which order, and where it stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.bench.run import measuring
from mmcompose.bench.run.measuring import Finished
from mmcompose.bench.session import in_order
from mmcompose.bench.session.work import Request, work_of
from mmcompose.cli.bench.progress import BenchProgress
from mmcompose.cli.printing.output import note
from mmcompose.deploy.start.at_hand import AtHand
from tests.disk import mmcompose, project
from tests.making import ROOT, compilation

if TYPE_CHECKING:
    from pathlib import Path

OCR = (ROOT / "profiles/ocr.yaml").read_text()


def measured(folder: Path, monkeypatch: pytest.MonkeyPatch, codes: dict[str, int]) -> list[str]:
    """The kinds that were measured, where each ends with its code."""
    monkeypatch.setattr(
        measuring, "measure", lambda _, job, __: Finished(job.bench.kind, codes.get(job.bench.kind, 0), None, ())
    )
    made = compilation({"profiles/ocr.yaml": OCR})
    work = work_of(made, "ocr", Request())
    engine: Any = None
    runs = in_order.measured(engine, AtHand(folder, made), "ocr", work, Request(), BenchProgress().of_kind, note)
    return [each.kind for each in runs]


def test_the_official_load_comes_second_and_the_pages_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert measured(tmp_path, monkeypatch, {}) == ["sanity", "vllm-bench", "load", "ocr-sweep"]


def test_nothing_is_measured_after_a_sanity_check_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert measured(tmp_path, monkeypatch, {"sanity": 4}) == ["sanity"]
    assert "the sanity check failed, so nothing more is measured" in capsys.readouterr().err


def test_another_kind_that_fails_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(measured(tmp_path, monkeypatch, {"load": 4, "vllm-bench": 1})) == 4


def test_images_alone_need_a_profile_to_be_named(tmp_path: Path) -> None:
    answer = mmcompose(project(tmp_path, {}), "bench", "run", "--build-only")
    assert answer.code == 2
    assert "name the profile whose images to fetch or build" in answer.err
