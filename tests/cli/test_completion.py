"""What the shell offers while a command is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.disk import CHAT, program, project

if TYPE_CHECKING:
    from pathlib import Path

OCR = "model: glm-ocr\nbackend: vllm\nhost: gpu-12gb\n"


def offered(folder: Path, line: str) -> list[str]:
    """What bash would show behind a line, as Click's own script asks for it."""
    words = line.split(" ")
    asked = {"_MMCOMPOSE_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    return [said.partition(",")[2] for said in program(folder, *words[1:], **asked).out.splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return project(tmp_path, {"chat": CHAT, "ocr": OCR, "ocr-slow": OCR})


@pytest.mark.parametrize(
    "command", ["up", "down", "switch", "test", "bench run", "bench list", "restart", "pull", "logs", "explain"]
)
def test_a_profile_is_completed_where_one_is_asked_for(folder: Path, command: str) -> None:
    assert offered(folder, f"mmcompose {command} oc") == ["ocr", "ocr-slow"]


@pytest.mark.parametrize(
    ("line", "some"),
    [
        ("mmcompose up ocr --host gpu", "gpu-12gb"),
        ("mmcompose up ocr --set resources.me", "resources.memory="),
        ("mmcompose up ocr --set args.max_num_s", "args.max_num_seqs="),
        ("mmcompose engines flags vl", "vllm"),
        ("mmcompose engines flags vllm --version 0.2", "0.24.0"),
        ("mmcompose bench run ocr sa", "sanity"),
        ("mmcompose bench show 2026", "20260101T000000Z-ocr-abcdef"),
        ("mmcompose bench compare lat", "latest"),
        ("mmcompose switch chat --backend sg", "sglang"),
    ],
)
def test_so_are_hosts_paths_flags_engines_releases_kinds_and_runs(folder: Path, line: str, some: str) -> None:
    run = folder / "benchmarks/results/load/20260101T000000Z-ocr-abcdef/result.json"
    run.parent.mkdir(parents=True)
    run.touch()
    assert some in offered(folder, line)


def test_a_broken_project_completes_nothing_and_says_nothing(tmp_path: Path) -> None:
    folder = project(tmp_path, {"mmcompose.yaml": "name: [", "ocr": "model: ["})
    answer = program(
        folder, _MMCOMPOSE_COMPLETE="bash_complete", COMP_WORDS="mmcompose up ocr --set args.x", COMP_CWORD="4"
    )
    assert (answer.out.strip(), answer.err) == ("", "")
