"""Absurd nesting is refused before it can hurt, and what only looks like nesting is not."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmcompose.core.read.load import MAX_BYTES, MAX_DEPTH, load, load_text


def loaded(text: str) -> list[str]:
    return [str(problem) for problem in load("profile", "x.yaml", text.encode())[1]]


NESTED = {
    "brackets": "[" * 100_000,
    "braces": "{a: " * 100_000,
    "dashes": "- " * 200_000,
    "question marks": "? " * 500_000,
    "dashes and question marks": "- ? " * 250_000,
    "indented mappings": "\n".join(" " * i + "a:" for i in range(1400)),
    "indented lists": "\n".join(" " * i + "-" for i in range(1400)),
    "just under the coarse limit": "\n".join(" " * i + "a:" for i in range(250)),
    "lists in mappings": "\n".join(" " * (2 * i) + "- a:" for i in range(120)),
    "brackets under indentation": "\n".join(" " * i + "a:" for i in range(60)) + " " + "[" * 60 + "]" * 60,
}


@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED.keys())
def test_absurd_nesting_is_one_problem_and_never_a_crash(text: str) -> None:
    faults = loaded(text)
    assert len(faults) == 1
    assert faults[0].endswith(f"nested deeper than {MAX_DEPTH} levels")


@pytest.mark.parametrize("text", ["-\t" * 200_000, ": " * 500_000], ids=["dashes and tabs", "empty keys"])
def test_absurd_text_that_is_no_yaml_is_one_problem_too(text: str) -> None:
    assert len(loaded(text)) == 1


def test_ten_thousand_levels_of_indentation_are_too_large_a_file() -> None:
    text = "\n".join(" " * i + "a:" for i in range(10_000))
    assert loaded(text) == ["x.yaml:1:1: is larger than 1 MiB (keep a profile to a page of text)"]


def test_the_parser_in_c_survives_the_deepest_text_that_is_let_through() -> None:
    """In a process of its own: where it does not survive, no exception tells."""
    program = (
        "from mmcompose.core.read.load import load_text\n"
        'load_text("", "", "\\n".join(" " * i + "-" for i in range(256)) + " " + "- " * 128 + "[" * 64)\n'
        'load_text("", "", "\\n".join(" " * i + "?" for i in range(256)) + " " + "? " * 128 + "{a: " * 64)\n'
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_nesting_that_people_write_is_let_through() -> None:
    text = "".join(" " * (2 * i) + f"level{i}:\n" for i in range(40)) + " " * 80 + "x: [[[[1]]]]\n"
    assert loaded(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "a: |\n  " + "- - - - - - - \n  " * 10 + "\n",
        'a: "' + "[" * 500 + '"\n',
        "a: '" + "[{" * 500 + "'\n",
        "a: 1 # " + "[" * 500 + "\n",
        "# " + "-" * 500 + "\na: 1\n",
        "# " + "{" * 500 + "\na: 1\n",
        "a: x" + "[" * 500 + "\n",
        "a: |\n  " + "{" * 500 + "\n",
        "a: it's [" + ", ".join("[1]" for _ in range(200)) + "\n",
        "a: [" + ", ".join("[1]" for _ in range(200)) + "]\n",
        "why: {args.x: '" + "]" * 200 + "[" * 300 + "'}\n",
    ],
)
def test_nesting_that_is_only_text_is_let_through(text: str) -> None:
    assert loaded(text) == []


def test_brackets_in_quotes_that_seem_to_close_do_not_hide_real_nesting() -> None:
    for text in ('["]", ' * 100_000, "[']', " * 100_000, "[ # ]\n" * 100_000, '{"}": ' * 100_000):
        faults = loaded(text)
        assert len(faults) == 1
        assert faults[0].endswith(f"nested deeper than {MAX_DEPTH} levels")


PIECES = st.sampled_from(
    ["[", "]", "{", "}", '"]"', "'['", "a", ", ", "a: ", " # [[\n", "\n", "- ", "? ", "|\n  [[", "x["]
)


@given(st.lists(PIECES, max_size=60).map("".join), st.integers(1, 400))
def test_what_is_let_through_is_never_deeper_than_the_limit(text: str, times: int) -> None:
    for repeated in (text * times, "[" * times + text, text + "]" * times):
        tree, faults = load_text("profile", "x.yaml", repeated[: MAX_BYTES // 4])
        assert tree is None or depth_of(tree.value) <= MAX_DEPTH
        assert tree is not None or faults


def depth_of(value: object) -> int:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
    inside = [depth_of(child.value) for child in children]
    return 1 + max(inside, default=0) if isinstance(value, (dict, tuple)) else 0
