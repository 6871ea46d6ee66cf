"""A matrix of measurements: in which order, what is wrong with it, and where it goes on."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from mmcompose.bench.suite import matrix
from mmcompose.bench.suite import state as suite_state
from mmcompose.bench.suite.matrix import Cell, Suite

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = ["ocr", "ocr-b"]


def read(text: str) -> Suite:
    return matrix.read("s", "s.yaml", dedent(text).encode(), KNOWN)


def test_repeats_go_round_so_that_drift_is_no_difference() -> None:
    made = read("profiles: [ocr, ocr-b]\nkinds: [load]\nrepeats: 2\n")
    assert [(cell.profile, cell.repeat) for cell in made.cells] == [("ocr", 1), ("ocr-b", 1), ("ocr", 2), ("ocr-b", 2)]


def test_every_combination_is_one_run() -> None:
    made = read("""
        profiles: [ocr]
        kinds:
          load: {concurrency: ["1,2", "8"], output_tokens: 64, shared_prefix: true}
          sanity:
        set: {args.max_model_len: 4096}
        matrix: {args.max_num_seqs: [8, 16], args.dtype: [half]}
    """)
    assert made.problems == ()
    assert len(made.cells) == 6
    assert made.cells[0] == Cell(
        "ocr", "load", ("args.max_model_len=4096", "args.max_num_seqs=8", "args.dtype=half"),
        ("--concurrency=1,2", "--output-tokens=64", "--shared-prefix"),
    )  # fmt: skip
    assert len({cell.id for cell in made.cells}) == 6


WRONG = {
    "nothing": ("", "the file is empty"),
    "no mapping": ("- a", "must be a mapping"),
    "no YAML": ("a: [", "s.yaml:"),
    "only a comment": ("# a", "the file is empty"),
    "no kinds": ("profiles: [ocr]", "kinds: is missing"),
    "an unknown key": (
        "profiles: [ocr]\nkinds: [load]\nrepeat: 2",
        "repeat: is not a known key (did you mean repeats?)",
    ),
    "an unknown profile": ("profiles: [ocrr]\nkinds: [load]", "no profile 'ocrr' (did you mean ocr?)"),
    "an unknown kind": ("profiles: [ocr]\nkinds: {lod: {}}", "no kind 'lod' (did you mean load?)"),
    "kinds as text": ("profiles: [ocr]\nkinds: load", "kinds: must be a list of names"),
    "no repeats": ("profiles: [ocr]\nkinds: [load]\nrepeats: 0", "0 is no number of repeats"),
    "true repeats": ("profiles: [ocr]\nkinds: [load]\nrepeats: true", "True is no number of repeats"),
    "an empty list": ("profiles: [ocr]\nkinds: [load]\nmatrix: {args.a: []}", "matrix.args.a: an empty list"),
    "a deep value": ("profiles: [ocr]\nkinds: [load]\nset: {args.a: {b: 1}}", "set.args.a: must be a plain value"),
    "options as a list": ("profiles: [ocr]\nkinds: {load: [a]}", "kinds.load: must be a mapping"),
    "too many": (
        "profiles: [ocr]\nkinds: [load]\nmatrix: {a: [1,2,3,4,5,6,7,8,9,10], b: [1,2,3,4,5,6,7,8,9,10]}\nrepeats: 1000",
        "100000 runs; more than 10000 are surely a mistake",
    ),
    "far too many": (
        "profiles: [ocr]\nkinds: [load]\nmatrix:\n" + "".join(f"  {name}: {list(range(20))}\n" for name in "abcdefgh"),
        "25600000000 runs",
    ),
    "options beyond counting": (
        "profiles: [ocr]\nkinds:\n  load:\n" + "".join(f"    a{n}: {list(range(20))}\n" for n in range(30)),
        "more than 1000000000000000 runs",
    ),
}


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_suite_is_told(text: str, said: str) -> None:
    made = read(text)
    assert made.cells == ()
    assert any(said in str(problem) for problem in made.problems), made.problems


def test_a_suite_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    done, failed, left = Cell("ocr", "load"), Cell("ocr", "sanity"), Cell("ocr-b", "load")
    state = suite_state.read(tmp_path / "s")
    state.keep(done, "load/x", 0)
    state.keep(failed, None, 4)
    again = suite_state.read(tmp_path / "s")
    assert [again.has(cell) for cell in (done, failed, left)] == [True, False, False]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": []}', '{"cells": {"a": 1}}', '{"cells": null}'])
def test_a_state_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / suite_state.STATE).write_text(text)
    assert suite_state.read(tmp_path).done == {}
    json.dumps(suite_state.read(tmp_path).done)
