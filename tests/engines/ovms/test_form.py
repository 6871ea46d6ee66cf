"""What is no text format, and what is but looks odd: told by place, and read on as far as it can be read."""

from __future__ import annotations

import pytest

from mmcompose.engines.ovms.fault import MOST_SHOWN
from mmcompose.engines.ovms.graph.graph import check_graph
from tests.engines.ovms.making import CORRECTED


def printed(text: str) -> list[str]:
    return [str(fault) for fault in check_graph(text, "2025.4.1")]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "1:1: the graph is empty"),
        (" \n\t", "1:1: the graph is empty"),
        ('{"input_stream": ["a"]}', "1:1: this is JSON; a graph is written in protobuf text format"),
        ("\ufeff" + CORRECTED, "1:1: the file begins with a byte order mark"),
        (CORRECTED.rstrip().removesuffix("}"), "3:6: { is never closed"),
        (CORRECTED + "}", "29:1: } closes nothing"),
        (CORRECTED.replace('"LLMExecutor"', '"LLMExecutor'), "4:9: the string has no closing quote"),
        (CORRECTED.replace('"GPU"', r'"\q"'), r"16:15: unknown escape \q in the string"),
        (CORRECTED.replace('device: "GPU"', 'device:\u00a0"GPU"'), "16:14: the character U+00A0 does not belong here"),
        (CORRECTED.replace('device: "GPU"', 'device "GPU"'), "16:14: expected a : or a {, found '\"GPU\"'"),
        (CORRECTED.replace('device: "GPU"', "device:"), "17:7: device: must be a string, not max_num_seqs"),
        ("node {" * 100, "nested deeper than 60 levels"),
        ("= " * 1000, "expected a field name, found '='"),
    ],
)
def test_what_is_no_text_format_at_all(text: str, fault: str) -> None:
    reported = printed(text)
    assert any(fault in one for one in reported), reported


def test_two_broken_lines_are_both_reported_and_what_stands_between_is_judged() -> None:
    text = CORRECTED.replace('name: "LLM', 'name = "LLM').replace("cache_size: 32", "cache_size = 32\nblock_size: 1")
    reported = printed(text)
    assert [one.split(":")[0] for one in reported if "expected" in one] == ["4", "19"]
    assert any("block_size: removed in 2025.0" in one for one in reported)


def test_separators_comments_and_old_spellings_of_text_format_are_right() -> None:
    text = (
        CORRECTED.replace("node {", "node: <")
        .replace("  }\n}\n", "  }\n>\n")
        .replace("cache_size: 32", "cache_size: 0x20;")
    )
    assert printed("# a comment\n" + text.replace('device: "GPU"', "device: 'G' \"PU\",")) == []


def test_a_flood_of_faults_is_cut_off() -> None:
    assert len(check_graph("x: 1\n" * 5000, "2025.4.1")) == MOST_SHOWN + 1
