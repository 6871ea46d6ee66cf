"""Shows and keeps a run by its levels of load: the way for every kind without one of its own."""

from __future__ import annotations

from typing import Any

from mmcompose.bench.report import run_text
from mmcompose.bench.results.envelope import envelope
from mmcompose.bench.results.record import Record

Edit = tuple[tuple[str, ...], Any]
"""The path of a value in a profile, and the value."""


class Levels:
    """The answers of a kind once its run is over."""

    def text(self, record: Record, *, width: int | None = None) -> str:
        """The run on a terminal of this width, or in a pipe."""
        return run_text.text(record, width=width)

    def markdown(self, record: Record) -> str:
        """The report."""
        return run_text.markdown(record)

    def edits(self, record: Record, several: bool, *, force: bool = False) -> list[Edit]:
        """The edits that keep its results in the profile. `several`: it has more than one service; `force`: a late
        client counts. Raises NothingToPromoteError."""
        return [(("envelope", name), value) for name, value in envelope(record, several, force=force).items()]
