"""`mmcompose bench suite`: a matrix of measurements, one after the other, that goes on where it was stopped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mmcompose.cli.bench.progress import BenchProgress
from mmcompose.cli.printing.output import fail, note, say, writing
from mmcompose.cli.printing.table import table
from mmcompose.cli.shell.bringing import visited
from mmcompose.cli.shell.here import compiled, overrides, results, root
from mmcompose.cli.shell.start_options import patience
from mmcompose.core.columns import Fit
from mmcompose.model.failure import Invalid

if TYPE_CHECKING:
    from mmcompose.bench.suite.matrix import Cell, Suite
    from mmcompose.bench.suite.state import State
    from mmcompose.deploy.start.at_hand import AtHand


@click.command("suite")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show the runs in their order.")
@click.option("--again", is_flag=True, help="Measure everything anew, even finished runs.")
@patience()
@click.pass_obj
def command(folder: str, /, file: Path, dry_run: bool, again: bool, timeout: float | None) -> None:
    """Measure the matrix in FILE: profiles, kinds with their options, values to set, repeats. Each profile is
    switched in.

    A stopped suite continues where it was, and measures failed runs again. At its end it takes down the profiles
    that it brought up; a profile that was up before stays up, and you are told if its values changed. Exit code 4:
    something failed.

    \b
    mmcompose bench suite matrix.yaml --dry-run

    \b
    profiles: [ocr, ocr-deepseek]
    kinds:
      load: {concurrency: ["1,2,4,8"], output_tokens: [64, 256]}
      ocr-sweep: {}
    matrix: {args.max_num_seqs: [8, 16]}
    repeats: 3
    """
    from mmcompose.bench.suite import matrix
    from mmcompose.bench.suite import state as suite_state
    from mmcompose.deploy.start.at_hand import AtHand

    made = compiled(folder)
    name = file.stem
    try:
        data = file.read_bytes()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}", 2)
    read = matrix.read(name, str(file), data, sorted(made.profiles))
    if read.problems:
        raise Invalid(read.problems)
    state = suite_state.State(results(folder) / "suites" / name) if again else suite_state.read(
        results(folder) / "suites" / name
    )  # fmt: skip
    if dry_run:
        _tell(read, state)
        return
    failed = _measure(AtHand(root(folder), made), folder, read.cells, state, timeout)
    _sum_up(read, state, results(folder))
    whole = len(read.cells)
    note(f"{whole - len(failed)} of {whole} runs are done; {state.folder / suite_state.STATE} names them")
    if failed:
        fail("\n".join(["these failed; the same command tries them again:", *failed]), 4)


def _sum_up(read: Suite, state: State, below: Path) -> None:
    """Prints a table of all runs, and writes one page of them beside each other."""
    from mmcompose.bench.report import page_text
    from mmcompose.bench.suite import text
    from mmcompose.bench.whole_files import replace

    records = state.records(read.cells, below)
    codes = {key: int(outcome.get("code") or 0) for key, outcome in state.done.items()}
    say(table(text.rows(read.cells, codes, records), text.HEADS, Fit(text.LEAST)))
    if records:
        page = state.folder / "report.html"
        with writing(page):
            replace(page, page_text.page(list(records.values())))
        note(f"wrote {page}")


def _tell(read: Suite, state: State) -> None:
    for cell in read.cells:
        say(f"{'done ' if state.has(cell) else 'to do'}  {cell.shown}")
    left = sum(not state.has(cell) for cell in read.cells)
    note(f"{left} of {len(read.cells)} runs to do")


def _measure(here: AtHand, folder: str, cells: Sequence[Cell], state: State, timeout: float | None) -> list[str]:
    """Measures the open runs. Leaves no profile of the suite up, and calls Docker only for open runs."""
    from mmcompose.bench.session.work import Request
    from mmcompose.cli.bench.running import profile_runs

    if all(state.has(cell) for cell in cells):
        return []
    with visited(here, stays=False) as visit:

        def measure(cell: Cell) -> tuple[str | None, int]:
            values = overrides({"sets": cell.sets})
            request = Request(
                (cell.kind,), cell.options, values, take=True, timeout=timeout, typed=cell.command, visit=visit
            )
            found = list(profile_runs(folder, cell.profile, request, BenchProgress()))
            runs = [str(each.record.folder.relative_to(results(folder))) for each in found if each.record is not None]
            return (runs[-1] if runs else None), max((each.code for each in found), default=0)

        return state.go_on(cells, measure, note)
