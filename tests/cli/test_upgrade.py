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


def test_a_move_is_reported_without_touching_the_profile(folder: Path) -> None:
    answer = mmcompose(folder, "upgrade", "ocr", "--to", "0.33.0")
    assert answer.code == 0
    assert answer.out.startswith("ocr: vLLM v0.24.0 to v0.33.0\n")
    assert (folder / "profiles/ocr.yaml").read_text() == OCR


def test_writing_it_edits_the_profile_and_keeps_its_comments(folder: Path) -> None:
    answer = mmcompose(folder, "upgrade", "vllm", "--to", "0.33.0", "--write")
    assert answer.code == 0
    assert answer.err == (
        "edited profiles/ocr.yaml\nnext: mmcompose render; until then `up` refuses what is out of date\n"
    )
    assert (folder / "profiles/ocr.yaml").read_text() == OCR.replace("v0.24.0", "v0.33.0")


def test_a_reason_that_may_be_true_no_more_is_shown_to_a_person(tmp_path: Path) -> None:
    folder = project(tmp_path, {"ocr": OCR + "why: {image: the last one that was tried}\n"})
    answer = mmcompose(folder, "upgrade", "ocr", "--to", "0.33.0", "--write")
    assert "profiles/ocr.yaml:6:7: why.image: does this reason still hold? 'the last one that was tried'" in answer.err


def test_machines_read_it_as_json(folder: Path) -> None:
    (found,) = json.loads(mmcompose(folder, "upgrade", "ocr", "--to", "0.33.0", "--format", "json").out)
    assert (found["profile"], found["from"], found["to"]) == ("ocr", "v0.24.0", "v0.33.0")


@pytest.mark.parametrize("release", ["", "newest", "b9603"])
def test_what_is_no_release_of_the_engine_is_refused(folder: Path, release: str) -> None:
    answer = mmcompose(folder, "upgrade", "ocr", "--to", release)
    assert answer.code == 2
    assert f"none that has a release {release!r}" in answer.err


MENDED = """\
model: glm-ocr
backend: vllm
version: v0.9.2  # old
args:
  num_scheduler_steps: 8
  guided_decoding_backend: xgrammar
  disable_log_requests: true
"""
LEFT = MENDED + "  task: embed\n"


@pytest.mark.parametrize(("text", "code"), [(MENDED, 0), (LEFT, 1)])
def test_the_exit_code_says_whether_a_person_is_needed(tmp_path: Path, text: str, code: int) -> None:
    folder = project(tmp_path, {"ocr": text})
    assert mmcompose(folder, "upgrade", "ocr", "--to", "0.33.0").code == code
    assert mmcompose(folder, "upgrade", "ocr", "--to", "0.33.0", "--write").code == code
    assert mmcompose(folder, "validate").code == (2 if code else 0)


def test_each_change_names_the_line_that_it_is_about(tmp_path: Path) -> None:
    out = mmcompose(project(tmp_path, {"ocr": LEFT}), "upgrade", "ocr", "--to", "0.33.0").out
    assert (
        "  breaks     task: was removed in vLLM 0.13.0 (use runner and convert)  profiles/ocr.yaml:8:3\n"
        "  renamed    guided_decoding_backend: was removed in vLLM 0.12.0"
        " (use structured_outputs_config: {backend: ...})  profiles/ocr.yaml:6:3\n"
    ) in out


def test_what_writing_mends_is_reported_as_such(tmp_path: Path) -> None:
    folder = project(tmp_path, {"ocr": MENDED + "  limit_mm_per_prompt: image=1\n"})
    lines = mmcompose(folder, "upgrade", "ocr", "--to", "0.33.0").out.splitlines()
    assert [line.split()[:2] for line in lines[1:4]] == [
        ["rewritten", "limit_mm_per_prompt:"],
        ["dropped", "num_scheduler_steps:"],
        ["renamed", "guided_decoding_backend:"],
    ]


def test_what_cannot_be_edited_is_left_as_it_is(tmp_path: Path) -> None:
    shared = "model: glm-ocr\nbackend: vllm\nversion: &v v0.9.2\nengine_version: *v\nargs: {num_scheduler_steps: 8}\n"
    folder = project(tmp_path, {"ocr": shared})
    answer = mmcompose(folder, "upgrade", "ocr", "--to", "0.33.0", "--write")
    assert answer.code in (2, 4)
    assert (folder / "profiles/ocr.yaml").read_text() == shared


def test_an_image_of_somebody_else_is_left_with_its_arguments(tmp_path: Path) -> None:
    text = "model: glm-ocr\nbackend: vllm\nimage: mine/vllm:cu12\nengine_version: 0.16.0\nargs: {swap_space: 4}\n"
    folder = project(tmp_path, {"ocr": text})
    answer = mmcompose(folder, "upgrade", "ocr", "--to", "0.33.0", "--write")
    assert (answer.code, (folder / "profiles/ocr.yaml").read_text()) == (1, text)
    assert "(write the image of v0.33.0 yourself)" in answer.out
    assert "profiles/ocr.yaml is left as it is\n" in answer.err


def test_without_a_release_it_tells_of_the_newest_that_is_known(folder: Path) -> None:
    answer = mmcompose(folder, "upgrade", "ocr")
    assert answer.out.startswith("ocr: vLLM v0.24.0 to v0.")
    newest = answer.out.split("\n", 1)[0].rpartition(" v")[2]
    (folder / "profiles/ocr.yaml").write_text(OCR.replace("0.24.0", newest))
    assert mmcompose(folder, "upgrade", "ocr").out.endswith("is the newest release that mmcompose knows\n")


def test_nothing_is_written_for_a_release_that_nobody_named(folder: Path) -> None:
    answer = mmcompose(folder, "upgrade", "ocr", "--write")
    assert answer.code == 2
    assert "--write needs --to VERSION" in answer.err


OFFLOADING = OCR.replace("{max_num_seqs: 16}", "{kv_offloading_size: 30}")


def test_what_follows_from_the_new_release_is_reported(tmp_path: Path) -> None:
    folder = project(tmp_path, {"ocr": OFFLOADING})
    assert "follows    resources.shm_size: 4g becomes 31g" in mmcompose(folder, "upgrade", "ocr", "--to", "0.33.0").out
    assert "resources.shm_size" not in mmcompose(folder, "upgrade", "ocr", "--to", "0.26.0").out


def test_what_is_known_not_to_work_there_is_reported_and_mended(tmp_path: Path) -> None:
    folder = project(tmp_path, {"ocr": f"{OFFLOADING}resources: {{shm_size: 4g}}  # small\n"})
    reported = mmcompose(folder, "upgrade", "ocr", "--to", "0.33.0")
    assert reported.code == 0
    assert (
        "rewritten  resources.shm_size: vLLM v0.33.0 refuses to start: it offloads 30 GiB into /dev/shm" in reported.out
    )
    assert mmcompose(folder, "upgrade", "ocr", "--to", "0.33.0", "--write").code == 0
    assert "resources: {shm_size: 31g}  # small\n" in (folder / "profiles/ocr.yaml").read_text()
    assert mmcompose(folder, "validate").code == 0


def test_what_no_edit_can_mend_breaks(tmp_path: Path) -> None:
    row = '{slow: {reason: "{version} reads badly", since: "0.30.0", at: model, advice: wait for the next one}}'
    folder = project(tmp_path, {"ocr": f"{OCR}known_bad: {row}\n"})
    reported = mmcompose(folder, "upgrade", "ocr", "--to", "0.33.0")
    assert reported.code == 1
    assert "breaks     model: vLLM v0.33.0 reads badly (wait for the next one" in reported.out
