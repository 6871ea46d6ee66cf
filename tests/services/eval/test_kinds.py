"""Both evals as they run in their container, against a server whose answers are known. DeepEval is in the image."""

from __future__ import annotations

import hashlib
import io
import json
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any

import pytest
from mmeval.kinds import KINDS

from benchmarks.mmbench.cli import main
from tests.benchmarks.serving import Run, serving
from tests.benchmarks.test_result_schema import problems

if TYPE_CHECKING:
    from pathlib import Path

IFEVAL = [
    {"key": 7, "prompt": "Say no comma.", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]},
    {
        "key": 8,
        "prompt": "Two things.",
        "instruction_id_list": ["startend:quotation", "keywords:existence"],
        "kwargs": [{"keywords": None}, {"keywords": ["cat"]}],
    },
    {"key": 9, "prompt": "Title it.", "instruction_id_list": ["detectable_format:title"], "kwargs": [{}]},
]
GSM8K = [
    {"question": "How many cats?", "answer": "Many. <<2*600=1200>>\n#### 1,200"},
    {"question": "How many dogs?", "answer": "#### 3"},
]
REPLIES = {
    "no comma": "No sign here",
    "Two things": '<think>"cat"</think>"a dog"',
    "Title it": "Sure!\n<<a>>",
    "cats?": "2 * 600. The final answer is 1200.",
    "dogs?": "There are 3 dogs",
}


def file(folder: Path, name: str, rows: list[dict[str, Any]]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def ran(kind: str, folder: Path, *options: str, **behaviour: Any) -> Run:
    out, err = io.StringIO(), io.StringIO()
    with serving(replies=REPLIES, **behaviour) as server, redirect_stdout(out), redirect_stderr(err):
        line = [kind, "--base-url", server.url, "--run-dir", str(folder / "run"), "--progress", "none", *options]
        code = main(line, KINDS)
    return Run(code, out.getvalue(), err.getvalue(), folder / "run")


def samples(run: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run.folder / "samples.jsonl").read_text().splitlines()]


def values(run: Run) -> dict[str, float]:
    return {name: each["value"] for name, each in run.point["score"]["figures"].items() if each["value"] is not None}


def test_instructions_are_scored_by_prompt_and_by_instruction(tmp_path: Path) -> None:
    data = file(tmp_path / "data", "ifeval_input_data.jsonl", IFEVAL)
    run = ran("eval-ifeval", tmp_path, "--data", str(data))
    assert run.code == 0, run.err + run.out
    assert problems(run.result) == []
    assert (run.result["kind"], run.point["name"]) == ("eval", "ifeval")
    found = {"prompt_strict": 2 / 3, "prompt_loose": 2 / 3, "instruction_strict": 3 / 4, "instruction_loose": 3 / 4}
    assert values(run) == pytest.approx(found, abs=1e-6)
    assert run.point["score"]["reasoning_stripped"] == 1
    assert run.point["score"]["breakdown"]["keywords:existence"] == {"of": 1, "strict": 0}
    second = samples(run)[1]
    assert (second["answer"], second["strict"], second["reasoning"]) == ('"a dog"', [True, False], True)


def test_answers_are_judged_by_the_number_at_the_end(tmp_path: Path) -> None:
    data = file(tmp_path / "data", "test.jsonl", GSM8K)
    run = ran("eval-gsm8k", tmp_path, "--data", str(data))
    assert run.code == 0, run.err + run.out
    assert problems(run.result) == []
    assert values(run) == {"strict": 0.5, "flexible": 1.0}
    assert run.point["load"]["shots"] == 8
    assert [line["extracted"]["flexible"] for line in samples(run)] == ["1200.", "3"]
    assert "smoke" not in run.flags


def test_a_part_of_the_questions_is_a_smoke_run_and_no_other_run_compares_with_it(tmp_path: Path) -> None:
    data = file(tmp_path / "data", "gsm8k.jsonl", GSM8K)
    run = ran("eval-gsm8k", tmp_path, "--data", str(data), "--limit", "1", "--shots", "0")
    assert "smoke" in run.flags
    line = json.dumps(GSM8K[0]).encode()
    assert run.point["load"]["dataset_sha256"] == hashlib.sha256(line).hexdigest()
    assert run.result["load"]["dataset_file"]["rows"] == 2
    assert values(run) == {"strict": 1.0, "flexible": 1.0}


def test_a_question_without_an_answer_counts_as_wrong(tmp_path: Path) -> None:
    data = file(tmp_path / "data", "gsm8k.jsonl", GSM8K)
    run = ran(
        "eval-gsm8k", tmp_path, "--data", str(data), "--retries", "0", "--concurrency", "1", faults={1: "http_500"}
    )
    assert run.code == 4
    assert "2 of 2 have no answer" in run.result["run"]["exit_reason"]
    assert values(run) == {"strict": 0.0, "flexible": 0.0}


WITHOUT = [
    ("eval-ifeval", (), "name the folder with the questions by --data"),
    ("eval-gsm8k", ("--data", "{}/none"), "no such file or folder"),
    ("eval-gsm8k", ("--data", "{}"), "none of gsm8k.jsonl, test.jsonl lies there"),
    ("eval-gsm8k", ("--data", "{}/data"), "gsm8k.jsonl:2: expected a question"),
    ("eval-ifeval", ("--data", "{}/data/gsm8k.jsonl"), "gsm8k.jsonl:1: 'prompt' is missing"),
    ("eval-gsm8k", ("--data", "{}/data", "--shots", "9"), "there are 8 examples"),
]


@pytest.mark.parametrize(("kind", "options", "message"), WITHOUT)
def test_questions_that_cannot_be_read_are_refused(
    tmp_path: Path, kind: str, options: tuple[str, ...], message: str
) -> None:
    file(tmp_path / "data", "gsm8k.jsonl", [GSM8K[0], {"question": "a", "answer": "b"}])
    run = ran(kind, tmp_path, *(option.format(tmp_path) for option in options))
    assert run.code == 2
    shown = run.err if not (run.folder / "result.json").exists() else run.result["run"]["exit_reason"]
    assert message in shown
