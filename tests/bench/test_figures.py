"""The scores of an eval beside its speed: in the list, the text, the page and a comparison."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from benchmarks.mmbench.evals import measure, share
from mmcompose.bench.results.compare import compare
from mmcompose.cli.main import main
from tests.bench.making import point, requests, result, write
from tests.benchmarks.test_result_schema import SCHEMA_TEXT

if TYPE_CHECKING:
    from pathlib import Path

    from mmcompose.bench.results.record import Record

INFLATED = "its verifier accepts most instructions unseen"


def an_eval(folder: Path, right: int, *, tpot: float = 10.0, cer: float = 0.02, **load: Any) -> Record:
    lines = requests(8, 500, tpot=tpot)
    figures = {
        "strict": share("final answer, strict", right, 500, scorer="mmeval"),
        "cer": measure("character error rate", cer, -1, scorer="mmbench"),
        "deepeval": measure("DeepEval's own", 0.99, 0, scorer="deepeval", note=INFLATED),
    }
    made = point(8, lines, name="gsm8k", score={"scored": 500, "figures": figures})
    made["load"] = {"mode": "closed", "concurrency": 8, "dataset": "gsm8k", "rows": 500, "rows_of": 500, **load}
    model = {"id": "qwen", "revision": None, "quant": folder.name}
    data = result([made], "eval")
    data["target"]["model"] = model
    return write(
        folder, data | {"run": data["run"] | {"id": folder.name}}, [{**one, "point": "gsm8k"} for one in lines]
    )


def test_a_comparison_of_two_quantisations_has_speed_and_score_side_by_side(tmp_path: Path) -> None:
    found = compare([an_eval(tmp_path / "q8", 400)], [an_eval(tmp_path / "q4", 300, tpot=5.0)])
    verdicts = {row.metric.name: row.verdict for row in found.rows}
    assert found.refused == ()
    assert (verdicts["strict"], verdicts["output_tok_s"]) == ("worse", "better")
    strict = next(row for row in found.rows if row.metric.name == "strict")
    assert strict.change == pytest.approx(-0.2)
    assert strict.low is not None
    assert strict.high is not None
    assert strict.low < -0.2 < strict.high < 0


def test_a_rate_of_errors_is_better_when_it_is_lower_and_a_doubtful_figure_decides_nothing(tmp_path: Path) -> None:
    found = compare([an_eval(tmp_path / "a", 400, cer=0.05)], [an_eval(tmp_path / "b", 400, cer=0.01)])
    verdicts = {row.metric.name: row.verdict for row in found.rows}
    assert verdicts["cer"] == "better"
    assert "deepeval" not in verdicts


def test_scores_over_other_questions_are_not_compared(tmp_path: Path) -> None:
    before = an_eval(tmp_path / "a", 400, dataset_sha256="1" * 64)
    after = an_eval(tmp_path / "b", 400, dataset_sha256="2" * 64)
    assert any("dataset_sha256" in reason for reason in compare([before], [after]).refused)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "mmcompose.yaml").write_text("name: mm\nbind: 127.0.0.1\nports: 8100-8199\nhost: gpu-12gb\n")
    (tmp_path / "profiles/ocr.yaml").write_text("model: glm-ocr\nbackend: vllm\ngpu: {count: 1}\n")
    record = an_eval(tmp_path / "benchmarks/results/eval/20261120T060000Z-ocr-aaaaaa", 400)
    jsonschema.Draft7Validator(SCHEMA_TEXT).validate(record.result)
    return tmp_path


def bench(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["-C", str(folder), "bench", *arguments])


def test_an_eval_is_listed_with_its_first_score(folder: Path) -> None:
    [row] = json.loads(bench(folder, "list", "--kind", "eval", "--format", "json").output)
    assert row["best"] == "gsm8k strict 0.800"


def test_a_smoke_run_is_listed_as_one(folder: Path) -> None:
    [result] = folder.glob("benchmarks/results/eval/*/result.json")
    data = json.loads(result.read_text())
    data["points"][0]["validity"] = [{"id": "smoke", "meaning": "too few rows"}]
    result.write_text(json.dumps(data))
    assert "gsm8k strict 0.800 (smoke)" in bench(folder, "list").output


def test_an_eval_is_shown_with_its_intervals_and_what_to_know(folder: Path) -> None:
    text = bench(folder, "show", "latest").output
    assert "gsm8k: final answer, strict" in text
    assert "0.763 … 0.833" in text
    assert f"DeepEval's own: {INFLATED}" in " ".join(text.split())
    assert "final answer, strict" in bench(folder, "show", "latest", "--format", "md").output


def test_the_page_has_the_scores(folder: Path) -> None:
    assert bench(folder, "report", "latest").exit_code == 0
    page = next(folder.glob("benchmarks/results/eval/*/report.html")).read_text()
    assert "final answer, strict" in page
    assert "0.763 … 0.833" in page


def test_a_profile_keeps_nothing_of_an_eval(folder: Path) -> None:
    answer = bench(folder, "promote", "latest")
    assert answer.exit_code == 1
    assert "has scores and no limits of load" in str(answer.exception)
