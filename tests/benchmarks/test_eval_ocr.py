"""The eval of read images, as a user runs it: what it counts is counted again here by hand."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from .serving import RECEIPTS, Run, bench, serving
from .test_result_schema import problems


def truth() -> dict[str, dict[str, Any]]:
    read: dict[str, dict[str, Any]] = json.loads((RECEIPTS / "truth.json").read_text())
    return read


def answers(**changed: str) -> dict[str, str]:
    """The texts of the receipts by the hash of the picture; `changed` by the receipt's number."""
    texts = {name: entry["text"] for name, entry in truth().items()}
    texts |= {f"receipt-{number.removeprefix('n')}.jpg": text for number, text in changed.items()}
    return {hashlib.sha256((RECEIPTS / name).read_bytes()).hexdigest(): text for name, text in texts.items()}


def scored(folder: Path, *options: str, faults: dict[int, str] | None = None, **changed: str) -> Run:
    with serving(answers=answers(**changed), verify_bodies=100, faults=faults or {}) as server:
        return bench("eval-ocr", server.url, folder, *options)


def figures(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = run.point["score"]["figures"]
    return found


def samples(run: Run) -> dict[str, dict[str, Any]]:
    lines = [json.loads(line) for line in (run.folder / "samples.jsonl").read_text().splitlines()]
    return {line["id"]: line for line in lines}


def test_each_image_is_read_once_and_right_answers_have_no_errors(tmp_path: Path) -> None:
    run = scored(tmp_path)
    assert run.code == 0, run.err
    assert run.result["kind"] == "eval"
    assert problems(run.result) == []
    assert run.point["name"] == "ocr"
    assert run.point["requests"]["ok"] == run.point["score"]["scored"] == 8
    assert (figures(run)["cer"]["value"], figures(run)["wer"]["value"]) == (0, 0)
    assert (figures(run)["fields"]["value"], figures(run)["images"]["value"]) == (1, 1)
    assert figures(run)["fields"]["of"] == sum(len(entry["fields"]) for entry in truth().values())
    assert "smoke" not in run.flags
    assert samples(run).keys() == truth().keys()


def test_wrong_characters_are_counted_over_all_images_together(tmp_path: Path) -> None:
    right = truth()["receipt-3.jpg"]
    run = scored(tmp_path, n3=right["text"].replace("205.43", "205.48"))
    line = samples(run)["receipt-3.jpg"]
    terms = sum(len(entry["text"].split()) for entry in truth().values())
    characters = sum(len(" ".join(entry["text"].split())) for entry in truth().values())
    assert (line["characters_wrong"], line["words_wrong"], line["fields_missing"]) == (1, 1, ["total"])
    assert figures(run)["cer"]["value"] == round(1 / characters, 6)
    assert figures(run)["wer"]["value"] == round(1 / terms, 6)
    assert figures(run)["images"]["value"] == 7 / 8
    assert figures(run)["images"]["low"] < 7 / 8 < figures(run)["images"]["high"]
    assert run.point["score"]["worst"][0]["image"] == "receipt-3.jpg"
    assert run.code == 0, "a wrong answer is a score, not a failure"


def test_a_part_of_the_images_is_a_smoke_run(tmp_path: Path) -> None:
    run = scored(tmp_path, "--limit", "2")
    assert run.point["score"]["scored"] == 2
    assert "smoke" in run.flags
    assert samples(run).keys() == {"receipt-1.jpg", "receipt-2.jpg"}


def test_a_request_that_failed_is_sent_again(tmp_path: Path) -> None:
    run = scored(tmp_path, "--concurrency", "1", faults={5: "http_500"})
    assert run.code == 0, run.err
    assert run.point["requests"]["tried_again"] > 0
    assert "sent_again" in run.flags
    assert figures(run)["cer"]["value"] == 0
    assert {line["tries"] for line in samples(run).values()} == {1, 2}


def test_a_request_without_an_answer_counts_as_a_wrong_one(tmp_path: Path) -> None:
    run = scored(tmp_path, "--retries", "0", "--concurrency", "1", faults={8: "http_500"})
    assert run.code == 4
    assert "1 of 8 have no answer (http_500 1)" in run.result["run"]["exit_reason"]
    assert run.point["score"]["scored"] == 8
    assert figures(run)["images"]["value"] == 7 / 8
    assert samples(run)["receipt-8.jpg"]["answer"] is None
    assert samples(run)["receipt-8.jpg"]["characters_wrong"] == samples(run)["receipt-8.jpg"]["characters"]


def test_cut_answers_are_counted(tmp_path: Path) -> None:
    run = scored(tmp_path, "--max-tokens", "3")
    assert run.point["requests"]["truncated"] == 8
    assert "truncated_outputs" in run.flags
    assert {line["finish_reason"] for line in samples(run).values()} == {"length"}


def test_images_without_right_answers_cannot_be_scored(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    shutil.copyfile(RECEIPTS / "receipt-1.jpg", tmp_path / "pages/a.jpg")
    run = scored(tmp_path / "run", "--image", str(tmp_path / "pages"))
    assert run.code == 2
    assert "write truth.json beside them" in run.result["run"]["exit_reason"]


@pytest.mark.parametrize(("option", "value"), [("--limit", "0"), ("--retries", "-1"), ("--concurrency", "0")])
def test_numbers_that_make_no_sense_are_refused(tmp_path: Path, option: str, value: str) -> None:
    assert scored(tmp_path, option, value).code == 2
