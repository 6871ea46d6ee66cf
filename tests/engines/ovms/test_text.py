"""Strings survive text format whatever they hold, judged by the real parser."""

from __future__ import annotations

import math

import pytest
from google.protobuf import struct_pb2, text_format
from hypothesis import given
from hypothesis import strategies as st

from mmcompose.engines.ovms.graph.text import Enum, pbtxt_scalar
from mmcompose.engines.ovms.graph.text_tree import Scalar, read_tree

HOSTILE = [
    '"',
    "\\",
    '\\"',
    "'",
    "\n",
    "\r\n",
    "\t",
    "\x00",
    "\x7f",
    "\u0085",
    "\u2028",
    "é",
    "🙂",
    '"}\nnode {',
    "# no",
    "\\x41",
]


def read_back(written: str) -> str:
    """What the real parser makes of a string."""
    return text_format.Parse(f"string_value: {written}", struct_pb2.Value()).string_value


@given(st.text() | st.lists(st.sampled_from(HOSTILE)).map("".join))
def test_every_string_comes_back_as_it_was(text: str) -> None:
    written = pbtxt_scalar(text)
    assert read_back(written) == text
    assert "\n" not in written


@given(st.text() | st.lists(st.sampled_from(HOSTILE)).map("".join))
def test_our_own_reader_agrees_with_the_real_one(text: str) -> None:
    tree, faults = read_tree(f"a: {pbtxt_scalar(text)}")
    assert faults == []
    assert tree is not None
    value = tree.entries[0].values[0]
    assert isinstance(value, Scalar)
    assert value.text == text


@given(st.floats() | st.integers(-(2**53), 2**53))
def test_numbers_come_back(number: float) -> None:
    back = text_format.Parse(f"number_value: {pbtxt_scalar(number)}", struct_pb2.Value()).number_value
    assert back == number or math.isnan(number)


@pytest.mark.parametrize(
    ("value", "written"),
    [(True, "true"), (False, "false"), (3, "3"), (-1, "-1"), (1e300, "1e+300"), (Enum("VLM_CB"), "VLM_CB")],
)
def test_what_stands_bare(value: object, written: str) -> None:
    assert pbtxt_scalar(value) == written


@pytest.mark.parametrize("term", ["", "A B", "a.b", '"', "1A", "A}", "a\n", "é"])
def test_nothing_is_smuggled_in_as_a_text(term: str) -> None:
    with pytest.raises(ValueError, match="not a bare word"):
        Enum(term)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        pbtxt_scalar("\ud800")
    with pytest.raises(TypeError, match="no form for NoneType"):
        pbtxt_scalar(None)
