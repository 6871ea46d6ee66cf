"""A kind of benchmark is known by its name to its own files alone, so that one more is one file on each side."""

from __future__ import annotations

import re

import pytest

from mmcompose.engines.known.benchmarks import kinds
from tests.architecture.branches import on_a_kind
from tests.architecture.house import ROOT

OWN = ("mmcompose/bench/kinds/", "mmcompose/bench/vram/", "benchmarks/mmbench/kinds/")
"""Where the files of one kind lie."""
SOURCES = [
    path
    for folder in ("mmcompose", "benchmarks/mmbench")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if not path.relative_to(ROOT).as_posix().startswith(OWN)
]


def test_no_other_code_asks_for_a_kind_by_its_name() -> None:
    offences = [
        f"{path.relative_to(ROOT)}: {offence}"
        for path in SOURCES
        for offence in on_a_kind(path.read_text(encoding="utf-8"))
    ]
    assert offences == []


def test_no_template_of_the_target_names_a_kind() -> None:
    named = re.compile("|".join(rf"[\"']{name}[\"']" for name in kinds()))
    found = {path.name: named.findall(path.read_text("utf-8")) for path in (ROOT / "templates/compose").rglob("*.j2")}
    assert {name: names for name, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "source",
    [
        "if record.kind == 'vram': ...",
        "if 'vram' in request.kinds: ...",
        "x = kind in ('load', other)",
        "x = own == {'vram'}",
        "match kind:\n    case 'sanity': ...",
        "x = kinds()['sanity'].asks",
        "x = contained().get('vllm-bench')",
    ],
)
def test_a_question_for_a_name_is_seen(source: str) -> None:
    assert list(on_a_kind(source))


@pytest.mark.parametrize("source", ["x = at(point, 'load') == 3", "x = {'kind': 'vram'}", "x = result['load']"])
def test_the_same_letters_elsewhere_are_left_alone(source: str) -> None:
    assert not list(on_a_kind(source))
