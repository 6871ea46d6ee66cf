"""What the shell offers while a command is typed."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.disk import CHAT, program, project

OCR = "model: glm-ocr\nbackend: vllm\nhost: gpu-12gb\n"


def offered(folder: Path, line: str) -> list[str]:
    """What bash would show behind a line, as Click's own script asks for it."""
    arguments = line.split(" ")
    requested = {"_MMCOMPOSE_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(arguments) - 1)}
    return [printed.partition(",")[2] for printed in program(folder, *arguments[1:], **requested).out.splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return project(tmp_path, {"chat": CHAT, "ocr": OCR, "ocr-slow": OCR})


@pytest.mark.parametrize(
    "command", ["up", "down", "switch", "test", "bench run", "bench list", "restart", "pull", "logs", "explain"]
)
def test_a_profile_is_completed_where_one_is_requested(folder: Path, command: str) -> None:
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


@pytest.mark.parametrize("name", ["ocr$(id)", "ocr`id`", "ocr;id", "ocr\nx", "ocr\x1b[31m", "ocr x"])
def test_a_name_that_a_shell_would_take_for_more_is_not_offered(folder: Path, name: str) -> None:
    (folder / f"profiles/{name}.yaml").write_text(OCR)
    run = folder / f"benchmarks/results/load/{name}/result.json"
    run.parent.mkdir(parents=True)
    run.write_text("{}")
    assert offered(folder, "mmcompose up oc") == ["ocr", "ocr-slow"]
    assert "ocr" not in "".join(offered(folder, "mmcompose bench show oc"))


def test_a_broken_project_completes_nothing_and_says_nothing(tmp_path: Path) -> None:
    folder = project(tmp_path, {"mmcompose.yaml": "name: [", "ocr": "model: ["})
    answer = program(
        folder, _MMCOMPOSE_COMPLETE="bash_complete", COMP_WORDS="mmcompose up ocr --set args.x", COMP_CWORD="4"
    )
    assert (answer.out.strip(), answer.err) == ("", "")


def test_in_a_real_bash_the_value_of_a_path_comes_without_a_blank(folder: Path) -> None:
    ours, theirs = pty.openpty()
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.defpath}", "TERM": "dumb"}
    bash = ["bash", "--norc", "--noprofile", "-i"]
    process = subprocess.Popen(
        bash, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    try:
        os.write(ours, b'eval "$(mmcompose completion bash)"; complete -p mmcompose\n')
        assert "-F _mmcompose_completion mmcompose" in shown(ours, "-F _mmcompose_completion mmcompose")
        os.write(ours, b"mmcompose up ocr --set resources.me\t8g")
        assert "resources.memory=8g" in shown(ours, "=8g", "= 8g")
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def shown(terminal: int, *ends: str) -> str:
    """What a terminal shows, until one of these does."""
    printed, last = "", time.monotonic() + 60
    while not any(end in printed for end in ends) and time.monotonic() < last:
        if select.select([terminal], [], [], 1)[0]:
            printed += os.read(terminal, 65536).decode(errors="replace")
    return printed
