"""Real evals of a real model: SmolLM2 on llama.cpp, asked by the image of evals. The questions were made for this test:
the public ones cannot be had here, and their scores would be those of a model of 135 million parameters."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.bed import images
from tests.bed.commands import run
from tests.bench.playground import PATIENCE, Bench, checked
from tests.making import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.docker, pytest.mark.heavy]

SMOL = """
    backend: llamacpp
    image: {image}
    weights: {{path: models/{model}, format: gguf}}
    served_name: smollm2
    args: {{ctx_size: 8192, parallel: 2, threads: 2, metrics: true}}
    resources: {{memory: 2g}}
    security: {{user: "1000:1000"}}
    health: {{interval: 1s}}
    bench: [sanity, eval-ifeval, eval-gsm8k]
"""
INSTRUCTIONS = [
    {"key": 1, "prompt": "Write a short sentence about the sea. Use no commas.",
     "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]},
    {"key": 2, "prompt": "Name three fruits. Your answer must have at least 3 sentences and the word apple.",
     "instruction_id_list": ["length_constraints:number_sentences", "keywords:existence"],
     "kwargs": [{"num_sentences": 3, "relation": "at least"}, {"keywords": ["apple"]}]},
    {"key": 3, "prompt": "Answer in English and in small letters only: what is a cat?",
     "instruction_id_list": ["change_case:english_lowercase"], "kwargs": [{}]},
]  # fmt: skip
PROBLEMS = [
    {"question": "Tom has 2 apples and buys 3 more. How many apples does he have?", "answer": "2 + 3 = 5\n#### 5"},
    {"question": "Ann had 10 pens and lost 4. How many pens are left?", "answer": "10 - 4 = 6\n#### 6"},
]


@pytest.fixture(scope="module")
def smol(project: Callable[..., Bench], llama_image: str, smollm2: Path) -> Iterator[Bench]:
    bench = project(SMOL.format(image=llama_image, model=smollm2.name), model=smollm2)
    tag = (bench.folder / "compose/job.yaml").read_text().partition("mmcompose/eval:")[2].partition('"')[0]
    images.build(bench.folder / "compose/build/eval", f"mmcompose/eval:{tag}", engine=bench.engine)
    for name, rows in (("ifeval.jsonl", INSTRUCTIONS), ("gsm8k.jsonl", PROBLEMS)):
        bench.file(f"questions/{name}", "".join(json.dumps(row) + "\n" for row in rows))
    yield bench
    bench.engine.docker("image", "rm", "--force", f"mmcompose/eval:{tag}")


def image_of(bench: Bench) -> str:
    text = (bench.folder / "compose/job.yaml").read_text()
    return f"mmcompose/eval:{text.partition('mmcompose/eval:')[2].partition(chr(34))[0]}"


def test_a_profile_is_scored_by_both_evals_and_two_runs_compare(smol: Bench) -> None:
    questions = str(smol.folder / "questions")
    options = ("--data", questions, "--", "--max-tokens", "96", "--concurrency", "2")
    printed = smol.right("eval", "run", "job", *options)
    assert "prompts followed, by DeepEval's own verifier" in printed
    assert "inflated" in printed
    results = {checked(record)["points"][0]["name"]: checked(record) for record in smol.runs("eval")}
    assert results.keys() == {"ifeval", "gsm8k"}
    figures = {name: data["points"][0]["score"]["figures"] for name, data in results.items()}
    assert {each["value"] is not None for each in figures["ifeval"].values()} == {True}, figures
    assert figures["ifeval"]["instruction_strict"]["of"] == 4
    assert figures["ifeval"]["deepeval"]["better"] == 0
    assert figures["gsm8k"]["deepeval"]["scorer"] == "deepeval"
    assert results["gsm8k"]["points"][0]["requests"]["ok"] == 2
    assert results["gsm8k"]["points"][0]["output_tok_s"] > 0
    smol.right("eval", "run", "job", "--benchmark", "gsm8k", *options)
    first, second = [one for one in smol.runs("eval") if one.points[0]["name"] == "gsm8k"]
    assert [line["answer"] for line in samples(first.folder)] == [line["answer"] for line in samples(second.folder)]
    compared = smol.call("bench", "compare", first.folder.name, second.folder.name)
    assert "right answers, strict" in compared.out
    assert "output" in compared.out
    assert smol.right("bench", "list", "--kind", "eval").count("gsm8k strict") == 2
    assert len(json.loads(smol.right("bench", "list", "--kind", "eval", "--format", "json"))) == 3


def samples(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "samples.jsonl").read_text().splitlines()]


def test_the_image_judges_as_the_reference_does_without_any_network(smol: Bench) -> None:
    """All 25 kinds, with the NLTK tables and the langdetect of the image."""
    mounts = ("--volume", f"{ROOT}/tests/services/eval:/t:ro", "--network", "none", "--read-only", "--tmpfs", "/tmp")
    user = f"{os.getuid()}:{os.getgid()}"
    command = ("run", "--rm", *mounts, "--user", user, "--entrypoint", "python", image_of(smol), "/t/verdicts.py")
    assert (
        run(*smol.engine.command(*command), env=smol.engine.environment(), timeout=PATIENCE).strip() == "no difference"
    )
