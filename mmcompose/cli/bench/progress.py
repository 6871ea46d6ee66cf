"""Shows the state of a load while it runs: one line, redrawn on a terminal, printed now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from mmcompose.cli.printing import streams
from mmcompose.cli.printing.output import note
from mmcompose.cli.printing.progress import RedrawnLine
from mmcompose.core.plain import one_line

if TYPE_CHECKING:
    from mmcompose.bench.run.launch import OutputLine
    from mmcompose.engines.known.benchmarks import Kind

_PLAIN_EVERY = 5.0


class BenchProgress(RedrawnLine):
    def __init__(self) -> None:
        super().__init__(streams.moving(err=True))
        self._last = -_PLAIN_EVERY

    def __call__(self, line: OutputLine) -> None:
        from mmcompose.bench.run.launch import worded

        if line.counts is None:
            return
        self._line(worded(line.counts), always="message" in line.counts)

    def _line(self, line: str, *, always: bool = False) -> None:
        """Prints a line into a pipe only now and then, however short the levels are: the table at the end has them
        all."""
        if self._live:
            self._over(line)
            return
        now = time.monotonic()
        if always or now - self._last >= _PLAIN_EVERY:
            self._last = now
            note(one_line(line))

    def of_kind(self, kind: Kind) -> Callable[[OutputLine], None]:
        return self if kind.ours else self.spoken

    def spoken(self, line: OutputLine) -> None:
        """Also prints lines that are no counts, for programs without a progress of ours."""
        if line.counts is not None:
            self(line)
        elif "%|" in line.text:
            self._line(line.text.strip())
        elif line.text.strip():
            self.end()
            note(one_line(line.text))
