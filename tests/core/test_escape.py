"""Autoescape: any text becomes one scalar that reads back as itself, and a comment never becomes anything else."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import TemplateError

from mmcompose.core.read.load import load_text
from mmcompose.core.render.compose.target import TARGET, yaml_text
from mmcompose.core.render.escape import comment
from mmcompose.core.render.renderer import Renderer, tidy
from mmcompose.model import Project

any_text = st.text(st.characters(codec="utf-8"))  # no surrogates: no file can hold one
wild_text = st.text(
    st.sampled_from("\"'\\$#:-?&*!|>%@`{}[], \t\n\r\0\x07\x1b\x7f\x85\xa0\u2028\u2029\ufeff\ufffeä𝄞~0nN")
)

LINE_ENDS = ["\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]


@settings(max_examples=500)
@given(any_text | wild_text)
def test_a_text_reads_back_as_itself_with_its_dollars_doubled(text: str) -> None:
    written = yaml_text(text)
    assert "\n" not in written
    want = text.replace("$", "$$")
    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        assert yaml.load(f"- {written}\n- [{written}]\n- {{{written}: 1}}\n", Loader=loader) == [
            want,
            [want],
            {want: 1},
        ]


@given(any_text | wild_text)
def test_our_own_loader_reads_it_back_too(text: str) -> None:
    if "\0" in text:
        return
    tree, faults = load_text("", "", f"a: {yaml_text(text)}\n")
    assert not faults
    assert tree is not None
    assert tree.plain() == {"a": text.replace("$", "$$")}


@pytest.mark.parametrize(
    "text", ["on", "no", "null", "~", "", "012", "0o17", "1e3", "22:30", "1.10", "2024-01-31", "=", "<<"]
)
def test_a_text_that_readers_disagree_on_is_always_quoted(text: str) -> None:
    assert yaml_text(text) == f'"{text}"'


@settings(max_examples=300)
@given(any_text | wild_text, st.integers(0, 14))
def test_a_comment_is_only_comment_lines(text: str, indent: int) -> None:
    document = f"a: 1\n{' ' * indent}{comment(text, indent)}\nb: 2\n"
    assert yaml.safe_load(document) == {"a": 1, "b": 2}
    for line in document.splitlines()[1:-1]:
        assert not line.strip() or line.strip().startswith("#")


@pytest.mark.parametrize("end", LINE_ENDS)
def test_no_line_end_of_any_kind_breaks_out_of_a_comment(end: str) -> None:
    made = comment(f"a reason{end}privileged: true", 4)
    assert made == "# a reason\n    # privileged: true"


def test_a_comment_keeps_its_text_and_drops_what_cannot_be_seen() -> None:
    assert comment("  half\tthe \x1b[31mmemory\x07 ü ") == "# half the [31mmemory ü"
    assert comment("") == ""
    assert comment("\n \n") == ""


def renderer(template: str) -> Renderer:
    return Renderer(
        Project("mm", "127.0.0.1", "8100-8199", "cpu"),
        {"x.yaml.j2": template, "x.json.j2": template},
        lambda _: None,
        finalizers=TARGET.finalizers,
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a", '"a"'),
        ("a'<&>\"b", '"a\'<&>\\"b"'),
        ("$HOME", '"$$HOME"'),
        (5, "5"),
        (1.5, "1.5"),
        (True, "true"),
        (False, "false"),
        (None, "null"),
    ],
)
def test_a_template_needs_no_filter_to_write_a_value(value: object, written: str) -> None:
    assert renderer("a: {{ value }}\n").text("x.yaml.j2", {"value": value}) == f"a: {written}\n"


def test_a_constant_of_a_template_is_escaped_like_a_value() -> None:
    assert renderer('a: {{ "x" ~ value ~ "<$>" }}\nb: {{ "<$>" }}\n').text("x.yaml.j2", {"value": "é"}) == (
        'a: "xé<$$>"\nb: "<$$>"\n'
    )


@given(any_text | wild_text)
def test_a_json_template_writes_json(text: str) -> None:
    made = renderer("{{ value }}\n").text("x.json.j2", {"value": text})
    assert json.loads(made) == text


@pytest.mark.parametrize(
    ("template", "context"),
    [
        ("a: {{ missing }}\n", {}),
        ("a: {{ value.missing }}\n", {"value": {}}),
        ("a: {{ value }}\n", {"value": {"b": 1}}),
        ("a: {{ value }}\n", {"value": [1]}),
    ],
)
def test_what_is_missing_or_no_single_value_is_an_error_and_never_an_empty_place(
    template: str, context: dict[str, Any]
) -> None:
    with pytest.raises((TemplateError, TypeError)):
        renderer(template).text("x.yaml.j2", context)


def test_lines_that_macros_left_empty_are_dropped_and_sections_stay_apart() -> None:
    assert tidy("\n\na:\n\n  b: 1\n   \n  c: 2\n\n\n\nd: 3\n\n") == "a:\n  b: 1\n  c: 2\n\nd: 3\n"
