"""Prompts that never change, and answers that are kept to be read."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.mmbench.fixed_prompts import PROMPTS

from .serving import bench, serving


def test_each_prompt_is_sent_as_it_is_in_turn_and_its_answer_is_kept(tmp_path: Path) -> None:
    with serving() as there:
        options = ("--prompts", "fixed", "--concurrency", "1", "--requests", "20", "--warm-up", "0")
        run = bench("load", there.url, tmp_path, *options)
    assert run.code == 0, run.err
    lines = [json.loads(line) for line in (run.folder / "requests.jsonl").read_text().splitlines()]
    labels = [line["label"] for line in sorted(lines, key=lambda line: line["index"])]
    assert sorted(labels) == sorted([*PROMPTS, *PROMPTS])
    assert all(line["text"] for line in lines)
    assert run.result["load"]["dataset"] == "fixed prompts"
    assert run.result["load"]["unique_prefix"] is False
    assert run.result["load"]["ignore_eos"] is None, "an answer that is read ends where the model ends it"
