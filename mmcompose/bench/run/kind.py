"""Begins and ends the program of a kind of benchmark, and shows and promotes its runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mmcompose.bench.report import run_text
from mmcompose.bench.results.envelope import envelope
from mmcompose.bench.results.record import Record
from mmcompose.bench.run.begun import Run
from mmcompose.bench.run.launch import Ended

Edit = tuple[tuple[str, ...], Any]
"""The path of a value in a profile, and the value."""


class ClientKind:
    """A kind of our own client, which writes its result itself. Other kinds say what is different."""

    tool = "mmbench"
    """The name of the program in results."""

    def begin(self, run: Run, known: Mapping[str, Any], context: str, arguments: Sequence[str]) -> Sequence[str]:  # noqa: ARG002
        """Prepares the folder, and returns the options that only this run has. `context` is the path of a file inside
        the container that holds what is `known`; `arguments` are those that a person gave."""
        label = known["run"].get("label")
        named = ("--label", label) if label else ()
        return ("--run-dir", run.inside, *named, "--context", context, "--progress", "json")

    def end(self, run: Run, ended: Ended, preset: Mapping[str, Any]) -> int:  # noqa: ARG002
        """Completes the result, to which the options of the profile's `preset` led; returns the exit code."""
        return run.ended(ended)

    def text(self, record: Record, *, width: int | None = None) -> str:
        """The run on a terminal of this width, or in a pipe."""
        return run_text.text(record, width=width)

    def markdown(self, record: Record) -> str:
        """The report."""
        return run_text.markdown(record)

    def edits(self, record: Record, several: bool, *, force: bool = False) -> list[Edit]:
        """The edits that keep it in the profile. `several`: it has more than one service; `force`: a late client
        counts. Raises Failure where there is none."""
        return [(("envelope", name), value) for name, value in envelope(record, several, force=force).items()]
