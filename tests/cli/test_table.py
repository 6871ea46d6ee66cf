"""Tables: whole in a pipe, and on a terminal no wider than it is."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from mmcompose.core.columns import Fit, fitted, page
from tests.disk import CHAT, PROGRAM, mmcompose, project
from tests.making import ROOT

if TYPE_CHECKING:
    from pathlib import Path

LONG = "a description that says much more than there is room for in eighty columns of a terminal"
COMMIT = "8337e4cd3861406fc04e0854b1409cd1b027fbc9"
ALL = [
    ["NAME", "some-name"],
    ["FILE", "a/long/path.yaml"],
    ["PORTS", "8000"],
    ["DESCRIPTION", "twenty-two letters wide"],
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    eight = f"model: glm-45-air\nbackend: ik_llama\nhost: gpu-8x\ngpu: {{count: all}}\ndescription: {LONG}\n"
    return project(tmp_path, {"chat": f"{CHAT}description: {LONG}\n", "big-one": eight, "big-two": eight})


def on_a_terminal(folder: Path, columns: int, *arguments: str, errors: bool = False) -> list[str]:
    """What a person sees whose terminal is so wide; `errors`: of a command that fails."""
    ours, theirs = os.openpty()
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": str(columns)}
    run = subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL if errors else theirs,
        stderr=theirs if errors else subprocess.DEVNULL,
    )
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 65536):
            seen += chunk
    except OSError:
        pass  # so Linux tells that the other end is closed
    os.close(ours)
    assert bool(run.wait()) is errors
    return seen.decode().splitlines()


@pytest.mark.parametrize("arguments", [("list",), ("list", "models"), ("list", "backends"), ("list", "hosts")])
def test_no_row_is_wider_than_the_terminal(folder: Path, arguments: tuple[str, ...]) -> None:
    lines = on_a_terminal(folder, 80, *arguments)
    assert len(lines) > 3
    assert max(map(len, lines)) <= 80


def test_what_a_profile_is_for_is_wrapped_below_its_row_and_not_cut(folder: Path) -> None:
    lines = on_a_terminal(folder, 80, "list")
    reported = " ".join(" ".join(line.strip() for line in lines if line.startswith("    ")).split())
    assert reported.count(LONG) == 3
    assert "…" not in "".join(lines)


def test_a_pipe_gets_everything_and_a_wide_terminal_too(folder: Path) -> None:
    piped = mmcompose(folder, "list").out
    assert LONG in piped
    assert "…" not in piped
    assert on_a_terminal(folder, 300, "list") == piped.splitlines()


@pytest.mark.parametrize("kind", ["profiles", "backends"])
def test_a_commit_is_shown_by_its_first_digits_and_reported_whole_to_machines(folder: Path, kind: str) -> None:
    shown = mmcompose(folder, "list", kind).out
    assert f" {COMMIT[:12]} " in shown
    assert COMMIT not in shown
    assert COMMIT in mmcompose(folder, "list", kind, "--format", "json").out


def test_eight_gpus_are_reported_by_their_ends(folder: Path) -> None:
    assert " #0 to #7 " in mmcompose(folder, "list").out
    assert '"0,1,2,3,4,5,6,7"' in mmcompose(folder, "list", "--format", "json").out
    (row,) = (line for line in mmcompose(folder, "list", "--coexist").out.splitlines() if "big-one" in line)
    assert "both claim GPU 0 to 7 alone" in row
    assert len(row) < 120


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (60, "some-name  a/long/path.yaml  8000   twenty-two letters wide"),
        (56, "some-name  a/long/path.yaml  8000   twenty-two letters…"),
        (47, "some-name  a/long/path.yaml  8000   twenty-two…"),
        (46, "some-name  a/long/path.yaml  8000"),
        (37, "some-name  a/long/path.yaml  8000"),
        (36, "some-name  a/long/path.ya…  8000"),
        (29, "some-name  a/long/…  8000"),
        (28, "some-name  8000"),
        (5, "some-name  8000"),
    ],
)
def test_what_matters_least_is_shortened_then_left_out(width: int, shown: str) -> None:
    head, row = lines(fitted(ALL, ["DESCRIPTION", "FILE"], width))
    assert row == shown
    assert head.endswith("…") is ("DESCRIPTION" not in head)


def lines(columns: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in columns]
    cells = zip(*columns, strict=True)
    return ["  ".join(cell.ljust(n) for cell, n in zip(line, widths, strict=True)).rstrip() for line in cells]


def test_what_may_not_be_left_out_is_shortened_the_widest_first() -> None:
    columns = [["NAME", "a-long-name"], ["WHY", "because it is so"], ["HOW", "very well"]]
    assert fitted(columns, [], 32)[1:] == [["WHY", "because…"], ["HOW", "very well"]]
    assert fitted(columns, [], 5)[0] == columns[0]


def test_a_shorter_form_is_taken_before_anything_is_cut_and_what_should_be_whole_is_cut_last() -> None:
    columns = [["NAME", "a-name"], ["URL", "http://127.0.0.1:8000/v1"], ["MODEL", "a-model-with-a-name"]]
    fit = Fit(brief={"URL": lambda text: text.replace("http://", "")}, whole=("URL",))
    assert fitted(columns, (), 53, fit) == columns
    assert [column[1] for column in fitted(columns, (), 52, fit)] == [
        "a-name",
        "127.0.0.1:8000/v1",
        "a-model-with-a-name",
    ]
    assert [column[1] for column in fitted(columns, (), 40, fit)] == ["a-name", "127.0.0.1:8000/v1", "a-model-with…"]


def test_what_has_no_room_is_reported_below_its_row() -> None:
    columns = [["NAME", "one", "two"], ["PORT", "8000", "8001"], ["WHY", "because it is so", ""]]
    fit = Fit(("WHY", "PORT"), below=True)
    assert page(columns, fit, 28) == ["NAME  PORT  WHY", "one   8000  because it is so", "two   8001"]
    assert page(columns, fit, 20) == ["NAME  PORT", "one   8000", "    because it is so", "two   8001"]
    assert page(columns, fit, 8) == [
        "NAME",
        *("one", "    port: 8000; why:", "    because it is so"),
        *("two", "    port: 8001"),
    ]


def test_numbers_stand_at_the_right_ends_of_their_columns() -> None:
    assert page([["AT", "c=1"], ["TOK/S", "8"]], Fit(), right=("TOK/S",)) == ["AT   TOK/S", "c=1      8"]


def test_a_long_message_breaks_at_blanks(folder: Path) -> None:
    (folder / "profiles/chat.yaml").write_text(f"{CHAT}args: {{ctx_siz: 1}}\ndescribtion: {LONG}\n")
    lines = on_a_terminal(folder, 60, "validate", errors=True)
    piped = mmcompose(folder, "validate").err
    assert " ".join(" ".join(lines).split()) == " ".join(piped.split())
    assert max(map(len, lines)) <= 60 < max(map(len, piped.splitlines()))
