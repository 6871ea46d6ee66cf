"""What a service reads from the store of weights, and which names may never reach it."""

from __future__ import annotations

import pytest

from mmcompose.core.pipeline import Compilation
from mmcompose.core.place import supplies
from tests.making import compilation, problems

PROFILE = "backend: llamacpp\nmodel: tiny\nhost: cpu\n"
TINY = "repo: org/tiny, format: gguf"


def made(weights: str) -> Compilation:
    return compilation({"profiles/chat.yaml": PROFILE, "profiles/models/tiny.yaml": f"weights: {{{weights}}}\n"})


def options(weights: str) -> list[str]:
    profile = made(weights).profiles["chat"]
    return supplies.request(profile.services["chat"], profile.engines["chat"])


@pytest.mark.parametrize(
    "wrong",
    [
        "revision: ../../../etc",
        "revision: --plain",
        "revision: a b",
        "file: ../../../etc/passwd",
        "file: a/../b.gguf",
        "file: /etc/passwd",
        "file: --plain",
        "file: '*.gguf'",
        'file: "a\\nb.gguf"',
        'include: ["\\e[31m*"]',
        'exclude: ["a\\nb"]',
        "repo: org/ti--ny",
    ],
)
def test_a_name_that_leaves_the_store_or_looks_like_an_option_is_refused_where_it_stands(wrong: str) -> None:
    key = wrong.partition(":")[0]
    others = [part for part in (*TINY.split(", "), "file: a.gguf") if not part.startswith(f"{key}:")]
    (line,) = problems(made(", ".join([*others, wrong])))
    assert line.startswith("profiles/models/tiny.yaml:1:")
    assert f"weights.{key}" in line


@pytest.mark.parametrize("fine", ["refs/pr/3", "v1.0", "_x/y-z", "a" * 40, '""'])
def test_branches_tags_and_commits_are_revisions(fine: str) -> None:
    assert problems(made(f"{TINY}, file: a.gguf, revision: {fine}")) == []


def test_the_file_that_the_engine_loads_is_fetched_whatever_else_is_named() -> None:
    assert options(f"{TINY}, file: a.gguf, include: ['*.json']").count("--include") == 2
    assert "a.gguf" in options(f"{TINY}, file: a.gguf, include: ['*.json']")


def test_a_bracket_in_the_name_of_a_file_is_no_pattern() -> None:
    assert "a[[]b].gguf" in options(f"{TINY}, file: 'a[b].gguf'")
