"""`mmcompose upgrade`: what another release breaks, told before anything is pulled, and the edits that carry it out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.disk import CHAT, mmcompose, project

if TYPE_CHECKING:
    from pathlib import Path

OCR = """\
# read by people
model: glm-ocr
backend: vllm
image: vllm/vllm-openai:v0.24.0  # pinned
args: {max_num_seqs: 16}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return project(tmp_path, {"ocr": OCR, "chat": CHAT})


def test_a_move_is_told_without_touching_the_profile(folder: Path) -> None:
    answer = mmcompose(folder, "upgrade", "ocr", "--to", "0.33.0")
    assert answer.code == 0
    assert answer.out.startswith("ocr: vLLM v0.24.0 to v0.33.0\n")
    assert (folder / "profiles/ocr.yaml").read_text() == OCR


def test_writing_it_edits_the_profile_and_keeps_its_comments(folder: Path) -> None:
    answer = mmcompose(folder, "upgrade", "vllm", "--to", "0.33.0", "--write")
    assert (answer.code, answer.err) == (0, "edited profiles/ocr.yaml\nnext: mmcompose render --diff\n")
    assert (folder / "profiles/ocr.yaml").read_text() == OCR.replace("v0.24.0", "v0.33.0")


def test_machines_read_it_as_json(folder: Path) -> None:
    (found,) = json.loads(mmcompose(folder, "upgrade", "ocr", "--to", "0.33.0", "--format", "json").out)
    assert (found["profile"], found["from"], found["to"]) == ("ocr", "v0.24.0", "v0.33.0")


@pytest.mark.parametrize("release", ["", "newest", "b9603"])
def test_what_is_no_release_of_the_engine_is_refused(folder: Path, release: str) -> None:
    answer = mmcompose(folder, "upgrade", "ocr", "--to", release)
    assert answer.code == 2
    assert f"none that has a release {release!r}" in answer.err
