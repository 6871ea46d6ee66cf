"""Results are read from older and newer minor versions; what is no result is refused in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from mmcompose.bench.report import run_text
from mmcompose.bench.results.record import UnreadableError, below, read
from tests.bench.making import point, requests, result, run, write
from tests.making import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = json.loads((ROOT / "mmcompose/bench/schema/result.schema.json").read_text(encoding="utf-8"))


def test_what_the_tests_make_up_is_what_the_schema_describes() -> None:
    Draft202012Validator(SCHEMA).validate(result([point(8, requests(8))]))


def test_an_older_minor_version_is_read(tmp_path: Path) -> None:
    """The least that the schema asks for: no host, no GPUs, no verdict, no minor number."""
    least: dict[str, Any] = {
        "schema": "mmcompose.bench/1",
        "kind": "load",
        "run": {"id": "x", "started": "2026-01-01T00:00:00Z", "status": "complete"},
        "target": {"base_url": "http://a:1"},
        "points": [],
    }
    record = write(tmp_path / "old", least)
    assert record.notes == ()
    assert run_text.text(record) == "nothing was measured"
    assert "http://a:1" in run_text.markdown(record)


def test_a_newer_minor_version_is_read_and_reported(tmp_path: Path) -> None:
    data = result([point(8, requests(8), news={"deep": [1]})], schema_minor=7, more="new")
    record = write(tmp_path / "new", data)
    assert record.points[0]["req_s"] > 0
    assert "written by a newer version (minor 7)" in run_text.text(record)


FLAGS_OF_TEXT = json.dumps(
    {"schema": "mmcompose.bench/1", "kind": "a", "run": {}, "target": {}, "points": [{"name": "a", "validity": ["x"]}]}
)
WRONG = {
    "nothing": (None, "there is no run here"),
    "no JSON": ("{", "not JSON"),
    "deep JSON": ("[" * 100_000, "not JSON"),
    "a list": ("[]", "no schema"),
    "another major version": ('{"schema": "mmcompose.bench/2"}', "format 2, and this mmcompose reads format 1"),
    "another program": ('{"schema": "other/1"}', "is not a result of a benchmark"),
    "no points": ('{"schema": "mmcompose.bench/1", "kind": "load", "run": {}, "target": {}}', "points is missing"),
    "points of text": (
        '{"schema": "mmcompose.bench/1", "kind": "load", "run": {}, "target": {}, "points": ["a"]}',
        "points is missing or of the wrong shape",
    ),
    "flags of text": (
        FLAGS_OF_TEXT,
        "points is missing or of the wrong shape",
    ),
    "no text": ("\udcff", "not JSON"),
}


@pytest.mark.parametrize(("text", "printed"), WRONG.values(), ids=WRONG)
def test_what_is_no_result_is_refused_in_text(tmp_path: Path, text: str | None, printed: str) -> None:
    if text is not None:
        (tmp_path / "result.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(UnreadableError, match=printed):
        read(tmp_path)


def test_a_half_written_line_of_requests_is_no_request(tmp_path: Path) -> None:
    record = run(tmp_path / "a", (8,), count=3)
    path = record.folder / "requests.jsonl"
    path.write_text(path.read_text() + '{"point": "c=8", "ok": tr', encoding="utf-8")
    assert len(list(record.requests())) == 3


def test_warm_up_requests_are_not_measured_ones(tmp_path: Path) -> None:
    record = run(tmp_path / "a", (8,), count=3)
    (record.folder / "requests.jsonl").write_text('{"phase": "warmup"}\n{"phase": "measured"}\n{}\n', encoding="utf-8")
    assert len(list(record.requests())) == 2


def test_all_runs_below_a_folder_come_by_their_time_and_broken_ones_not_at_all(tmp_path: Path) -> None:
    for name, started in (("b", "2026-01-02"), ("a", "2026-01-03"), ("c", "2026-01-01")):
        data = result([])
        write(tmp_path / "load" / name, {**data, "run": {**data["run"], "started": started}})
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/result.json").write_text("{")
    assert [record.folder.name for record in below(tmp_path)] == ["c", "b", "a"]


ODD = {
    "a check without a name": {"checks": [{"ok": 1}]},
    "a check that is a number": {"checks": [5]},
    "reasons that are a number": {"verdict": {"ok": False, "reasons": 5}},
    "reasons that are no words": {"verdict": {"ok": False, "reasons": [{}]}},
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_odd_parts_of_a_result_are_reported_by_their_name(tmp_path: Path, odd: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError, match=rf"{next(iter(odd))}.* of the wrong shape"):
        write(tmp_path, result([], **odd))


def test_a_terminal_gets_the_columns_that_fit_and_the_place_of_all(tmp_path: Path) -> None:
    record = run(tmp_path / "20261120T060000Z-ocr-aaaaaa", (1, 8))
    whole, narrow = run_text.text(record), run_text.text(record, width=60)
    assert max(map(len, narrow.splitlines())) <= 60
    assert narrow.splitlines()[0].split()[-1] == "…"
    reported = " ".join(narrow.split())
    assert "mmcompose bench show 20261120T060000Z-ocr-aaaaaa --format md shows them" in reported
    assert "TTFT P50" in narrow
    assert "TPOT P99" in whole
    assert "…" not in whole.splitlines()[0]
    assert run_text.text(record, width=300) == whole
    assert "TPOT p99" in run_text.markdown(record)
