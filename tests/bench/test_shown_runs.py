"""How runs are shown to people: by one name everywhere, and by their own clock."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from mmcompose.cli.main import main
from tests.bench.making import run

if TYPE_CHECKING:
    from pathlib import Path

NAME = "20261120T060000Z-ocr-aaaaaa"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "mmcompose.yaml").write_text("name: mm\nbind: 127.0.0.1\nports: 8100-8199\nhost: gpu-12gb\n")
    (tmp_path / "profiles/ocr.yaml").write_text("model: glm-ocr\nbackend: vllm\ngpu: {count: 1}\n")
    run(tmp_path / "benchmarks/results/load" / NAME)
    run(tmp_path / "benchmarks/results/load/20261120T070000Z-ocr-bbbbbb", seed=2)
    return tmp_path


def bench(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["-C", str(folder), "bench", *arguments])


@pytest.mark.parametrize("term", [NAME, "aaaaaa", "ocr-aaaaaa", "20261120T06"])
def test_a_run_is_found_by_either_end_of_its_name(folder: Path, term: str) -> None:
    assert bench(folder, "show", term).output.startswith(str(folder / "benchmarks/results/load" / NAME))


def test_half_an_ending_is_no_name(folder: Path) -> None:
    assert "no run 'aaaa'" in str(getattr(bench(folder, "show", "aaaa").exception, "message", ""))


def test_what_is_promoted_names_the_run_as_the_list_does(folder: Path) -> None:
    assert bench(folder, "promote", "aaaaaa").exit_code == 0
    assert f"run: {NAME}" in (folder / "profiles/ocr.yaml").read_text()
    assert NAME in bench(folder, "list").output


def test_a_list_tells_people_their_own_time_and_machines_utc(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    utc = json.loads(bench(folder, "list", "--format", "json").output)[0]["started"]
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        text = bench(folder, "list").output
    finally:
        monkeypatch.undo()
        time.tzset()
    moment = datetime.fromisoformat(utc) + timedelta(hours=5, minutes=30)
    assert f" {moment:%Y-%m-%d %H:%M:%S} " in text
