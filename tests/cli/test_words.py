"""Small words that people meet: what a render says, what a mistyped name gets, and the entry point itself."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mmcompose import __version__
from tests.disk import CHAT, mmcompose, program, project

if TYPE_CHECKING:
    from pathlib import Path


def test_the_files_of_a_build_folder_are_reported_as_one(tmp_path: Path) -> None:
    assert mmcompose(tmp_path, "init", "job", "--profile", "ocr-cpu").code == 0
    printed = mmcompose(tmp_path / "job", "render").err.splitlines()
    assert any(line.startswith("created compose/build/rapidocr/ (") and line.endswith(" files)") for line in printed)
    assert "created compose/ocr-cpu.yaml" in printed
    assert not any(line.endswith("Dockerfile") for line in printed)


def test_an_unknown_shipped_profile_is_answered_with_those_that_there_are(tmp_path: Path) -> None:
    assert "did you mean ocr-cpu?" in mmcompose(tmp_path, "init", "job", "--profile", "ocr-cpus").err
    assert "chat-cpu, " in mmcompose(tmp_path, "init", "job", "--profile", "zzzzz").err


def test_what_the_command_line_sets_is_held_against_the_one_profile_that_is_explained(tmp_path: Path) -> None:
    project(tmp_path, {"chat": CHAT, "ocr": "model: glm-ocr\nhost: gpu-12gb\n"})
    answer = mmcompose(tmp_path, "explain", "ocr", "gpu.count", "--host", "cpu")
    assert answer.code == 2
    assert "vLLM does not run on cpu" in answer.err
    answer = mmcompose(tmp_path, "explain", "chat", "host", "--backend-version", "b9000")
    assert "v0.24.0" not in answer.err


@pytest.mark.parametrize(
    ("file", "code"), [("nosuch", 2), (".", 2), ("empty.json", 2), ("latin-1.pbtxt", 2), ("right.json", 0)]
)
def test_the_program_ends_with_the_code_that_a_command_ends_with(tmp_path: Path, file: str, code: int) -> None:
    (tmp_path / "empty.json").touch()
    (tmp_path / "latin-1.pbtxt").write_bytes(b"# caf\xe9\n")
    (tmp_path / "right.json").write_text('{"model_config_list": []}')
    answer = program(tmp_path, "ovms", "check", file)
    assert answer.code == code, answer.err
    assert ("1 problem" in answer.err) is (code == 2)


@pytest.mark.parametrize(
    "arguments",
    [
        "up |", "up chat |", "switch |", "down |", "logs |", "restart |", "pull |", "test |", "status |", "explain |",
        "validate |", "upgrade |", "doctor |", "ocr |", "hosts detect |", "init |", "init --profile |", "up --model |",
        "bench run |", "bench list |", "bench show |", "bench promote |", "bench report |", "bench compare |",
        "bench compare latest |", "bench vram |", "engines flags |",
    ],
)  # fmt: skip
@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_name_is_refused_and_means_nothing(tmp_path: Path, arguments: str, empty: str) -> None:
    project(tmp_path, {"chat": CHAT})
    answer = program(tmp_path, *(empty if term == "|" else term for term in arguments.split()))
    assert answer.code == 2
    assert "the name is empty: write a name" in answer.err


def test_no_folder_is_not_this_folder(tmp_path: Path) -> None:
    project(tmp_path, {"chat": CHAT})
    answer = program(tmp_path, "-C", "", "list")
    assert (answer.code, answer.out) == (2, "")


def test_the_program_runs_as_a_module_too(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "mmcompose", "--version"], cwd=tmp_path, capture_output=True, check=True
    )
    assert ran.stdout.decode() == f"mmcompose {__version__}\n"


@pytest.mark.parametrize(
    ("typed", "hint"), [("stop", "`down PROFILE` ends a profile"), ("exec", "docker compose exec"), ("statu", "status")]
)
def test_a_command_of_composes_is_answered_with_what_does_it_here(tmp_path: Path, typed: str, hint: str) -> None:
    answer = program(tmp_path, typed)
    assert answer.code == 2
    assert hint in answer.err
    assert f"error: no command '{typed}'" in answer.err


@pytest.mark.parametrize("name", ["ps", "benchmark"])
def test_some_commands_have_a_second_name_that_people_know(tmp_path: Path, name: str) -> None:
    assert program(tmp_path, name, "--help").code == 0


def test_all_errors_look_alike(tmp_path: Path) -> None:
    assert "\nerror: No such option" in program(tmp_path, "up", "--nonsense").err
    assert program(tmp_path, "up", "x").err.startswith("error: ")


def test_one_option_for_patience_is_taken_by_all_that_wait(tmp_path: Path) -> None:
    for command in (
        ("up",),
        ("switch",),
        ("test",),
        ("restart",),
        ("bench", "run"),
        ("bench", "suite"),
        ("bench", "vram"),
    ):
        assert "--timeout, --server-timeout SECONDS" in program(tmp_path, *command, "--help").out


@pytest.mark.parametrize("arguments", [(), ("bench",), ("engines",)])
def test_a_group_of_commands_without_a_command_shows_its_help_once(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    answer = program(tmp_path, *arguments)
    assert answer.code == 2
    assert answer.err.startswith("Usage: mmcompose")
    assert answer.err.count("Usage:") == 1
    assert "error:" not in answer.err


def test_an_option_of_the_client_is_led_behind_the_dashes(tmp_path: Path) -> None:
    answer = program(tmp_path, "bench", "run", "chat", "load", "--concurrency", "2")
    assert answer.code == 2
    assert "Options of the client stand behind `--`: write -- --concurrency" in answer.err
