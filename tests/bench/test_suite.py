"""A matrix of measurements: in which order, what is wrong with it, and where it goes on."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from mmcompose.bench.suite import matrix
from mmcompose.bench.suite import state as suite_state
from mmcompose.bench.suite.matrix import Cell, Suite
from mmcompose.model.failure import Failure

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


@pytest.mark.parametrize(("text", "printed"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_suite_is_reported(text: str, printed: str) -> None:
    made = read(text)
    assert made.cells == ()
    assert any(printed in str(problem) for problem in made.problems), made.problems


def test_a_suite_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    done, failed, left = Cell("ocr", "load"), Cell("ocr", "sanity"), Cell("ocr-b", "load")
    state = suite_state.read(tmp_path / "s")
    state.keep(done, "load/x", 0)
    state.keep(failed, None, 4)
    again = suite_state.read(tmp_path / "s")
    assert [again.has(cell) for cell in (done, failed, left)] == [True, False, False]


def test_one_that_fails_or_cannot_be_measured_stops_none_of_the_others(tmp_path: Path) -> None:
    state, notes = suite_state.read(tmp_path), list[str]()
    cells = [Cell("ocr", "load"), Cell("ocr", "sanity"), Cell("ocr-b", "load")]

    def measure(cell: Cell) -> tuple[str | None, int]:
        if cell.kind == "sanity":
            raise Failure("ocr is being measured already")
        return "load/x", 4 if cell.profile == "ocr" else 0

    failed = state.go_on(cells, measure, notes.append)
    assert failed == ["  ocr load #1: exit code 4", "  ocr sanity #1: exit code 1"]
    assert notes == ["[1/3] ocr load #1", "[2/3] ocr sanity #1", "ocr is being measured already", "[3/3] ocr-b load #1"]
    assert [state.has(cell) for cell in cells] == [False, False, True]


def test_an_interruption_ends_a_suite_and_keeps_what_is_done(tmp_path: Path) -> None:
    state = suite_state.read(tmp_path)
    cells = [Cell("ocr", "load"), Cell("ocr", "sanity"), Cell("ocr-b", "load")]
    codes = {"load": 0, "sanity": 130}
    with pytest.raises(KeyboardInterrupt):
        state.go_on(cells, lambda cell: ("load/x", codes[cell.kind]), lambda _: None)
    assert list(suite_state.read(tmp_path).done) == [cell.id for cell in cells[:2]]


def test_the_command_of_a_cell_measures_it_alone() -> None:
    cell = Cell("ocr", "load", ("args.max_num_seqs=8",), ("--concurrency=1,2",))
    assert cell.command == "mmcompose bench run ocr load --set args.max_num_seqs=8 -- --concurrency=1,2"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": []}', '{"cells": {"a": 1}}', '{"cells": null}'])
def test_a_state_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / suite_state.STATE).write_text(text)
    assert suite_state.read(tmp_path).done == {}
    json.dumps(suite_state.read(tmp_path).done)
