"""`mmcompose bench` on runs that lie there: list, show, report, compare, promote; exit codes and words."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from mmcompose.bench.suite import matrix
from mmcompose.bench.suite import state as suite_state
from mmcompose.cli.main import main
from mmcompose.model.failure import Failure
from tests.bench.making import point, requests, result, run, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Bench = Callable[..., Result]

OCR = """
    # the one that people use
    model: glm-ocr  # small
    backend: vllm
    image: vllm/vllm-openai:v0.24.0
    gpu: {count: 1, share: exclusive}
    bench: [load]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "profiles").mkdir(parents=True)
    (folder / "mmcompose.yaml").write_text("name: mm\nbind: 127.0.0.1\nports: 8100-8199\nhost: gpu-12gb\n")
    (folder / "profiles/ocr.yaml").write_text(dedent(OCR))
    results = folder / "benchmarks/results/load"
    run(results / "20261120T060000Z-ocr-aaaaaa")
    run(results / "20261120T070000Z-ocr-bbbbbb", slower=1.2, seed=2)
    return folder


@pytest.fixture
def bench(project: Path) -> Bench:
    def call(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["-C", str(project), "bench", *arguments])

    return call


def message(result: Result) -> str:
    assert isinstance(result.exception, Failure), result.output
    return result.exception.message


def test_list_shows_every_run_and_as_data(bench: Bench) -> None:
    text = bench("list").output
    assert "20261120T060000Z-ocr-aaaaaa" in text
    assert "complete" in text
    rows = json.loads(bench("list", "--format", "json").output)
    assert [row["points"] for row in rows] == [4, 4]
    assert json.loads(bench("list", "other", "--format", "json").output) == []


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (("ocrr",), "no run of 'ocrr' among 2 (did you mean ocr?)\n"),
        (("--kind", "loda"), "no run of kind 'loda' among 2 (did you mean load?)\n"),
        (("nosuch", "--kind", "sanity"), "no run of kind 'sanity' of 'nosuch' among 2 (known: load; known: ocr)\n"),
    ],
)
def test_a_list_without_a_run_that_was_requested_says_so(
    bench: Bench, arguments: tuple[str, ...], printed: str
) -> None:
    result = bench("list", *arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", printed)
    assert bench("list", *arguments, "--format", "json").exit_code == 0


def test_runs_that_are_not_named_are_counted(project: Path, bench: Bench) -> None:
    for hour in range(10, 16):
        run(project / f"benchmarks/results/load/20261121T{hour}0000Z-ocr-{hour}", levels=(1,), count=2)
    printed = message(bench("show", "20261121"))
    assert printed.startswith("20261121 stands for 6 runs: 20261121T100000Z-ocr-10, ")
    assert printed.endswith("20261121T140000Z-ocr-14 and 1 more; name one of them")


def test_show_takes_the_beginning_of_a_name(bench: Bench) -> None:
    text = bench("show", "20261120T06").output
    assert "knee: 16" in text
    assert json.loads(bench("show", "latest", "--format", "json").output)["schema"] == "mmcompose.bench/1"
    assert bench("show", "20261120T06", "--format", "md").output.startswith("# load of ocr")


@pytest.mark.parametrize(
    ("arguments", "code", "printed"),
    [
        (("show", "nope"), 2, "no run 'nope'"),
        (("show", "20261120T"), 2, "stands for 2 runs"),
        (("report", "20261120T06", "20261120T07"), 2, "name its file with --output FILE"),
        (("report", "20261120T06", "-o", "/proc/nowhere/x.html"), 4, "cannot be written"),
        (("run", "ocr", "load", "sanity", "--", "--rate", "3"), 2, "name that kind"),
    ],
)
def test_what_cannot_be_done_is_reported(bench: Bench, arguments: tuple[str, ...], code: int, printed: str) -> None:
    result = bench(*arguments)
    assert printed in message(result)
    assert isinstance(result.exception, Failure)
    assert result.exception.code == code


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (("./nope.gguf",), "there is no file or folder ./nope.gguf"),
        (("OpenVINO/some-int4-ov",), "name the folder"),
        (("some/thing", "--backend", "vlm"), "did you mean vllm?"),
        (("nothing-like-it",), "no profile is called 'nothing-like-it'"),
    ],
)
def test_a_text_that_is_neither_profile_nor_model_is_reported(
    bench: Bench, project: Path, arguments: tuple[str, ...], printed: str
) -> None:
    assert CliRunner().invoke(main, ["-C", str(project), "render"]).exit_code == 0
    result = bench("run", *arguments)
    assert printed in message(result)
    assert not list(project.glob("profiles/adhoc-*"))


def test_a_kind_that_cannot_be_measured_is_reported_before_anything_is_started(
    bench: Bench, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CliRunner().invoke(main, ["-C", str(project), "render"]).exit_code == 0
    monkeypatch.setattr("mmcompose.cli.bench.running.bring", lambda *_: pytest.fail("it was started"))
    assert "no benchmark 'laod' (did you mean load?)" in message(bench("run", "ocr", "laod"))


@pytest.mark.parametrize("target", [["ocr"], ["--against", "http://127.0.0.1:9"]], ids=["profile", "address"])
@pytest.mark.parametrize(
    ("term", "printed"),
    [
        ("--concurency=3", "--concurency: is not a flag of mmbench load 0.1.0 (did you mean concurrency?)"),
        ("--base-url=http://other", "--base-url: mmcompose writes this flag itself (remove it here)"),
        ("--out", "--out: mmcompose writes this flag itself (remove it here)"),
        ("-x", "-x is not an option; `mmcompose engines flags mmbench-load` lists them"),
    ],
)
def test_options_of_the_client_are_judged_before_anything_is_started(
    bench: Bench, project: Path, monkeypatch: pytest.MonkeyPatch, target: list[str], term: str, printed: str
) -> None:
    assert CliRunner().invoke(main, ["-C", str(project), "render"]).exit_code == 0
    monkeypatch.setattr("mmcompose.cli.bench.running.bring", lambda *_: pytest.fail("it was started"))
    assert message(bench("run", *target, "load", "--", term, "-1")) == printed


def test_the_options_behind_the_dashes_explain_themselves(bench: Bench) -> None:
    shown = bench("run", "ocr", "sanity", "--", "--help")
    assert shown.exit_code == 0
    row = next(line for line in shown.output.splitlines() if line.startswith("budget"))
    assert row.split()[:4] == ["budget", "a", "number", "15.0"]
    assert "slow_for_sanity" in row
    assert "name one of" in message(bench("run", "ocr", "--", "--help")).lower()


def test_a_regression_has_an_exit_code_of_its_own(bench: Bench, tmp_path: Path) -> None:
    page = tmp_path / "change.md"
    result = bench("compare", "20261120T06", "20261120T07", "--output-md", str(page))
    assert result.exit_code == 3
    assert "worse" in result.output
    assert "| point" in page.read_text()
    assert bench("compare", "20261120T07", "20261120T06").exit_code == 0
    data = json.loads(bench("compare", "20261120T06", "20261120T07", "--format", "json").output)
    assert {row["verdict"] for row in data[0]["rows"]} >= {"worse"}


def test_unlike_loads_are_refused(bench: Bench, project: Path) -> None:
    run(project / "benchmarks/results/load/20261120T080000Z-ocr-cccccc", (64,))
    result = bench("compare", "20261120T06", "20261120T08")
    assert result.exit_code == 1
    assert "no point in common" in result.output


def test_a_folder_of_repeats_is_one_side(bench: Bench, tmp_path: Path) -> None:
    for side, slower in (("a", 1.0), ("b", 1.3)):
        for index in range(3):
            run(tmp_path / side / str(index), (8,), slower=slower, seed=index)
    data = json.loads(bench("compare", str(tmp_path / "a"), str(tmp_path / "b"), "--format", "json").output)
    assert data[0]["between_runs"] is True


def test_report_writes_one_page(bench: Bench, project: Path, tmp_path: Path) -> None:
    assert bench("report", "20261120T06").exit_code == 0
    page = project / "benchmarks/results/load/20261120T060000Z-ocr-aaaaaa/report.html"
    assert page.read_text().startswith("<!doctype html>")
    assert bench("report", "20261120T06", "20261120T07", "-o", str(tmp_path / "both.html")).exit_code == 0
    assert (tmp_path / "both.html").read_text().count("<h2") == 3


def test_promote_shows_the_change_and_writes_it_once(bench: Bench, project: Path) -> None:
    path = project / "profiles/ocr.yaml"
    before = path.read_text()
    assert "+  stable_to: 32" in bench("promote", "20261120T06", "--dry-run").output
    assert path.read_text() == before
    assert bench("promote", "20261120T06").exit_code == 0
    assert path.read_text().startswith(before)
    assert "  knee: 16\n" in path.read_text()
    assert "has these values already" in bench("promote", "20261120T06").output


def test_promote_tells_what_speaks_against_a_run_and_refuses_a_late_client(bench: Bench, project: Path) -> None:
    starved = {"id": "client_starved", "meaning": "other work kept the client waiting for the CPU"}
    few = {"id": "too_few_samples", "meaning": "too few requests"}
    points = [point(1, requests(1), validity=[starved, few]), point(2, requests(2), validity=[few])]
    write(project / "benchmarks/results/load/20261120T080000Z-ocr-cccccc", result(points))
    path = project / "profiles/ocr.yaml"
    before = path.read_text()
    refused = bench("promote", "20261120T08")
    assert "the client was late at c=1 (client_starved)" in message(refused)
    assert "--force" in message(refused)
    assert path.read_text() == before
    forced = bench("promote", "20261120T08", "--force")
    assert forced.exit_code == 0, forced.output
    assert "warning: c=1, c=2: too_few_samples (too few requests)" in forced.stderr
    assert "stable_to: 2" in path.read_text()


def test_promote_of_a_run_with_less_leaves_nothing_stale(bench: Bench, project: Path) -> None:
    bench("promote", "20261120T06")
    run(project / "benchmarks/results/load/20261120T080000Z-ocr-cccccc", (8,))
    assert bench("promote", "20261120T08").exit_code == 0
    text = (project / "profiles/ocr.yaml").read_text()
    assert "stable_to: 8" in text
    assert "knee: null" in text
    result = CliRunner().invoke(main, ["-C", str(project), "validate"])
    assert result.exit_code == 0, result.output


def test_a_suite_ends_in_a_table_and_a_page_which_can_be_made_again(
    bench: Bench, project: Path, tmp_path: Path
) -> None:
    path = tmp_path / "night.yaml"
    path.write_text("profiles: [ocr]\nkinds: [load]\nrepeats: 2\n")
    cells = matrix.read("night", str(path), path.read_bytes(), ["ocr"]).cells
    state = suite_state.State(project / "benchmarks/results/suites/night")
    for cell, measured in zip(cells, ("20261120T060000Z-ocr-aaaaaa", "20261120T070000Z-ocr-bbbbbb"), strict=True):
        state.keep(cell, f"load/{measured}", 0)
    done = bench("suite", str(path))
    assert done.exit_code == 0, done.output
    assert [line.split()[:4] for line in done.stdout.splitlines()[1:]] == [
        ["ocr", "load", "#1", "done"],
        ["ocr", "load", "#2", "done"],
    ]
    assert "2 runs of load" in (state.folder / "report.html").read_text()
    assert bench("report", str(state.folder), "-o", str(tmp_path / "again.html")).exit_code == 0
    assert "2 runs of load" in (tmp_path / "again.html").read_text()


def test_a_suite_is_shown_before_it_is_run(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "nightly.yaml"
    path.write_text("profiles: [ocr]\nkinds: {load: {concurrency: [8, 16]}}\nrepeats: 2\n")
    text = bench("suite", str(path), "--dry-run").output
    assert text.count("to do  ocr load") == 4
    path.write_text("profiles: [ocrr]\nkinds: [load]\n")
    assert "ocrr" in message(bench("suite", str(path)))


def test_results_of_nobody_break_nothing(bench: Bench, project: Path) -> None:
    def broken(text: str) -> None:
        (project / "benchmarks/results/load/20261120T090000Z-x").mkdir(exist_ok=True)
        (project / "benchmarks/results/load/20261120T090000Z-x/result.json").write_text(text)

    odd: dict[str, Any] = {"schema": "mmcompose.bench/1", "kind": "load", "run": {}, "target": {}, "points": []}
    for text in ("{", json.dumps(odd), json.dumps({**odd, "points": [{"name": "c", "validity": 3, "errors": []}]})):
        broken(text)
        result = bench("list")
        assert result.exit_code == 0, result.exception
